"""How manifests name the version of a part, and what they say once it is a later one.

A pin (`==2.1.3`, `=0.16.20`, `v0.1.0`) becomes the new version if it is the old one. The lower
bound of a range (`^0.33.0`, `>=2.0,<4`, Cargo's bare `0.16`) is raised, and keeps its form, if the
range that comes of it has the new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from duanban.answers.interface import Edit
from duanban.answers.work import Text
from duanban.indexes.versions import KEYS


@dataclass(frozen=True, slots=True)
class Bump:
    """A part whose version is to change."""

    kind: str
    """Type of its package URL."""
    namespace: str
    name: str
    """Without the namespace."""
    old: str
    new: str

    @property
    def full(self) -> str:
        """The name as its ecosystem writes it."""
        joint = ":" if self.kind == "maven" else "/"
        return f"{self.namespace}{joint}{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Stays:
    """A place that names the part and is left."""

    offset: int
    reason: str


_EXACT = ("==", "===", "=", "")
_V = r"(?P<version>v?\d[\w.+!-]*)"
_SPECIFIER = r"(?:===?|~=|[<>!]=?)[ \t]*[\w.!+*-]+"
PATTERNS: Mapping[str, Sequence[str]] = {
    "pypi": (
        rf"(?i)(?<![\w./-])NAME(?:\[[^\]\n]*\])?[ \t]*"
        rf"(?P<range>{_SPECIFIER}(?:[ \t]*,[ \t]*{_SPECIFIER})*)",
        r"(?im)^[\"']?NAME[\"']?[ \t]*=[ \t]*(?:\{[^}\n]*?\bversion[ \t]*=[ \t]*)?"
        rf"[\"'](?:(?P<op>[\^~])?{_V}|(?P<range>{_SPECIFIER}(?:,[ \t]*{_SPECIFIER})*))[\"']",
    ),
    "npm": (rf'"NAME"[ \t]*:[ \t]*"(?P<op>[\^~=]|>=)?[ \t]*{_V}"',),
    "cargo": (
        r"(?m)^NAME[ \t]*=[ \t]*(?:\{[^}\n]*?\bversion[ \t]*=[ \t]*)?"
        rf'"(?P<op>[\^~=]|>=)?[ \t]*{_V}"',
        r"(?m)^\[(?:[^\]\n]+\.)?(?:dev-|build-)?dependencies\.NAME\][^\[]*?"
        rf'^version[ \t]*=[ \t]*"(?P<op>[\^~=]|>=)?[ \t]*{_V}"',
    ),
    "golang": (rf"(?im)(?:^[ \t]*(?:require[ \t]+)?|=>[ \t]*)NAME[ \t]+{_V}(?=\s|\Z)",),
    "maven": (
        r"<groupId>\s*GROUP\s*</groupId>\s*<artifactId>\s*NAME\s*</artifactId>\s*"
        r"<version>\s*(?:\$\{(?P<property>[\w.-]+)\}|(?P<version>[\w.-]+))\s*</version>",
        r"[\"']GROUP:NAME:(?P<version>[\w.-]+)",
        r"(?m)[\"']GROUP:NAME[\"'],[ \t]*version[ \t]*=[ \t]*\"(?P<version>[\w.-]+)\"",
        r"(?m)[\"']GROUP:NAME[\"'],[ \t]*version\.ref[ \t]*=[ \t]*\"(?P<property>[\w.-]+)\"",
    ),
}
"""Type of package URL to how manifests name a version; `NAME` and `GROUP` are the part's."""
_PROPERTY = r"(?m)<NAME>\s*(?P<version>[\w.-]+)\s*</NAME>|^NAME[ \t]*=[ \t]*\"(?P<ref>[\w.-]+)\""
_HASHES = re.compile(rb"[^\n]*\\\r?\n[ \t]*--hash=|[^\n]*--hash=")


def pins(bump: Bump, texts: Sequence[Text]) -> Iterator[tuple[Text, Edit | Stays]]:
    """Yield the edits of manifests that bring the new version, and what is left with the reason."""
    for text in texts:
        for pattern in PATTERNS[bump.kind]:
            for match in _compiled(pattern, bump).finditer(text.data):
                groups = match.groupdict()
                if name := groups.get("property"):
                    yield from _properties(bump, name.decode(), texts)
                elif found := _changed(bump, text, match):
                    yield text, found


def _compiled(pattern: str, bump: Bump) -> re.Pattern[bytes]:
    parts = re.split(r"[-_.]", bump.name) if bump.kind == "pypi" else None
    name = bump.full if bump.kind != "maven" else bump.name
    escaped = "[-_.]".join(map(re.escape, parts)) if parts else re.escape(name)
    wanted = pattern.replace("GROUP", re.escape(bump.namespace)).replace("NAME", escaped)
    return re.compile(wanted.encode())


def _properties(bump: Bump, name: str, texts: Sequence[Text]) -> Iterator[tuple[Text, Edit]]:
    """Yield the edits of what gives a property of Maven, or a version of Gradle's catalogue."""
    pattern = re.compile(_PROPERTY.replace("NAME", re.escape(name)).encode())
    for text in texts:
        for match in pattern.finditer(text.data):
            group = "version" if match["version"] else "ref"
            if match[group].decode() == bump.old:
                yield text, Edit(*match.span(group), bump.new.encode())


def _changed(bump: Bump, text: Text, match: re.Match[bytes]) -> Edit | Stays | None:
    """Return what becomes of a place that names a version; None if it is not about the old one."""
    groups = match.groupdict()
    if groups.get("range"):
        found = _specifiers(bump, match)
    else:
        operator = (groups.get("op") or b"").decode()
        bare = "^" if bump.kind in ("cargo", "pypi") else "="
        version = match["version"].decode()
        found = None
        if _counts(bump, operator or bare, version):
            found = Edit(*match.span("version"), _styled(bump.new, version).encode())
    if isinstance(found, Edit) and _HASHES.match(text.data, match.end()):
        return Stays(match.start(), _hashed(bump, text))
    return found


def _styled(new: str, old: str) -> str:
    """Return the new version with as many parts as the old one had, if that says the same."""
    short = re.fullmatch(rf"(\d+(?:\.\d+){{{old.count('.')}}})(?:\.0)*", new)
    return short[1] if short else new


def _counts(bump: Bump, operator: str, version: str) -> bool:
    """Return whether a pin names the old version, or a range begins at it or before."""
    key = KEYS[bump.kind]
    own, old = key(version), key(bump.old)
    if own is None or old is None:
        return version == bump.old
    return bool(own == old if operator in _EXACT else own <= old)


def _specifiers(bump: Bump, match: re.Match[bytes]) -> Edit | Stays | None:
    """Raise the lower bound among the specifiers of PEP 440, if the rest admits the new version."""
    text = match["range"].decode()
    for one in re.finditer(r"(===?|>=|~=)[ \t]*([\w.!+-]+)(?![\w.*])", text):
        if not _counts(bump, one[1], one[2]):
            continue
        raised = text[: one.start(2)] + bump.new + text[one.end(2) :]
        try:
            admits = SpecifierSet(raised).contains(bump.new, prereleases=True)
        except InvalidSpecifier:
            admits = False
        if not admits:
            return Stays(match.start(), f"{bump.full} is asked for as `{text}`")
        start = match.start("range") + one.start(2)
        return Edit(start, start + len(one[2]), bump.new.encode())
    return None


def _hashed(bump: Bump, text: Text) -> str:
    tool = "uv pip compile" if b"uv pip compile" in text.data[:4096] else "pip-compile"
    what = f"{bump.name}=={bump.new}"
    return f"it has hashes: `{tool} --generate-hashes --upgrade-package {what}` writes it anew"
