"""Reads npm's lock files: package-lock.json and npm-shrinkwrap.json, versions 1 to 3.

Format: npm CLI documentation v10, package-lock.json. The hidden
`node_modules/.package-lock.json` has the same form and tells what is really installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.npm_packages import NpmPackage, components, dependencies, ties
from duanban.inventory.npm_platform import Platform
from duanban.inventory.npm_ties import OldLock
from duanban.inventory.parse import Lines, as_table, as_text, load_json
from duanban.model import ComponentState

_MODULES = "node_modules/"
_HIDDEN = "node_modules/.package-lock.json"
_DEEPEST = 200
"""Nesting of packages inside packages that is followed."""
_LONGEST_PLACE = 4096
"""Characters of the place of a package: what Linux takes for a path (PATH_MAX)."""


class NpmLockReader:
    """Reads all three kinds of lock file."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the packages with their ties; the hidden lock gives installed packages only."""
        data = manifest.read()
        document = load_json(data)
        path = manifest.path
        entries = as_table(document.get("packages"))
        old = not entries
        if old:
            entries = _flattened(document)
        packages = {
            place: _package(place, entry, entries)
            for place, value in entries.items()
            if not (entry := as_table(value)).get("link")
        }
        installed = path.endswith(_HIDDEN)
        state = ComponentState.INSTALLED if installed else ComponentState.LOCKED
        found: Sequence[Tie] = ()
        if old:
            found = (OldLock(path),) if packages else ()
        elif not installed:
            found = tuple(ties(packages, path, Lines(data)))
        return Inventory(
            tuple(components(packages, path, state)),
            tuple(found),
            dependencies=dependencies(packages, path),
        )


def _package(place: str, entry: Mapping[str, Any], entries: Mapping[str, Any]) -> NpmPackage:
    _, modules, name = place.rpartition(_MODULES)

    def resolved(*fields: str) -> dict[str, str]:
        names = (name for field in fields for name in as_table(entry.get(field)))
        return {name: _resolve(entries, place, name) for name in names}

    return NpmPackage(
        # An alias may hide a package's own name.
        (as_text(entry.get("name")) or as_text(name)) if modules else "",
        as_text(entry.get("version")),
        f'"{place}"',
        Platform.of(entry),
        bool(entry.get("optional") or entry.get("devOptional")),
        bool(entry.get("hasInstallScript")),
        resolved("dependencies", "peerDependencies", "requires"),
        resolved("optionalDependencies"),
        resolved("devDependencies"),
    )


def _resolve(entries: Mapping[str, Any], place: str, name: str) -> str:
    """Return where Node would find `name` from `place`: nearest node_modules first."""
    for _ in range(_DEEPEST if len(place) <= _LONGEST_PLACE else 0):
        inner = f"{place}/{_MODULES}{name}" if place else f"{_MODULES}{name}"
        if inner in entries:
            return inner
        if not place:
            return ""
        place = place.rpartition(f"/{_MODULES}")[0] if f"/{_MODULES}" in place else ""
    return ""


def _flattened(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the nested packages of version 1 by the place where they would be installed.

    Their `dependencies` are packages below them, not what they ask for, and are taken out.
    """
    flat: dict[str, Any] = {}
    level = [("", document)]
    for _ in range(_DEEPEST):
        below = []
        for place, table in level:
            for name, value in as_table(table.get("dependencies")).items():
                inner = f"{place}/{_MODULES}{name}" if place else f"{_MODULES}{name}"
                entry = as_table(value)
                flat[inner] = {k: v for k, v in entry.items() if k != "dependencies"}
                below.append((inner, entry))
        level = below
    return flat
