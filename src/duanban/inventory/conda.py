"""Reads the records of a conda environment: `conda-meta/NAME-VERSION-BUILD.json`.

Format: conda documentation, "Package metadata" and PrefixRecord.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.distribution import Availability
from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.native import machine_of_word
from duanban.inventory.parse import as_text, as_texts, load_json
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState

_PLACE = re.compile(r"(?:^|/)conda-meta/[^/]+\.json\Z")
_SIZES = {"linux-64": "x86_64", "linux-32": "i386"}
"""conda's oldest names of platforms, which do not say the machine; others end in it."""


class CondaReader:
    """Reads the record of one installed package."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands in an environment's `conda-meta`."""
        return bool(_PLACE.search(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the package, and the packages that it names as needed."""
        record = load_json(manifest.read())
        name, version = as_text(record.get("name")), as_text(record.get("version"))
        platform = as_text(record.get("subdir"))
        if not name or not version:
            return Inventory()
        channel = as_text(record.get("channel")).rstrip("/").removesuffix(f"/{platform}")
        purl = make_purl(
            "conda",
            name,
            version,
            build=as_text(record.get("build")),
            channel=channel.rpartition("/")[2],
            subdir=platform,
        )
        named = machine_of_word(platform) if platform.startswith("linux-") else ""
        machine = _SIZES.get(platform, named)
        edges = Edges(manifest.path)
        for text in as_texts(record.get("depends")):
            if words := text.split():
                edges.add(purl, make_purl("conda", words[0]))
        if as_text(record.get("requested_spec")):
            edges.add(SYSTEM, purl)
        component = Component(
            purl, ComponentState.INSTALLED, (machine,) if machine else (), manifest.path
        )
        place = manifest.path.rpartition("/")[0]
        ties = (Availability(place, machine, "conda", "`repodata.json`"),) if machine else ()
        return Inventory((component,), ties, dependencies=edges.all())
