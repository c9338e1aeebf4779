"""Reads what Rust crates are made of: Cargo.lock and Cargo.toml.

Formats: The Cargo Book, "The Manifest Format" and "Cargo.toml vs Cargo.lock".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import MOST_PROVIDERS, SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import as_list, as_table, as_text, as_texts, load_toml
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState, DependencyKind

_EXACT = re.compile(r"=\s*(?P<version>\d+\.\d+\.\d+\S*)\Z")
_TABLES = {
    "dependencies": DependencyKind.REQUIRED,
    "build-dependencies": DependencyKind.REQUIRED,
    "dev-dependencies": DependencyKind.DEVELOPMENT,
}


def cargo_purl(name: str, version: str = "") -> str:
    """Return the package URL of a crate."""
    return make_purl("cargo", name, version)


class CargoLockReader:
    """Reads `Cargo.lock`, all versions."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked crates; those without a source are the project's own."""
        document = load_toml(manifest.read())
        packages = [as_table(item) for item in as_list(document.get("package"))]
        versions: dict[str, list[str]] = defaultdict(list)
        own: set[tuple[str, str]] = set()
        for one in packages:
            key = as_text(one.get("name")), as_text(one.get("version"))
            versions[key[0]].append(key[1])
            if not as_text(one.get("source")):
                own.add(key)
        components, edges = [], Edges(manifest.path)
        for one in packages:
            key = as_text(one.get("name")), as_text(one.get("version"))
            if not key[0]:
                continue
            if key not in own:
                purl = cargo_purl(*key)
                components.append(Component(purl, ComponentState.LOCKED, path=manifest.path))
            for text in as_texts(one.get("dependencies")):
                name, _, rest = text.partition(" ")
                version = rest.partition(" ")[0]
                for each in [version] if version else versions.get(name, [])[:MOST_PROVIDERS]:
                    if (name, each) not in own:
                        dependent = SYSTEM if key in own else cargo_purl(*key)
                        edges.add(dependent, cargo_purl(name, each))
        return Inventory(tuple(components), dependencies=edges.all())


class CargoTomlReader:
    """Reads the dependencies in `Cargo.toml`."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the crates that the project asks for."""
        document = load_toml(manifest.read())
        workspace = as_table(document.get("workspace"))
        tables = [document, workspace, *map(as_table, as_table(document.get("target")).values())]
        components, edges = [], Edges(manifest.path)
        for table in tables:
            for field, kind in _TABLES.items():
                for name, version, optional in _asked(as_table(table.get(field))):
                    purl = cargo_purl(name, version)
                    components.append(Component(purl, ComponentState.DECLARED, path=manifest.path))
                    weak = optional and kind is DependencyKind.REQUIRED
                    edges.add(SYSTEM, purl, DependencyKind.OPTIONAL if weak else kind)
        locked = "Cargo.lock" in siblings
        return Inventory(tuple(components), dependencies=() if locked else edges.all())


def _asked(table: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield name, exact version if there is one, and whether it is optional."""
    for alias, value in table.items():
        spec = as_table(value)
        if "path" in spec:  # the project's own
            continue
        name = as_text(spec.get("package")) or as_text(alias)
        exact = _EXACT.match(as_text(spec.get("version") or value))
        if name:
            yield name, exact["version"] if exact else "", spec.get("optional") is True
