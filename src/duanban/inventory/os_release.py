"""Reads os-release: which distribution, in which version, the system is (os-release(5))."""

from __future__ import annotations

from collections.abc import Sequence

from duanban.inventory.distribution import parse_os_release
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState


class OsReleaseReader:
    """Reads `etc/os-release` and `usr/lib/os-release`."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands where the manual page says."""
        return path.endswith(("etc/os-release", "usr/lib/os-release"))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the distribution as a part."""
        name, version = parse_os_release(manifest.read())
        if not name:
            return Inventory()
        purl = make_purl("generic", name, version)
        return Inventory((Component(purl, ComponentState.INSTALLED, path=manifest.path),))
