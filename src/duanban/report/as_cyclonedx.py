"""The parts of the systems as a CycloneDX 1.6 bill of materials, in JSON.

Format: https://cyclonedx.org/docs/1.6/json/. What CycloneDX has no field for is in properties whose
names begin with `duanban:`; `inventory/cyclonedx.py` reads them back.
"""

from __future__ import annotations

import json
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from duanban.model import Component, Dependency, DependencyKind, Report, SystemReport
from duanban.report.as_json import without_surrogates
from duanban.report.interface import Options

_NAMESPACE = uuid.UUID("6ff1b0a5-9b3c-5f5e-8a53-9a1b7a2f1d60")
"""Ours, for serial numbers that only depend on the content."""
_SYSTEM_FILE = "os-release"


@dataclass(frozen=True, slots=True)
class CycloneDx:
    """What the systems are made of; findings and targets only as verdicts."""

    name: str = "cyclonedx"
    suffixes: tuple[str, ...] = (".cdx.json", ".cyclonedx.json", "bom.json")

    def render(self, report: Report, options: Options) -> str:
        """Return one document; several systems are components with components of their own."""
        document: dict[str, Any] = {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": _metadata(report),
            "components": [],
            "dependencies": [],
        }
        for number, system in enumerate(report.systems):
            alone = len(report.systems) == 1
            bill = _System(system, number, alone=alone)
            if alone:
                document["metadata"]["component"] = bill.subject()
                document["components"] = bill.components()
            else:
                document["components"].append(bill.subject() | {"components": bill.components()})
            document["dependencies"].extend(bill.dependencies())
        content = without_surrogates(document)
        serial = uuid.uuid5(_NAMESPACE, json.dumps(content, sort_keys=True))
        ordered = {"$schema": content.pop("$schema"), "serialNumber": f"urn:uuid:{serial}"}
        return json.dumps(ordered | content, indent=1, ensure_ascii=False) + "\n"


def _metadata(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (epoch := os.environ.get("SOURCE_DATE_EPOCH", "")).isdecimal():
        moment = datetime.fromtimestamp(int(epoch), UTC)
        found["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    tool = {"type": "application", "name": report.tool.name, "version": report.tool.version}
    return found | {"tools": {"components": [tool]}}


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"duanban:{name}", "value": value}


class _System:
    """One system as a component with its parts and what asks for what."""

    def __init__(self, system: SystemReport, number: int, *, alone: bool) -> None:
        self._system = system
        self._prefix = "" if alone else f"{number + 1}:"
        self._root = f"{self._prefix}system"
        self._paths = {one.purl: one.path for one in system.components}
        self._asked: dict[str, list[Dependency]] = defaultdict(list)
        for one in system.dependencies:
            self._asked[one.dependent].append(one)

    def subject(self) -> dict[str, Any]:
        """Return the system itself."""
        system = self._system
        properties = [_property("role", "system"), _property("locator", system.locator)]
        properties += [_property(f"verdict:{one.target}", one.verdict) for one in system.targets]
        properties += self._details("")
        found = {"type": "application", "bom-ref": self._root, "name": system.name or "system"}
        version = {"version": system.version} if system.version else {}
        return found | version | {"properties": properties}

    def components(self) -> list[dict[str, Any]]:
        """Return the parts."""
        return [self._component(one) for one in self._system.components]

    def _component(self, one: Component) -> dict[str, Any]:
        namespace, name, version = _names(one.purl)
        system_file = one.path.rpartition("/")[2] == _SYSTEM_FILE
        found: dict[str, Any] = {
            "type": "operating-system" if system_file else "library",
            "bom-ref": self._prefix + one.purl,
        }
        if namespace:
            found["group"] = namespace
        found["name"] = name
        if version:
            found["version"] = version
        found["purl"] = one.purl
        properties = [_property("state", one.state)]
        if one.architectures:
            properties.append(_property("architectures", " ".join(one.architectures)))
        if one.source:
            properties.append(_property("source", one.source))
        found["properties"] = [*properties, *self._details(one.purl)]
        if one.path:
            found["evidence"] = {"occurrences": [{"location": one.path}]}
        return found

    def _details(self, purl: str) -> Iterator[dict[str, str]]:
        """Yield what `dependsOn` cannot say: another kind, or another file that says so."""
        for one in self._asked.get(purl, ()):
            if one.kind is DependencyKind.REQUIRED and one.path == self._paths.get(purl):
                continue
            for wanted in one.requires:
                yield _property("dependency", f"{one.kind} {wanted} {one.path}")

    def dependencies(self) -> Iterator[dict[str, Any]]:
        """Yield who asks for whom, of whatever kind."""
        for purl in sorted(self._asked):
            wanted = sorted({each for one in self._asked[purl] for each in one.requires})
            yield {
                "ref": self._prefix + purl if purl else self._root,
                "dependsOn": [self._prefix + each for each in wanted],
            }


def _names(purl: str) -> tuple[str, str, str]:
    """Return namespace, name and version of a package URL, decoded."""
    path = purl.partition("?")[0].partition("#")[0]
    stem, _, version = path.partition("@")
    _, _, rest = stem.partition("/")
    namespace, _, name = rest.rpartition("/")
    return unquote(namespace), unquote(name), unquote(version)
