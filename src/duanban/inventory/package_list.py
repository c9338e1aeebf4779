"""Reads the output of `dpkg -l` and `apt list --installed` that someone saved to a file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.dpkg import DebPackage, debian_inventory
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import Lines

_APT = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9+.-]+)/\S+ (?P<version>\S+) (?P<arch>[a-z0-9-]+) \[[^\]\n]*"
    r"(?:installed|upgradable|residual)[^\]\n]*\]$",
    re.MULTILINE,
)
_DPKG = re.compile(
    r"^[uihrp][iUFHWt][ R] +(?P<name>[a-z0-9][a-z0-9+.-]+)(?::(?P<qualifier>[a-z0-9-]+))? +"
    r"(?P<version>\S+) +(?P<arch>[a-z0-9-]+)(?: .*)?$",
    re.MULTILINE,
)


class PackageListReader:
    """Reads saved package lists; a file of that name with other content says nothing."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the installed packages that the list names."""
        data = manifest.read()
        text = data.decode("utf-8", "replace")
        packages = [
            DebPackage(match["name"], match["version"], match["arch"], installed=True)
            for pattern in (_APT, _DPKG)
            for match in pattern.finditer(text)
            if "[residual-config]" not in match[0]
        ]
        return debian_inventory(manifest.path, packages, Lines(data))
