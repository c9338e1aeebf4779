"""Reads SPDX 3.0 bills of materials in JSON-LD, as the specification's own context writes them.

Format: https://spdx.github.io/spdx-spec/v3.0.1/ (Core and Software profiles).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duanban.inventory.edges import Edges
from duanban.inventory.interface import Inventory
from duanban.inventory.parse import as_list, as_text, as_texts
from duanban.inventory.sbom import Bill, as_tables
from duanban.model import DependencyKind

_PACKAGE = "software_Package"
_FORWARD = ("dependsOn", "contains", "hasDynamicLink", "hasStaticLink")
_OPTIONAL = ("hasOptionalDependency", "hasOptionalComponent", "hasProvidedDependency")
_SCOPES = {"development": DependencyKind.DEVELOPMENT, "test": DependencyKind.DEVELOPMENT}
_PURL_TYPES = ("packageUrl", "purl")


def is_spdx3(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON document is an SPDX one of version 3."""
    return bool(as_list(document.get("@graph"))) and "spdx.org" in str(document.get("@context"))


def read_spdx3(path: str, document: Mapping[str, Any]) -> Inventory:
    """Return the packages, and who asks for whom."""
    bill = Bill(path)
    elements = as_tables(document.get("@graph"))
    for one in elements:
        if as_text(one.get("type")) in ("software_Sbom", "SpdxDocument"):
            bill.roots.update(as_texts(one.get("rootElement")))
    for one in elements:
        if as_text(one.get("type")) == _PACKAGE:
            reference, purl = _reference(one), _purl(one)
            if purl or reference not in bill.roots:
                bill.add(reference, purl)
    edges = Edges(path)
    for one in elements:
        relation = as_text(one.get("relationshipType"))
        kind = DependencyKind.OPTIONAL if relation in _OPTIONAL else DependencyKind.REQUIRED
        kind = _SCOPES.get(as_text(one.get("scope")), kind)
        if relation not in (*_FORWARD, *_OPTIONAL):
            continue
        dependent = as_text(one.get("from"))
        for wanted in as_texts(one.get("to")):
            bill.connect(edges, dependent, wanted, kind=kind)
    return bill.inventory(edges)


def _reference(element: Mapping[str, Any]) -> str:
    return as_text(element.get("spdxId")) or as_text(element.get("@id"))


def _purl(element: Mapping[str, Any]) -> str:
    own = as_text(element.get("software_packageUrl"))
    if own:
        return own
    for one in as_tables(element.get("externalIdentifier")):
        if as_text(one.get("externalIdentifierType")) in _PURL_TYPES:
            return as_text(one.get("identifier"))
    return ""
