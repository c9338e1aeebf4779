"""What a distribution has of a part: its own packages, and those of languages that it packages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from duanban.depend.architecture import matches
from duanban.depend.version import version_key
from duanban.indexes.interface import Wanted
from duanban.indexes.tables import Row, Tables, stem_of
from duanban.inventory.knowledge import conventions
from duanban.model import Answer, Blocker, Offer, Provenance
from duanban.staves.interface import Cause
from duanban.targets.interface import Target

_NAMES = {"deb": "debian", "rpm": "rpm", "apk": "rpm"}
"""Type of package URL to the key of the architecture's names; Alpine names machines as RPM does."""

_LANGUAGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("deb", "pypi"): ("python3-{name}", "python3-{short}", "{name}"),
    ("deb", "npm"): ("node-{name}",),
    ("deb", "cargo"): ("librust-{name}-dev",),
    ("deb", "gem"): ("ruby-{name}",),
    ("rpm", "pypi"): ("python3-{name}", "python3-{short}"),
    ("rpm", "npm"): ("nodejs-{name}",),
    ("apk", "pypi"): ("py3-{name}", "py3-{short}"),
}
"""What distributions call packages of languages (Debian Python Policy 4.3, Debian's Javascript,
Rust and Ruby teams' policies, Fedora's Python packaging guidelines, Alpine's APKBUILD names)."""

_PREFIXES = {("deb", "pypi"): "python3-", ("rpm", "pypi"): "python3-", ("apk", "pypi"): "py3-"}
_BESIDE = ("-dbg", "-doc", "-dev", "-lib", "-tests", "-common")

_BINARY_REBUILD = re.compile(r"\+b\d+\Z")
_UPSTREAM = re.compile(r"(?:\d+:)?(.*?)(?:[+~](?:dfsg|ds|repack)[\d.]*)?(?:-[^-]*)?\Z")


class Distribution:
    """A distribution's copy.

    Args:
        source: what answers name as theirs.
        tables: its packages.
        type: of its own package URLs.
        reference: the architecture that has what others should have; empty where none is there.
    """

    def __init__(self, source: Provenance, tables: Tables, type: str, reference: str) -> None:
        self.source = source
        self.tables = tables
        self._type = type
        self._reference = reference if reference in tables.architectures else ""

    def concerns(self, wanted: Wanted) -> bool:
        """Return whether it may have such a part."""
        return wanted.type == self._type or (self._type, wanted.type) in _LANGUAGES

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Return what it has of a part; nothing if the copy is not for the target's machine."""
        names = target.architecture.names.get(_NAMES[self._type], (target.architecture.name,))
        for arch in names:
            if arch in self.tables.architectures:
                if wanted.type == self._type:
                    return (self._own(wanted, arch, names),)
                return tuple(self._of_language(wanted, arch))
        return ()

    def _own(self, wanted: Wanted, arch: str, names: Sequence[str]) -> Offer:
        row = self.tables.package(arch, wanted.name)
        if row is None:
            row = self._counterpart(wanted, arch, names) or self._provider(wanted, arch)
        if row is not None:
            return self._there(wanted, row)
        if self._reference and (other := self.tables.package(self._reference, wanted.name)):
            return self._gap(other, arch)
        if successor := self._successor(wanted, arch):
            return self._there(wanted, successor)
        if self._reference and (other := self._successor(wanted, self._reference)):
            return self._gap(other, arch)
        return self._none(GONE if self._reference else "no package of that name")

    def _there(self, wanted: Wanted, row: Row) -> Offer:
        if row.reason:
            reference = self.tables.package(self._reference, row.name)
            if reference is None or not reference.reason:
                held = self.tables.held(row.arch, "binary", row.name)
                ways = held.ways if held else ()
                return self._none(
                    f"cannot be installed: {row.reason}",
                    ways or ((Blocker(row.source, "cannot be installed"),),),
                    row.version,
                )
        same = row.name == wanted.name and _same(wanted.version, row.version)
        detail = ""
        if row.reason:
            detail = f"cannot be installed at present, on {self._reference} neither: {row.reason}"
        return Offer(
            Answer.SAME_VERSION if same else Answer.OTHER_VERSION,
            self.source,
            row.name if row.name != wanted.name else "",
            _BINARY_REBUILD.sub("", row.version),
            detail,
        )

    def _counterpart(self, wanted: Wanted, arch: str, names: Sequence[str]) -> Row | None:
        """Return the package that is for this machine what the wanted one is for another."""
        found = _machine_in(wanted.name)
        if found is None or not self._is_own(wanted, found[1]):
            return None
        before, _, after = found
        for name in dict.fromkeys((arch, *names, *_spellings(arch))):
            row = self.tables.package(arch, f"{before}{name}{after}")
            if row is not None:
                return row
        return None

    def _is_own(self, wanted: Wanted, machine: str) -> bool:
        """Return whether a machine in a package's name is the one that the system runs on.

        If it is not, the package serves that other machine (a cross compiler), here as there.
        """
        own = self._reference if wanted.architecture in INDEPENDENT else wanted.architecture
        return machine == own or machine in _spellings(own)

    def _provider(self, wanted: Wanted, arch: str) -> Row | None:
        """Return the package that provides the name; one of the same stem if there are several."""
        found = self.tables.providers(arch, wanted.name)
        stem = stem_of(wanted.name)
        alike = [row for row in found if stem_of(row.name) == stem]
        return (alike or found)[0] if found else None

    def _successor(self, wanted: Wanted, arch: str) -> Row | None:
        """Return the newest package whose name differs in numbers only."""
        found = self.tables.of_stem(arch, stem_of(wanted.name))
        machine = _machine_in(wanted.name)
        if machine is not None and not self._is_own(wanted, machine[1]):
            found = [row for row in found if machine[1] in row.name]
        if wanted.source:
            origin = stem_of(wanted.source)
            found = [row for row in found if stem_of(row.source) == origin]
        newest = sorted(
            found, key=lambda row: (version_key(row.version.encode()), -len(row.name), row.name)
        )
        return newest[-1] if newest else None

    def _gap(self, reference: Row, arch: str) -> Offer:
        """Say why the target lacks a package that the reference architecture has."""
        name = reference.source
        source = self.tables.source(name)
        held = self.tables.held(arch, "source", name)
        build = self.tables.held(arch, "build", name)
        listed = source.architectures if source else ""
        cause, detail = Cause.BUILD, "its build failed, or was not tried"
        if listed and not any(matches(one.encode(), arch.encode()) for one in listed.split()):
            cause, detail = Cause.ARCHITECTURE_LIST, f"it is for {listed} only"
        elif self.tables.built_from(arch, name) is not None:
            cause, detail = Cause.ABSENT_BINARY, "it is built there without this package"
        elif build is not None and build.reason:
            cause, detail = Cause.MISSING_DEPENDENCY, f"it cannot be built there: it {build.reason}"
        told = f"{self._reference} has it; source {name} {source.version if source else ''}"
        ways = held.ways if held and held.ways else ((Blocker(name, cause.value),),)
        return self._none(f"{told.strip()}: {detail}", ways)

    def _of_language(self, wanted: Wanted, arch: str) -> Iterator[Offer]:
        names = _candidates(self._type, wanted)
        rows = (self.tables.package(arch, name) for name in names)
        for row in (*rows, self._from_source(wanted, arch)):
            if row is None or (row.reason and not self._broken_on_reference(row.name)):
                continue
            same = not wanted.version or upstream(row.version) == wanted.version
            answer = Answer.SAME_VERSION if same else Answer.OTHER_VERSION
            yield Offer(
                answer,
                self.source,
                row.name,
                _BINARY_REBUILD.sub("", row.version),
                "as a package of the distribution",
            )
            return
        for name in names:
            if self._reference and (other := self.tables.package(self._reference, name)):
                yield self._gap(other, arch)
                return

    def _from_source(self, wanted: Wanted, arch: str) -> Row | None:
        """Return the package of a source that is called as the part (python3-yaml of pyyaml)."""
        prefix = _PREFIXES.get((self._type, wanted.type))
        if prefix is None:
            return None
        name = wanted.name.lower().replace("_", "-").replace(".", "-")
        found = [
            row
            for source in (name, f"python-{name}")
            for row in self.tables.of_source(arch, source)
            if row.name.startswith(prefix) and not row.name.endswith(_BESIDE)
        ]
        return min(found, key=lambda row: (len(row.name), row.name), default=None)

    def _broken_on_reference(self, name: str) -> bool:
        row = self.tables.package(self._reference, name)
        return row is not None and bool(row.reason)

    def _none(
        self, detail: str, ways: tuple[tuple[Blocker, ...], ...] = (), version: str = ""
    ) -> Offer:
        return Offer(Answer.NONE, self.source, version=version, detail=detail, ways=ways)


INDEPENDENT = frozenset({"all", "noarch", ""})
"""Architectures of packages that are the same everywhere."""
GONE = "on no architecture: renamed, dropped, or of another archive"
"""How an answer says that the distribution has no such package anywhere."""


@cache
def _machine_words() -> re.Pattern[str]:
    names = {n.replace("_", "-") for group in conventions().machine_names.values() for n in group}
    choice = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?<![a-z0-9])(?:{choice})(?![a-z0-9])")


def _machine_in(package: str) -> tuple[str, str, str] | None:
    """Return what stands before, in and after the machine that a package is named for."""
    found = _machine_words().search(package)
    return (package[: found.start()], found[0], package[found.end() :]) if found else None


def _spellings(arch: str) -> tuple[str, ...]:
    """Return what else people call an architecture, as package names spell it."""
    for names in conventions().machine_names.values():
        if arch in names:
            return tuple(name.replace("_", "-") for name in names)
    return ()


def upstream(version: str) -> str:
    """Return the upstream part of a distribution's version (Debian Policy 5.6.12)."""
    found = _UPSTREAM.match(version)
    return found[1] if found else version


def _same(wanted: str, there: str) -> bool:
    """Return whether two versions differ in nothing but a rebuild of the binary."""
    return not wanted or _BINARY_REBUILD.sub("", wanted) == _BINARY_REBUILD.sub("", there)


def _candidates(type: str, wanted: Wanted) -> list[str]:
    name = wanted.full_name.lower().replace("@", "").replace("/", "-").replace("_", "-")
    short = re.sub(r"^(?:python-?)|-?python$", "", name).strip("-") or name
    return list(
        dict.fromkeys(
            pattern.format(name=name, short=short) for pattern in _LANGUAGES[type, wanted.type]
        )
    )
