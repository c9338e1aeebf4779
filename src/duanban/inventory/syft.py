"""Reads syft's own JSON, which keeps where each part was found and by what.

Format: the schema of github.com/anchore/syft, versions 11 to 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duanban.inventory.edges import Edges
from duanban.inventory.interface import Inventory
from duanban.inventory.parse import as_table, as_text
from duanban.inventory.sbom import Bill, Details, as_tables
from duanban.model import ComponentState

_LOCKS = ("lock", ".mod", ".sum", "requirements")
_BINARIES = ("binary", "go-module-binary", "cargo-auditable", "java-archive")


def is_syft(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON document is syft's own."""
    return "artifacts" in document and "anchore/syft" in str(as_table(document.get("schema")))


def read_syft(path: str, document: Mapping[str, Any]) -> Inventory:
    """Return the artifacts, and who asks for whom."""
    bill = Bill(path)
    for one in as_tables(document.get("artifacts")):
        places = [as_text(each.get("path")) for each in as_tables(one.get("locations"))]
        bill.add(
            as_text(one.get("id")),
            as_text(one.get("purl")),
            Details(_state(as_text(one.get("foundBy")), places)),
        )
    edges = Edges(path)
    for one in as_tables(document.get("artifactRelationships")):
        if as_text(one.get("type")) == "dependency-of":
            bill.connect(edges, as_text(one.get("child")), as_text(one.get("parent")))
    return bill.inventory(edges)


def _state(found_by: str, places: list[str]) -> ComponentState | None:
    """Return the state that the way of finding a part speaks for."""
    if any(word in found_by for word in _BINARIES):
        return ComponentState.EMBEDDED
    if any(word in place.rpartition("/")[2] for place in places for word in _LOCKS):
        return ComponentState.LOCKED
    return ComponentState.INSTALLED if "installed" in found_by or "db" in found_by else None
