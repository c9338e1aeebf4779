"""Reads Debian package lists: dpkg's status database and `Packages` indexes.

Format: deb-control(5), dpkg(1) "Information about packages".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from duanban.inventory.distribution import commonest, os_release
from duanban.inventory.dpkg_relations import relations
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.inventory.parse import Lines
from duanban.inventory.purls import deb_purl
from duanban.model import Component, ComponentState, Finding, UnknownFact
from duanban.targets.interface import Target

_FIELDS = {b"Package", b"Version", b"Architecture", b"Status", b"Source"}
_RELATIONS = {b"Depends", b"Pre-Depends", b"Recommends", b"Provides"}
_LISTS = "var/lib/apt/lists/"
PARTED = "var/lib/dpkg/status.d"
"""Where images without dpkg keep one stanza a file."""
_GONE = (b"not-installed", b"config-files")


@dataclass(frozen=True, slots=True)
class DebPackage:
    """One binary package of a list."""

    name: str
    version: str
    architecture: str
    installed: bool
    vendor: str = "debian"
    """The distribution, for the package URL."""
    source: str = ""
    """The `Source` field: a name, and a version in brackets where it differs."""
    relations: Mapping[bytes, bytes] = field(default_factory=dict)
    """The relation fields as they stand, of installed packages only."""

    @property
    def purl(self) -> str:
        """The package URL."""
        return deb_purl(self.name, self.version, self.architecture, self.vendor)

    @property
    def source_purl(self) -> str:
        """The package URL of the source package."""
        name, _, bracketed = self.source.partition(" ")
        version = bracketed.strip("() ") or self.version
        return deb_purl(name or self.name, version, "source", self.vendor)


class DpkgReader:
    """Reads `var/lib/dpkg/status` or `status.d`, copies of the first, and `Packages` files."""

    def recognises(self, path: str) -> bool:
        """Return whether it may be one of those; what apt could install is no part of a system."""
        return _LISTS not in path and not path.endswith(".md5sums")

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the packages; nothing if the file has no package stanzas."""
        data = manifest.read()
        if b"Package:" not in data:
            return Inventory()
        root, parted, _ = manifest.path.rpartition(PARTED + "/")
        root = root if parted else manifest.path.removesuffix("var/lib/dpkg/status")
        vendor, _ = os_release(manifest, root)
        packages = list(_stanzas(data, vendor or "debian", always=bool(parted)))
        found = debian_inventory(manifest.path, packages, Lines(data))
        marks = manifest.path.removesuffix("dpkg/status") + "apt/extended_states"
        return replace(
            found,
            dependencies=relations(
                manifest.path, packages, manifest.other(marks), elsewhere=bool(parted)
            ),
        )


def _stanzas(data: bytes, vendor: str, *, always: bool) -> Iterator[DebPackage]:
    for stanza in data.replace(b"\r\n", b"\n").split(b"\n\n"):
        fields: dict[bytes, bytes] = {}
        for line in stanza.split(b"\n"):
            name, colon, value = line.partition(b":")
            if colon and (name in _FIELDS or name in _RELATIONS):
                fields[name] = value.strip()
        package, version = fields.get(b"Package"), fields.get(b"Version")
        if not package or not version:
            continue
        status = fields.get(b"Status", b"").split()
        if status and status[-1] in _GONE:
            continue
        installed = bool(status) or always
        there = _RELATIONS & fields.keys() if installed else ()
        yield DebPackage(
            package.decode("utf-8", "replace"),
            version.decode("utf-8", "replace"),
            fields.get(b"Architecture", b"").decode("utf-8", "replace"),
            installed,
            vendor,
            fields.get(b"Source", b"").decode("utf-8", "replace"),
            {name: fields[name] for name in there},
        )


def debian_inventory(path: str, packages: Sequence[DebPackage], lines: Lines) -> Inventory:
    """Return the inventory of a list of packages that stands in the file at `path`."""
    components = tuple(
        Component(
            package.purl,
            ComponentState.INSTALLED if package.installed else ComponentState.LOCKED,
            path=path,
            source=package.source_purl,
        )
        for package in packages
    )
    own = _own_architecture(packages)
    if not own:
        return Inventory(components)
    foreign: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        if package.architecture not in ("all", "", own):
            foreign[package.architecture].append(package.name)
    ties: list[Tie] = []
    for architecture, names in sorted(foreign.items()):
        line = lines.find(f"Architecture: {architecture}\n")
        ties.append(ForeignPackages(path, line, own, architecture, tuple(sorted(names))))
        lines = lines.restarted()
    return Inventory(components, tuple(ties))


def _own_architecture(packages: Sequence[DebPackage]) -> str:
    """Return the architecture of dpkg itself, else the commonest one; empty if there is none."""
    for package in packages:
        if package.name == "dpkg":
            return package.architecture
    return commonest(one.architecture for one in packages)


@dataclass(frozen=True, slots=True)
class ForeignPackages:
    """Packages of an architecture that is not the system's own."""

    path: str
    line: int
    own: str
    architecture: str
    names: tuple[str, ...]

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding, unless the foreign architecture is the target's."""
        if self.architecture in target.architecture.names.get("debian", ()):
            return None
        count = len(self.names)
        return make_finding(
            "os.dpkg.foreign-architecture",
            target,
            Evidence(self.path, self.line, occurrences=count),
            match=f"{count} {self.architecture} package{'s' if count > 1 else ''}",
            detail=f"{self.own}: {listed(self.names)}",
        )
