"""Reads yarn.lock: that of Yarn 1, which has a form of its own, and that of later versions, YAML.

Formats: Yarn 1 documentation, "yarn.lock"; Yarn 4 documentation, "Lockfile". Yarn 1 does not record
platforms: those of packages that are named after them are told by the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import SYSTEM
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.npm_packages import (
    ANYWHERE,
    NpmPackage,
    components,
    dependencies,
    ties,
)
from duanban.inventory.npm_platform import Platform, platform_of_name
from duanban.inventory.npm_ties import OldLock
from duanban.inventory.parse import DamagedError, Lines, as_table, as_text, load_json
from duanban.inventory.yaml_subset import load_yaml
from duanban.model import ComponentState

_HEADER = re.compile(r"^(?P<keys>[^\s#].*):\s*$")
_FIELD = re.compile(r'^  (?P<name>"[^"]*"|\S+) +"?(?P<value>[^"]*)"?\s*$')
_SECTION = re.compile(r"^  (?P<name>\w+):\s*$")
_ENTRY = re.compile(r'^    (?P<name>"[^"]*"|\S+) +"?(?P<value>[^"]*)"?\s*$')
_PROTOCOL = "npm:"


class YarnLockReader:
    """Reads yarn.lock of any version."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages with their ties."""
        data, path = manifest.read(), manifest.path
        old = b"__metadata:" not in data
        packages = dict(_version_1(data) if old else _berry(load_yaml(data), manifest))
        found: list[Tie] = list(ties(packages, path, Lines(data)))
        if old and packages:
            found.append(OldLock(path, "a lock file of Yarn 1"))
            packages[SYSTEM] = _project(manifest, packages)
        return Inventory(
            tuple(components(packages, path, ComponentState.LOCKED)),
            tuple(found),
            dependencies=dependencies(packages, path),
        )


def _package_json(manifest: Manifest) -> Mapping[str, Any]:
    directory = manifest.path.rpartition("/")[0]
    beside = f"{directory}/package.json" if directory else "package.json"
    try:
        return load_json(manifest.other(beside) or b"{}")
    except DamagedError:
        return {}


def _project(manifest: Manifest, packages: Mapping[str, NpmPackage]) -> NpmPackage:
    """Return what the package.json beside the lock asks for; Yarn 1 leaves that out."""
    document = _package_json(manifest)

    def keys(field: str) -> dict[str, str]:
        wanted = as_table(document.get(field)).items()
        return {name: f"{name}@{as_text(text)}" for name, text in wanted}

    return NpmPackage(
        "",
        dependencies=keys("dependencies"),
        optionals=keys("optionalDependencies"),
        development=keys("devDependencies"),
    )


def _version_1(data: bytes) -> Iterator[tuple[str, NpmPackage]]:
    """Yield every key of the file with its package; several keys may mean one."""
    for block in re.split(r"\n\s*\n", data.decode("utf-8", "replace").replace("\r\n", "\n")):
        keys: list[str] = []
        fields: dict[str, str] = {}
        sections: dict[str, dict[str, str]] = {}
        current: dict[str, str] = {}
        header = ""
        for line in block.split("\n"):
            if match := _HEADER.match(line):
                header = line
                keys = [as_text(key.strip().strip('"')) for key in match["keys"].split(", ")]
            elif match := _SECTION.match(line):
                current = sections.setdefault(match["name"], {})
            elif match := _ENTRY.match(line):
                name = as_text(match["name"].strip('"'))
                current[name] = f"{name}@{as_text(match['value'])}"
            elif match := _FIELD.match(line):
                fields[match["name"]] = as_text(match["value"])
        for key in filter(None, keys):
            name, alias, real = key.partition(f"@{_PROTOCOL}")
            if not alias:
                name = key[:1] + key[1:].partition("@")[0]
            elif "@" in real[1:]:
                name = real.rpartition("@")[0]
            platform = platform_of_name(name)
            yield (
                key,
                NpmPackage(
                    name,
                    fields.get("version", ""),
                    header,
                    platform or ANYWHERE,
                    platform is not None,
                    None,
                    sections.get("dependencies", {}),
                    sections.get("optionalDependencies", {}),
                ),
            )


def _berry(document: Mapping[str, Any], manifest: Manifest) -> Iterator[tuple[str, NpmPackage]]:
    optional = _optional_keys(document)
    # The lock does not tell the project's development dependencies from the others.
    work = as_table(_package_json(manifest).get("devDependencies")).keys()
    for joined, value in document.items():
        entry = as_table(value)
        if joined == "__metadata" or not entry:
            continue
        keys = [key.strip() for key in joined.split(",")]
        name, _, version = as_text(entry.get("resolution")).partition("@" + _PROTOCOL)
        own = entry.get("linkType") == "soft" or not version
        meta = as_table(entry.get("dependenciesMeta"))
        wanted: dict[str, str] = {}
        optionals: dict[str, str] = {}
        development: dict[str, str] = {}
        for other, text in as_table(entry.get("dependencies")).items():
            weak = as_table(meta.get(other)).get("optional") is True
            chosen = optionals if weak else development if own and other in work else wanted
            chosen[other] = f"{other}@{as_text(text)}"
        package = NpmPackage(
            "" if own else name,
            as_text(entry.get("version")),
            f'"{joined}"',
            _conditions(as_text(entry.get("conditions"))),
            any(key in optional for key in keys),
            None,
            wanted,
            optionals,
            development,
        )
        yield from ((key, package) for key in keys)


def _optional_keys(document: Mapping[str, Any]) -> set[str]:
    """Return the keys that some package asks for as optional."""
    found: set[str] = set()
    for value in document.values():
        entry = as_table(value)
        meta = as_table(entry.get("dependenciesMeta"))
        for name, text in as_table(entry.get("dependencies")).items():
            if as_table(meta.get(name)).get("optional") is True:
                found.add(f"{name}@{as_text(text)}")
    return found


def _conditions(text: str) -> Platform:
    """Return the platform of `os=linux & cpu=x64 & libc=glibc`, with `|` between alternatives."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split("&"):
        names = [word.strip(" ()").partition("=") for word in part.split("|")]
        key = names[0][0].strip()
        found[key] = tuple(value for _, _, value in names if value)
    return Platform(found.get("os", ()), found.get("cpu", ()), found.get("libc", ()))
