"""A pinned dependency without the target → the first later version that has it, as an index says.

`markupsafe==2.1.3` becomes `markupsafe==3.0.3` for riscv64 if the copy of the index (`duanban
index`) has wheels for it since then. Manifests are changed (requirements, pyproject.toml,
setup.cfg, package.json, Cargo.toml, go.mod, pom.xml); lock files hold hashes and are made anew by
their own tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from urllib.parse import unquote

from packaging.version import InvalidVersion, Version

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Text, Work
from duanban.model import Answer, ShortPart

_PURL = re.compile(r"pkg:(\w+)/([^@?]+)@([^?]+)")
_MANIFESTS = (
    "requirements.txt", "requirements.in", "pyproject.toml", "setup.cfg", "setup.py",
    "package.json", "Cargo.toml", "go.mod", "pom.xml",
)  # fmt: skip
_LOCK = re.compile(r"(?:\.lock|-lock\.json|shrinkwrap\.json|go\.sum|\.lockb?|pnpm-lock\.yaml)$")
ASSUMES = "{name} {new} can stand in for {old}: what changed between them is to be read"
PINS = {
    "pypi": r"(?i)(?<![\w.-]){name}(?:\[[^\]\n]*\])?[ \t]*===?[ \t]*({version})(?![\w.*])",
    "npm": r'"{name}"[ \t]*:[ \t]*"[\^~]?({version})"',
    "cargo": r'(?m)^{name}[ \t]*=[ \t]*(?:\{{[^}}\n]*version[ \t]*=[ \t]*)?"[=^~]?({version})"',
    "golang": r"(?m)^[ \t]*(?:require[ \t]+)?{name}[ \t]+({version})(?![\w.-])",
    "maven": r"<artifactId>\s*{name}\s*</artifactId>\s*<version>\s*({version})\s*</version>",
}
"""How manifests name a version: type of the package URL to a pattern."""


class DependencyBump:
    """See the module."""

    name = "dependency-bump"
    title = "a pinned dependency becomes the first later version that has the target"
    rules = ("library.available.*", "library.python.wheels", "library.npm.prebuilt")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per pin, and each short part that no manifest pins."""
        for part in work.result.parts:
            match = _PURL.match(part.component)
            new = first_later(part)
            if match is None or match[1] not in PINS or not new:
                continue
            yield from self._part(work, part, (match[1], unquote(match[2]), unquote(match[3])), new)

    def _part(
        self, work: Work, part: ShortPart, wanted: tuple[str, str, str], new: str
    ) -> Iterator[Outcome]:
        kind, full, old = wanted
        name = full.rpartition("/")[2] if kind == "maven" else full
        ids = (part.finding,) if part.finding else ()
        pattern = pin_pattern(kind, name, old)
        found = False
        for text in _manifests(work, part.path):
            edits = tuple(
                Edit(*match.span(1), new.encode()) for match in pattern.finditer(text.data)
            )
            if edits:
                found = True
                index = part.offers[0].source
                why = f"{name} {new} has the target ({index.index}, {index.date})"
                assumes = (ASSUMES.format(name=name, new=new, old=old),)
                yield Change(self.name, text.path, edits, why, assumes, ids)
        if not found:
            reason = f"{name} {new} has the target; no manifest beside it pins {old}"
            yield Refusal(self.name, part.path, 0, reason, ids)


def first_later(part: ShortPart) -> str:
    """Return the lowest version above the wanted one that an index has for the target."""
    match = _PURL.match(part.component)
    own = _version(unquote(match[3])) if match else None
    offered = [
        (version, offer.version)
        for offer in part.offers
        if offer.answer is Answer.OTHER_VERSION
        and not offer.name
        and (version := _version(offer.version))
    ]
    later = [pair for pair in offered if own is not None and pair[0] > own]
    return min(later)[1] if later else ""


def _version(text: str) -> Version | None:
    try:
        return Version(text.removeprefix("v"))
    except InvalidVersion:
        return None


def pin_pattern(kind: str, name: str, version: str) -> re.Pattern[bytes]:
    """Return what finds a version of a part in a manifest; its first group is the version."""
    parts = re.split(r"[-_.]", name) if kind == "pypi" else [name]
    escaped = "[-_.]".join(re.escape(part) for part in parts)
    return re.compile(PINS[kind].format(name=escaped, version=re.escape(version)).encode())


def _manifests(work: Work, path: str) -> Iterator[Text]:
    """Yield the file that names a part, unless it is a lock file, and manifests beside it."""
    place = dirname(path)
    beside = [f"{place}/{name}".lstrip("/") for name in _MANIFESTS]
    for one in dict.fromkeys([path, *beside]):
        text = work.text(one) if not _LOCK.search(one) else None
        if text is not None:
            yield text
