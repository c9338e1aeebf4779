"""What readers of distributions' package databases share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from duanban.inventory.edges import MOST_PROVIDERS, SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.model import Component, ComponentState, Dependency, DependencyKind, UnknownFact
from duanban.targets.interface import Target

_ANY = ("all", "any", "noarch", "")
_SETTING = re.compile(rb"""^(ID|VERSION_ID)=(["']?)([A-Za-z0-9._-]+)\2\s*$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DistributionPackage:
    """One installed binary package."""

    name: str
    purl: str
    source: str = ""
    """The purl of its source package."""
    requires: Sequence[str] = ()
    """Names of packages or of what packages provide."""
    recommends: Sequence[str] = ()
    provides: Sequence[str] = ()
    """Names besides its own."""
    wanted: bool = False
    """Whether somebody asked for it, rather than another package."""


def installed_inventory(manifest: Manifest, packages: Sequence[DistributionPackage]) -> Inventory:
    """Return the inventory of a database; whether a target has its packages, indexes tell."""
    components = tuple(
        Component(one.purl, ComponentState.INSTALLED, path=manifest.path, source=one.source)
        for one in packages
    )
    return Inventory(components, dependencies=_dependencies(manifest.path, packages))


def commonest(architectures: Iterable[str]) -> str:
    """Return the architecture that most packages have; empty if all are for any."""
    counted = Counter(one for one in architectures if one not in _ANY)
    return min(counted, key=lambda name: (-counted[name], name), default="")


def _dependencies(path: str, packages: Sequence[DistributionPackage]) -> tuple[Dependency, ...]:
    providers: dict[str, list[str]] = defaultdict(list)
    for one in packages:
        for name in (one.name, *one.provides):
            providers[name].append(one.purl)
    edges = Edges(path)
    for one in packages:
        if one.wanted:
            edges.add(SYSTEM, one.purl)
        for name in one.requires:
            for purl in providers.get(name, [])[:MOST_PROVIDERS]:
                edges.add(one.purl, purl)
        for name in one.recommends:
            for purl in providers.get(name, [])[:MOST_PROVIDERS]:
                edges.add(one.purl, purl, DependencyKind.OPTIONAL)
    return edges.all()


@dataclass(frozen=True, slots=True)
class Availability:
    """Packages that each have a file of their own, of a kind that no package index is read of."""

    path: str
    """The directory of the files, so that all of them ask one question."""
    machine: str
    title: str
    """What the packages are called."""
    index: str
    """What lists such packages for a machine."""

    def judge(self, target: Target) -> UnknownFact | None:
        """Return the missing fact, unless the packages are for the target's machine already."""
        machine = target.architecture.name
        if self.machine == machine:
            return None
        return UnknownFact(
            f"whether the {self.title} packages of {self.path} ({self.machine}) "
            f"exist for {machine} in {target.title}",
            f"compare with {self.index} for {machine} by hand",
        )


def os_release(manifest: Manifest, root: str) -> tuple[str, str]:
    """Return `ID` and `VERSION_ID` of the system at `root` (os-release(5)), or empty strings."""
    for place in ("etc/os-release", "usr/lib/os-release"):
        if data := manifest.other(root + place):
            return parse_os_release(data)
    return "", ""


def parse_os_release(data: bytes) -> tuple[str, str]:
    """Return `ID` and `VERSION_ID` of an os-release file."""
    found = {key: value.decode() for key, _, value in _SETTING.findall(data[:65536])}
    return found.get(b"ID", ""), found.get(b"VERSION_ID", "")
