"""Reads Alpine's database of installed packages, `lib/apk/db/installed`.

Format: Alpine wiki, "Apk spec", installed database: one letter, a colon and a value a line,
packages parted by empty lines. What somebody asked for stands in `etc/apk/world`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from duanban.inventory.distribution import DistributionPackage, installed_inventory, os_release
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import as_text
from duanban.inventory.purls import make_purl

PLACES = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_FIELDS = frozenset(b"PVAoDp")
_BARE = re.compile(r"[<>=~@]")


class ApkReader:
    """Reads the database of installed packages."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands where apk keeps it."""
        return path.endswith(PLACES)

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the installed packages and what they need."""
        place = next(one for one in PLACES[::-1] if manifest.path.endswith(one))
        root = manifest.path.removesuffix(place)
        vendor, _ = os_release(manifest, root)
        world = frozenset(_names(manifest.other(f"{root}etc/apk/world").decode("utf-8", "replace")))
        packages = list(_packages(manifest.read(), vendor or "alpine", world))
        return installed_inventory(manifest, packages)


def _packages(data: bytes, vendor: str, world: frozenset[str]) -> Iterator[DistributionPackage]:
    for stanza in data.split(b"\n\n"):
        fields = {
            line[0]: as_text(line[2:].decode("utf-8", "replace"))
            for line in stanza.split(b"\n")
            if line[1:2] == b":" and line[0] in _FIELDS
        }
        values = [fields.get(ord(letter), "") for letter in "PVAoDp"]
        name, version, architecture, origin, needs, provides = values
        if name and version:
            yield DistributionPackage(
                name,
                make_purl("apk", name.lower(), version, vendor, arch=architecture),
                source=make_purl("apk", origin.lower(), version, vendor, arch="source")
                if origin
                else "",
                requires=_names(needs),
                provides=_names(provides),
                wanted=name in world,
            )


def _names(text: str) -> list[str]:
    """Return the names of a list such as `busybox>=1.2 !uclibc so:libz.so.1`."""
    return [_BARE.split(word, maxsplit=1)[0] for word in text.split() if not word.startswith("!")]
