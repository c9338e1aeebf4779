"""Reads installed and unpacked Python distributions: dist-info directories and PKG-INFO.

Formats: https://packaging.python.org/en/latest/specifications/recording-installed-packages/ and
https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.edges import Edges
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import Evidence
from duanban.inventory.parse import Lines
from duanban.inventory.purls import pypi_name, pypi_purl
from duanban.inventory.wheel_file import WheelTags, linux_machines
from duanban.inventory.wheel_tags import parse_platform
from duanban.model import Component, ComponentState, Dependency, DependencyKind

INFO = ".dist-info"
_REQUIRED_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SITE = re.compile(r"(?:^|/)(?:site|dist)-packages/[^/]+\.egg-info/PKG-INFO\Z")


def _headers(data: bytes, name: bytes) -> list[str]:
    """Return the values of a header that may come several times; headers end at an empty line."""
    values = []
    for line in data.splitlines():
        if not line.strip():
            break
        key, _, value = line.partition(b":")
        if key.lower() == name:
            values.append(value.strip().decode("utf-8", "replace"))
    return [value for value in values if value.isprintable()]


class WheelRecordReader:
    """Reads `NAME-VERSION.dist-info/WHEEL`: the tags of an installed or unpacked wheel."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands in a dist-info directory."""
        return path.rpartition("/")[0].endswith(INFO)

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the distribution; an unpacked wheel for certain machines is also a tie."""
        data = manifest.read()
        tags = {
            platform
            for tag in _headers(data, b"tag")
            for platform in tag.rpartition("-")[2].split(".")
        }
        ordered = tuple(sorted(tags))
        directory = manifest.path.rpartition("/")[0].rpartition("/")[2]
        name, _, version = directory.removesuffix(INFO).partition("-")
        if not name:
            return Inventory()
        purl = pypi_purl(name, version)
        installed = "INSTALLER" in siblings
        state = ComponentState.INSTALLED if installed else ComponentState.EMBEDDED
        component = Component(purl, state, linux_machines(ordered), manifest.path)
        metadata = manifest.other(manifest.path.removesuffix("WHEEL") + "METADATA")
        edges = requirements(purl, metadata, manifest.path)
        ties: tuple[Tie, ...] = ()
        if not installed and any(parse_platform(tag).system != "any" for tag in ordered):
            evidence = Evidence(manifest.path, Lines(data).find("Tag:"), purl)
            ties = (WheelTags(evidence, f"{name} {version}".strip(), ordered),)
        return Inventory((component,), ties, dependencies=edges)


class MetadataReader:
    """Reads `METADATA` of a dist-info directory without `WHEEL`, as distributions install it."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands in a dist-info directory."""
        return path.rpartition("/")[0].endswith(INFO)

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the distribution and what it asks for."""
        if "WHEEL" in siblings:
            return Inventory()
        data = manifest.read()
        names, versions = _headers(data, b"name"), _headers(data, b"version")
        if not names or not names[0]:
            return Inventory()
        purl = pypi_purl(names[0], versions[0] if versions else "")
        component = Component(purl, ComponentState.INSTALLED, path=manifest.path)
        return Inventory((component,), dependencies=requirements(purl, data, manifest.path))


def requirements(purl: str, metadata: bytes, path: str) -> tuple[Dependency, ...]:
    """Return what the core metadata of a distribution says that it needs (`Requires-Dist`)."""
    edges = Edges(path)
    for text in _headers(metadata, b"requires-dist"):
        if match := _REQUIRED_NAME.match(text):
            extra = "extra" in text.partition(";")[2]
            kind = DependencyKind.OPTIONAL if extra else DependencyKind.REQUIRED
            edges.add(purl, pypi_purl(pypi_name(match[0])), kind)
    return edges.all()


class PkgInfoReader:
    """Reads `PKG-INFO`: of an unpacked source distribution, or of an egg-info directory."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the distribution that the file describes."""
        data = manifest.read()
        names, versions = _headers(data, b"name"), _headers(data, b"version")
        if not names or not names[0]:
            return Inventory()
        purl = pypi_purl(names[0], versions[0] if versions else "")
        installed = bool(_SITE.search(manifest.path))
        state = ComponentState.INSTALLED if installed else ComponentState.EMBEDDED
        return Inventory((Component(purl, state, path=manifest.path),))
