"""Reads pnpm-lock.yaml, versions 5 to 9.

Format: pnpm's "Lockfile" specifications (github.com/pnpm/spec/tree/master/lockfile, 5.2 to 9.0).
Keys are `/name/1.0.0_peer@2`, `/name@1.0.0(peer@2)` or `name@1.0.0(peer@2)`; from version 9 on,
what a package asks for stands in `snapshots`, what it is in `packages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.npm_packages import NpmPackage, components, dependencies, ties
from duanban.inventory.npm_platform import Platform
from duanban.inventory.parse import Lines, as_table, as_text
from duanban.inventory.yaml_subset import load_yaml
from duanban.model import ComponentState


class PnpmLockReader:
    """Reads pnpm's lock file."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages with their ties."""
        data = manifest.read()
        packages = dict(_packages(load_yaml(data)))
        path = manifest.path
        return Inventory(
            tuple(components(packages, path, ComponentState.LOCKED)),
            tuple(ties(packages, path, Lines(data))),
            dependencies=dependencies(packages, path),
        )


def _packages(document: Mapping[str, Any]) -> Iterator[tuple[str, NpmPackage]]:
    version = as_text(document.get("lockfileVersion"))
    slashes = version.partition(".")[0] in ("", "1", "2", "3", "4", "5")
    about = as_table(document.get("packages"))
    snapshots = as_table(document.get("snapshots")) or about
    importers = as_table(document.get("importers")) or {".": document}
    for place, value in importers.items():
        yield f"importer {place}", _package("", "", as_table(value), snapshots)
    for key, value in snapshots.items():
        asks = as_table(value)
        described = as_table(about.get(key) or about.get(key.partition("(")[0]))
        name, version = _split(key, slashes)
        own = as_text(described.get("name")) or name
        version = as_text(described.get("version")) or version
        yield key, _package(own, version, {**described, **asks}, snapshots, key)


def _split(key: str, slashes: bool) -> tuple[str, str]:
    """Return name and version that a key is made of."""
    bare = key.partition("(")[0]
    if slashes:
        bare = bare.partition("_")[0] if "_" in bare.rpartition("/")[2] else bare
        name, _, version = bare.rpartition("/")
        # A key of another registry than the usual one begins with its host.
        return name.partition("/")[2], version
    name, _, version = bare.lstrip("/").rpartition("@")
    return name, version


def _package(
    name: str, version: str, entry: Mapping[str, Any], snapshots: Mapping[str, Any], key: str = ""
) -> NpmPackage:
    def resolved(field: str) -> dict[str, str]:
        return {
            wanted: _key(wanted, reference, snapshots)
            for wanted, reference in as_table(entry.get(field)).items()
        }

    return NpmPackage(
        name,
        version,
        key,
        Platform.of(entry),
        entry.get("optional") is True,
        # pnpm says so of every optional package that it has not looked into.
        True if entry.get("requiresBuild") is True and entry.get("optional") is not True else None,
        resolved("dependencies"),
        resolved("optionalDependencies"),
        resolved("devDependencies"),
    )


def _key(name: str, reference: object, snapshots: Mapping[str, Any]) -> str:
    """Return the key that a reference means: a version, or a key of its own for an alias."""
    text = as_text(as_table(reference).get("version")) or as_text(reference)
    forms = (f"{name}@{text}", f"/{name}@{text}", f"/{name}/{text}", text, f"/{text}")
    return next((form for form in forms if form in snapshots), "")
