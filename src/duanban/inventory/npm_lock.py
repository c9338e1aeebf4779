"""Reads npm's lock files: package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

Format: npm CLI documentation v10, package-lock.json. The hidden
`node_modules/.package-lock.json` has the same form and tells what is really installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import Evidence, conventions
from duanban.inventory.npm_platform import Platform
from duanban.inventory.npm_ties import (
    InstallScripts,
    NativeAddon,
    OldLock,
    PlatformFamily,
    RequiredPlatform,
)
from duanban.inventory.parse import Lines, as_table, as_text, load_json
from duanban.inventory.purls import npm_purl
from duanban.model import Component, ComponentState, Dependency, DependencyKind

_MODULES = "node_modules/"
_HIDDEN = "node_modules/.package-lock.json"
_FIELDS = {
    "dependencies": DependencyKind.REQUIRED,
    "peerDependencies": DependencyKind.REQUIRED,
    "optionalDependencies": DependencyKind.OPTIONAL,
    "devDependencies": DependencyKind.DEVELOPMENT,
}
_DEEPEST = 200
"""Nesting of a version 1 lock file that is followed."""


class NpmLockReader:
    """Reads all three kinds of lock file."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the packages with their ties; the hidden lock gives installed packages only."""
        data = manifest.read()
        document = load_json(data)
        packages = as_table(document.get("packages"))
        if not packages:
            return _version_1(manifest.path, document)
        edges = _edges(packages, manifest.path)
        if manifest.path.endswith(_HIDDEN):
            components = _components(packages, manifest.path, ComponentState.INSTALLED)
            return Inventory(tuple(components), dependencies=edges)
        components = _components(packages, manifest.path, ComponentState.LOCKED)
        ties = _Ties(manifest.path, packages, Lines(data)).all()
        return Inventory(tuple(components), tuple(ties), dependencies=edges)


def _name(place: str, entry: Mapping[str, Any]) -> str:
    """Return a package's own name, which an alias may hide; empty for the project's own parts."""
    _, modules, name = place.rpartition(_MODULES)
    return (as_text(entry.get("name")) or as_text(name)) if modules else ""


def _components(
    packages: Mapping[str, Any], path: str, state: ComponentState
) -> Iterator[Component]:
    for place, value in packages.items():
        entry = as_table(value)
        name = _name(place, entry)
        if name and not entry.get("link"):
            yield Component(npm_purl(name, as_text(entry.get("version"))), state, path=path)


def _purl(place: str, entry: Mapping[str, Any]) -> str:
    """Return the purl of the package at `place`; empty for the project's own parts."""
    name = _name(place, entry)
    return npm_purl(name, as_text(entry.get("version"))) if name else SYSTEM


def _edges(packages: Mapping[str, Any], path: str) -> tuple[Dependency, ...]:
    edges = Edges(path)
    for place, value in packages.items():
        entry = as_table(value)
        if entry.get("link"):
            continue
        own = _purl(place, entry)
        for field, kind in _FIELDS.items():
            if field == "devDependencies" and own != SYSTEM:
                continue  # those of the packages that are used are not installed
            for name in as_table(entry.get(field)):
                inner = resolve(packages, place, name)
                target = as_table(packages.get(inner))
                if inner and not target.get("link"):
                    edges.add(own, _purl(inner, target), kind)
    return edges.all()


def resolve(packages: Mapping[str, Any], place: str, name: str) -> str:
    """Return where Node would find `name` from `place`: nearest node_modules first."""
    while True:
        inner = f"{place}/{_MODULES}{name}" if place else f"{_MODULES}{name}"
        if inner in packages:
            return inner
        if not place:
            return ""
        place = place.rpartition(f"/{_MODULES}")[0] if f"/{_MODULES}" in place else ""


def _version_1(path: str, document: Mapping[str, Any]) -> Inventory:
    components: list[Component] = []
    flat = _flattened(document)
    for place, entry in flat.items():
        if purl := _purl(place, entry):
            components.append(Component(purl, ComponentState.LOCKED, path=path))
    edges = Edges(path)
    for place, entry in flat.items():
        for name in as_table(entry.get("requires")):
            inner = resolve(flat, place, name)
            edges.add(_purl(place, entry), _purl(inner, flat.get(inner, {})))
    ties: tuple[Tie, ...] = (OldLock(path),) if components else ()
    return Inventory(tuple(components), ties, dependencies=edges.all())


def _flattened(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the nested packages of version 1 by the place where they would be installed."""
    flat: dict[str, Mapping[str, Any]] = {}
    level = [("", document)]
    for _ in range(_DEEPEST):
        below = []
        for place, table in level:
            for name, value in as_table(table.get("dependencies")).items():
                inner = f"{place}/{_MODULES}{name}" if place else f"{_MODULES}{name}"
                flat[inner] = as_table(value)
                below.append((inner, flat[inner]))
        level = below
    return flat


class _Ties:
    """Finds the ties of a lock file of version 2 or 3."""

    def __init__(self, path: str, packages: Mapping[str, Any], lines: Lines) -> None:
        self.path = path
        self.packages = packages
        self.lines = lines
        self.hidden: list[tuple[str, str]] = []

    def all(self) -> Iterator[Tie]:
        """Yield the ties in the order in which the packages stand in the file."""
        for place, value in self.packages.items():
            entry = as_table(value)
            name = _name(place, entry)
            if name and not entry.get("link"):
                yield from self._of(place, entry, name)
        if self.hidden:
            hidden = sorted(set(self.hidden))
            names = tuple(dict.fromkeys(name for name, _ in hidden))
            yield InstallScripts(self.path, names, tuple(purl for _, purl in hidden))

    def _of(self, place: str, entry: Mapping[str, Any], name: str) -> Iterator[Tie]:
        platform = Platform.of(entry)
        parts = tuple(self._parts(place, entry))
        required = bool(platform) and not (entry.get("optional") or entry.get("devOptional"))
        script = bool(entry.get("hasInstallScript"))
        family = any(part.for_linux and part.cpu for part in parts)
        if not (required or family or script):
            return
        version = as_text(entry.get("version"))
        evidence = Evidence(self.path, self.lines.find(f'"{place}"'), npm_purl(name, version))
        title = f"{name} {version}".strip()
        if required:
            yield RequiredPlatform(evidence, title, platform)
        if family:
            yield PlatformFamily(evidence, title, platform, parts)
        elif script and platform.for_linux:
            helpers = conventions().npm_native_helpers & as_table(entry.get("dependencies")).keys()
            if helpers:
                yield NativeAddon(evidence, title, tuple(sorted(helpers)), platform)
            else:
                self.hidden.append((name, evidence.component))

    def _parts(self, place: str, entry: Mapping[str, Any]) -> Iterator[Platform]:
        """Yield the platforms of the optional dependencies that are for certain platforms."""
        for dependency in as_table(entry.get("optionalDependencies")):
            inner = resolve(self.packages, place, dependency)
            platform = Platform.of(as_table(self.packages.get(inner)))
            if platform:
                yield platform
