"""Reads CycloneDX bills of materials, JSON and XML, versions 1.2 to 1.7.

Format: https://cyclonedx.org/docs/1.6/json/ and the XML schema of the same version. XML is turned
into the form that JSON has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from duanban.inventory.edges import Edges
from duanban.inventory.interface import Inventory
from duanban.inventory.parse import as_list, as_table, as_text, as_texts
from duanban.inventory.sbom import Bill, Details, as_tables, is_purl, texts_of
from duanban.model import ComponentState, DependencyKind

PROPERTY = "duanban:"
"""What the names of our own properties begin with."""
_DEEPEST = 50
_NO_PACKAGES = frozenset(
    {"operating-system", "device", "data", "cryptographic-asset", "machine-learning-model"}
)
"""Types of components that are no packages where they have no package URL."""
_SCOPES = {"optional": DependencyKind.OPTIONAL, "excluded": DependencyKind.DEVELOPMENT}
_PHASES = {
    "pre-build": ComponentState.LOCKED,
    "post-build": ComponentState.EMBEDDED,
    "operations": ComponentState.INSTALLED,
    "discovery": ComponentState.INSTALLED,
}
"""Lifecycle of a document to the state of what it names."""


def read_cyclonedx(path: str, document: Mapping[str, Any]) -> Inventory:
    """Return the parts of a document in JSON's form, and who asks for whom."""
    metadata = as_table(document.get("metadata"))
    phases = [as_text(one.get("phase")) for one in as_tables(metadata.get("lifecycles"))]
    states = {_PHASES[phase] for phase in phases if phase in _PHASES}
    bill = Bill(path, states.pop() if len(states) == 1 else None)
    subject = as_table(metadata.get("component"))
    bill.roots.add(as_text(subject.get("bom-ref")))
    components = [*as_tables(document.get("components")), *as_tables(subject.get("components"))]
    told = set(_told(bill, subject))
    for one in _nested(components):
        told.update(_told(bill, one))
        _add(bill, one)
    edges = Edges(path)
    for dependent, kind, wanted, place in sorted(told):
        edges.add(dependent, wanted, DependencyKind(kind), place)
    known = {(dependent, wanted) for dependent, _, wanted, _ in told}
    for one in as_tables(document.get("dependencies")):
        for wanted in as_texts(one.get("dependsOn")):
            bill.connect(edges, as_text(one.get("ref")), wanted, known)
    return bill.inventory(edges)


def _own_properties(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what our own report has added to a component."""
    for each in as_tables(one.get("properties")):
        name = as_text(each.get("name"))
        if name.startswith(PROPERTY):
            yield name.removeprefix(PROPERTY), as_text(each.get("value"))


def _told(bill: Bill, one: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield dependent, kind, wanted part and file of the dependencies in our own properties."""
    properties = list(_own_properties(one))
    if ("role", "system") in properties:
        bill.roots.add(as_text(one.get("bom-ref")))
    for name, value in properties:
        kind, _, rest = value.partition(" ")
        wanted, _, place = rest.partition(" ")
        if name == "dependency" and kind in set(DependencyKind) and is_purl(wanted):
            yield as_text(one.get("purl")), kind, wanted, place


def _nested(components: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the components, and those inside them."""
    todo = [(one, 0) for one in reversed(components)]
    while todo:
        one, depth = todo.pop()
        yield one
        if depth < _DEEPEST:
            todo.extend((each, depth + 1) for each in reversed(as_tables(one.get("components"))))


def _add(bill: Bill, one: Mapping[str, Any]) -> None:
    own = dict(_own_properties(one))
    evidence = as_table(one.get("evidence"))
    places = texts_of(as_tables(evidence.get("occurrences")), "location")
    state = own.get("state", "")
    purl, kind = as_text(one.get("purl")), as_text(one.get("type"))
    if kind == "file" or own.get("role") == "system" or (not purl and kind in _NO_PACKAGES):
        return
    reference = as_text(one.get("bom-ref")) or purl
    scope = as_text(one.get("scope"))
    if scope in _SCOPES:
        bill.weak[reference] = _SCOPES[scope]
    bill.add(
        reference,
        purl,
        Details(
            ComponentState(state) if state in set(ComponentState) else None,
            own.get("architectures", "").split(),
            own.get("source", ""),
            places[0] if own and places else "",
        ),
    )


def cyclonedx_from_xml(root: Element) -> Mapping[str, Any]:
    """Return an XML document in the form that JSON has, as far as it is read."""
    metadata = root.find("metadata")
    found: dict[str, Any] = {
        "components": _components(root),
        "dependencies": [
            {"ref": one.get("ref"), "dependsOn": [each.get("ref") for each in one]}
            for one in root.findall("dependencies/dependency")
        ],
    }
    if metadata is not None:
        subject = metadata.find("component")
        found["metadata"] = {
            "component": {} if subject is None else _component(subject),
            "lifecycles": [
                {"phase": (one.findtext("phase") or "").strip()}
                for one in metadata.findall("lifecycles/lifecycle")
            ],
        }
    return found


def _components(parent: Element) -> list[dict[str, Any]]:
    return [_component(one) for one in parent.findall("components/component")]


def _component(one: Element) -> dict[str, Any]:
    return {
        "type": one.get("type"),
        "bom-ref": one.get("bom-ref"),
        "scope": (one.findtext("scope") or "").strip(),
        "purl": (one.findtext("purl") or "").strip(),
        "properties": [
            {"name": each.get("name"), "value": (each.text or "").strip()}
            for each in one.findall("properties/property")
        ],
        "evidence": {
            "occurrences": [
                {"location": (each.findtext("location") or "").strip()}
                for each in one.findall("evidence/occurrences/occurrence")
            ]
        },
        "components": _components(one),
    }


def is_cyclonedx(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON document is a CycloneDX one."""
    return as_text(document.get("bomFormat")) == "CycloneDX" or (
        "specVersion" in document and bool(as_list(document.get("components")))
    )
