"""Reads composer.lock and vendor/composer/installed.json: PHP packages.

Format: Composer documentation, "composer.lock" and the schema of composer.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import DamagedError, as_list, as_table, as_text, load_json
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState, DependencyKind


def composer_purl(name: str, version: str = "") -> str:
    """Return the package URL of a `vendor/name` package."""
    vendor, _, base = name.lower().rpartition("/")
    return make_purl("composer", base, version.removeprefix("v"), vendor)


class ComposerReader:
    """Reads the lock file, and the record of what is installed."""

    def recognises(self, path: str) -> bool:
        """Return whether it is one of the two."""
        return path.endswith(("composer.lock", "vendor/composer/installed.json"))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the packages and what they ask for."""
        document = load_json(manifest.read())
        installed = not manifest.path.endswith("composer.lock")
        state = ComponentState.INSTALLED if installed else ComponentState.LOCKED
        found, edges = [], Edges(manifest.path)
        for field in ("packages", "packages-dev"):
            for item in map(as_table, as_list(document.get(field))):
                name = as_text(item.get("name"))
                if "/" not in name:
                    continue
                purl = composer_purl(name, as_text(item.get("version")))
                found.append(Component(purl, state, path=manifest.path))
                for other in as_table(item.get("require")):
                    if "/" in other:  # the rest are PHP and its extensions
                        edges.add(purl, composer_purl(other))
        if not installed:
            _roots(manifest, edges)
        return Inventory(tuple(found), dependencies=edges.all())


def _roots(manifest: Manifest, edges: Edges) -> None:
    beside = manifest.path.removesuffix("lock") + "json"
    try:
        document: Mapping[str, Any] = load_json(manifest.other(beside) or b"{}")
    except DamagedError:
        return
    for field, kind in (
        ("require", DependencyKind.REQUIRED),
        ("require-dev", DependencyKind.DEVELOPMENT),
    ):
        for name in as_table(document.get(field)):
            if "/" in name:
                edges.add(SYSTEM, composer_purl(name), kind)
