"""Reads pacman's local database: `var/lib/pacman/local/NAME-VERSION/desc`.

Format: alpm-db-desc(5): a `%FIELD%` line, its values a line each, an empty line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.distribution import Availability, os_release
from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import as_text
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState, DependencyKind

_PLACE = re.compile(r"(?P<root>(?:.*/)?)var/lib/pacman/local/[^/]+/desc\Z")
_BARE = re.compile(r"[<>=:]")
_BY_DEPENDENCY = "1"
"""The value of `%REASON%` of packages that only others asked for."""


class PacmanReader:
    """Reads the record of one installed package."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands in a local database."""
        return bool(_PLACE.match(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the package, and the packages that it names as needed."""
        match = _PLACE.match(manifest.path)
        root = match["root"] if match else ""
        vendor = os_release(manifest, root)[0] or "arch"
        fields = _fields(manifest.read())
        name, version = (" ".join(fields.get(key, ())[:1]) for key in ("NAME", "VERSION"))
        if not name or not version:
            return Inventory()
        architecture = " ".join(fields.get("ARCH", ())[:1])
        purl = make_purl("alpm", name.lower(), version, vendor, arch=architecture)
        base = " ".join(fields.get("BASE", ())[:1])
        source = make_purl("alpm", base.lower(), version, vendor, arch="source") if base else ""
        edges = Edges(manifest.path)
        for field, kind in (
            ("DEPENDS", DependencyKind.REQUIRED),
            ("OPTDEPENDS", DependencyKind.OPTIONAL),
        ):
            for wanted in fields.get(field, ()):
                bare = _BARE.split(wanted, maxsplit=1)[0].strip()
                edges.add(purl, make_purl("alpm", bare.lower(), "", vendor), kind)
        if fields.get("REASON", [""])[:1] != [_BY_DEPENDENCY]:
            edges.add(SYSTEM, purl)
        component = Component(purl, ComponentState.INSTALLED, path=manifest.path, source=source)
        for_any = architecture in ("any", "")
        place = f"{root}var/lib/pacman/local"
        ties = (
            ()
            if for_any
            else (Availability(place, architecture, "pacman", "the repositories' databases"),)
        )
        return Inventory((component,), ties, dependencies=edges.all())


def _fields(data: bytes) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in data.decode("utf-8", "replace").split("\n"):
        if len(line) > 2 and line.startswith("%") and line.endswith("%"):
            values = fields.setdefault(line.strip("%"), [])
        elif text := as_text(line.strip()):
            values.append(text)
    return fields
