"""Reads a file that is a bill of materials by its name, in whatever format it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from duanban.inventory.cyclonedx import cyclonedx_from_xml, is_cyclonedx, read_cyclonedx
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import load_json
from duanban.inventory.spdx import is_spdx, read_spdx, spdx_from_tags
from duanban.inventory.spdx3 import is_spdx3, read_spdx3
from duanban.inventory.syft import is_syft, read_syft
from duanban.inventory.xml_tree import load_xml

_NAME = re.compile(
    r"(?:^|/)(?:(?:[^/]*[._-])?s?bom\.(?:json|xml)"
    r"|[^/]*\.(?:cdx|cyclonedx|spdx|spdx3|syft)\.(?:json|xml|jsonld)|[^/]*\.spdx|[^/]*\.spdx3)\Z",
    re.IGNORECASE,
)
SUFFIXES = (".json", ".xml", ".spdx", ".spdx3", ".jsonld")
"""Endings of the names that a bill may have."""


class SbomReader:
    """Reads CycloneDX, SPDX 2 and 3, and syft's JSON."""

    def recognises(self, path: str) -> bool:
        """Return whether the name is one that bills of materials are given."""
        return bool(_NAME.search(path))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the parts that the bill names; nothing if the file is something else."""
        data = manifest.read()
        head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith(b"<"):
            root = load_xml(data)
            if root.tag != "bom":
                return Inventory()
            return read_cyclonedx(manifest.path, cyclonedx_from_xml(root))
        if head.startswith(b"SPDXVersion:") or b"\nSPDXVersion:" in head:
            return read_spdx(manifest.path, spdx_from_tags(data))
        if not head.startswith(b"{"):
            return Inventory()
        return _of_json(manifest, data)


def _of_json(manifest: Manifest, data: bytes) -> Inventory:
    document = load_json(data)
    for recognised, read in (
        (is_cyclonedx, read_cyclonedx),
        (is_spdx, read_spdx),
        (is_spdx3, read_spdx3),
        (is_syft, read_syft),
    ):
        if recognised(document):
            return read(manifest.path, document)
    return Inventory()
