"""Reads SPDX bills of materials of versions 2.2 and 2.3: JSON, and the tag-value form.

Format: https://spdx.github.io/spdx-spec/v2.3/. The tag-value form is turned into JSON's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from duanban.inventory.edges import Edges
from duanban.inventory.interface import Inventory
from duanban.inventory.parse import as_text, as_texts
from duanban.inventory.sbom import Bill, as_tables
from duanban.model import DependencyKind

_FORWARD = {
    "DEPENDS_ON": DependencyKind.REQUIRED,
    "CONTAINS": DependencyKind.REQUIRED,
    "DYNAMIC_LINK": DependencyKind.REQUIRED,
    "STATIC_LINK": DependencyKind.REQUIRED,
}
_BACKWARD = {
    "DEPENDENCY_OF": DependencyKind.REQUIRED,
    "RUNTIME_DEPENDENCY_OF": DependencyKind.REQUIRED,
    "CONTAINED_BY": DependencyKind.REQUIRED,
    "OPTIONAL_DEPENDENCY_OF": DependencyKind.OPTIONAL,
    "PROVIDED_DEPENDENCY_OF": DependencyKind.OPTIONAL,
    "DEV_DEPENDENCY_OF": DependencyKind.DEVELOPMENT,
    "BUILD_DEPENDENCY_OF": DependencyKind.DEVELOPMENT,
    "TEST_DEPENDENCY_OF": DependencyKind.DEVELOPMENT,
}
_TAG = re.compile(r"^(?P<tag>[A-Za-z0-9]+):[ \t]*(?P<value>.*)$")
_DOCUMENT = "SPDXRef-DOCUMENT"


def is_spdx(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON document is an SPDX one of version 2."""
    return as_text(document.get("spdxVersion")).startswith("SPDX-2")


def read_spdx(path: str, document: Mapping[str, Any]) -> Inventory:
    """Return the packages of a document in JSON's form, and who asks for whom."""
    bill = Bill(path)
    relations = [
        (as_text(one.get("spdxElementId")), as_text(one.get("relationshipType")).upper(), to)
        for one in as_tables(document.get("relationships"))
        if (to := as_text(one.get("relatedSpdxElement")))
    ]
    bill.roots.update({_DOCUMENT, *as_texts(document.get("documentDescribes"))})
    bill.roots.update(to for start, kind, to in relations if kind == "DESCRIBES" and start)
    bill.roots.update(start for start, kind, _ in relations if kind == "DESCRIBED_BY")
    packages = as_tables(document.get("packages"))
    if len(bill.roots) > len(packages) // 2 + 1:  # documents that describe each package by itself
        bill.roots.intersection_update({_DOCUMENT})
    for one in packages:
        reference = as_text(one.get("SPDXID"))
        purls = [
            as_text(each.get("referenceLocator"))
            for each in as_tables(one.get("externalRefs"))
            if as_text(each.get("referenceType")).lower() == "purl"
        ]
        if purls or reference not in bill.roots:
            for purl in purls or [""]:
                bill.add(reference, purl)
    edges = Edges(path)
    for start, kind, to in relations:
        if kind in _FORWARD:
            bill.connect(edges, start, to, kind=_FORWARD[kind])
        elif kind in _BACKWARD:
            bill.connect(edges, to, start, kind=_BACKWARD[kind])
    return bill.inventory(edges)


def spdx_from_tags(data: bytes) -> Mapping[str, Any]:
    """Return a tag-value document in the form that JSON has, as far as it is read."""
    first, *rest = data.decode("utf-8", "replace").split("<text>")
    text = first + "".join(part.partition("</text>")[2] for part in rest)
    packages: list[dict[str, Any]] = []
    relations: list[dict[str, str]] = []
    found: dict[str, Any] = {"packages": packages, "relationships": relations}
    in_file = False
    for line in text.splitlines():
        match = _TAG.match(line)
        if match is None:
            continue
        tag, value = match["tag"], match["value"].strip()
        if tag == "SPDXVersion":
            found["spdxVersion"] = value
        elif tag == "PackageName":
            packages.append({"name": value, "externalRefs": []})
            in_file = False
        elif tag in ("FileName", "SnippetSPDXID"):
            in_file = True
        elif tag == "SPDXID" and packages and not in_file:
            packages[-1].setdefault("SPDXID", value)
        elif tag == "ExternalRef" and packages:
            words = value.split()
            if len(words) >= 3:
                reference = {"referenceType": words[1], "referenceLocator": words[2]}
                packages[-1]["externalRefs"].append(reference)
        elif tag == "Relationship":
            words = value.split()
            if len(words) >= 3:
                names = ("spdxElementId", "relationshipType", "relatedSpdxElement")
                relations.append(dict(zip(names, words, strict=False)))
    return found
