"""Packages of the npm world as any of its lock files has them, and what they come to.

npm, pnpm and Yarn write different files of the same facts; each reader turns its own into these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Tie
from duanban.inventory.knowledge import Evidence, conventions
from duanban.inventory.npm_platform import Platform
from duanban.inventory.npm_ties import (
    InstallScripts,
    NativeAddon,
    PlatformFamily,
    RequiredPlatform,
)
from duanban.inventory.parse import Lines
from duanban.inventory.purls import npm_purl
from duanban.model import Component, ComponentState, Dependency, DependencyKind

ANYWHERE = Platform((), (), ())
"""The platform of a package that says nothing of platforms."""


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """One entry of a lock file."""

    name: str
    """Empty for the project's own parts, whose dependencies are the system's."""
    version: str = ""
    place: str = ""
    """The text that stands where the file speaks of the package."""
    platform: Platform = ANYWHERE
    optional: bool = False
    """Whether installation goes on without it."""
    script: bool | None = False
    """Whether it runs a script when it is installed; None where the file does not say."""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    """Name to the key of the entry that is meant; an empty key where there is none."""
    optionals: Mapping[str, str] = field(default_factory=dict)
    development: Mapping[str, str] = field(default_factory=dict)

    @property
    def purl(self) -> str:
        """The package URL; empty for the project's own parts."""
        return npm_purl(self.name, self.version) if self.name else SYSTEM


Packages = Mapping[str, NpmPackage]
"""The entries of a lock file by their keys, in the order of the file."""


def components(packages: Packages, path: str, state: ComponentState) -> Iterator[Component]:
    """Yield the packages as parts; two entries may be the same part."""
    for one in packages.values():
        if one.name:
            yield Component(one.purl, state, path=path)


def dependencies(packages: Packages, path: str) -> tuple[Dependency, ...]:
    """Return which package asks for which."""
    edges = Edges(path)
    for one in packages.values():
        kinds = [
            (one.dependencies, DependencyKind.REQUIRED),
            (one.optionals, DependencyKind.OPTIONAL),
        ]
        if not one.name:  # those of the packages that are used are not installed
            kinds.append((one.development, DependencyKind.DEVELOPMENT))
        for wanted, kind in kinds:
            for key in wanted.values():
                if key in packages:
                    edges.add(one.purl, packages[key].purl, kind)
    return edges.all()


def ties(packages: Packages, path: str, lines: Lines) -> Iterator[Tie]:
    """Yield the ties in the order in which the packages stand in the file."""
    hidden: set[tuple[str, str]] = set()
    for one in packages.values():
        if one.name:
            yield from _ties_of(one, packages, (path, lines), hidden)
    if hidden:
        ordered = sorted(hidden)
        names = tuple(dict.fromkeys(name for name, _ in ordered))
        yield InstallScripts(path, names, tuple(purl for _, purl in ordered))


def _ties_of(
    one: NpmPackage, packages: Packages, where: tuple[str, Lines], hidden: set[tuple[str, str]]
) -> Iterator[Tie]:
    chosen = (packages[key].platform for key in one.optionals.values() if key in packages)
    parts = tuple(part for part in chosen if part)
    required = bool(one.platform) and not one.optional
    family = any(part.for_linux and part.cpu for part in parts)
    known = conventions().npm_native_helpers
    helpers = frozenset() if one.name in known else known & one.dependencies.keys()
    if not (required or family or one.script or (one.script is None and helpers)):
        return
    path, lines = where
    evidence = Evidence(path, lines.find(one.place), one.purl)
    title = f"{one.name} {one.version}".strip()
    if required:
        yield RequiredPlatform(evidence, title, one.platform)
    if family:
        yield PlatformFamily(evidence, title, one.platform, parts)
    elif one.script is not False and one.platform.for_linux:
        if helpers:
            yield NativeAddon(evidence, title, tuple(sorted(helpers)), one.platform)
        elif one.script:
            hidden.add((one.name, one.purl))
