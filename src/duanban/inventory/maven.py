"""Reads what Java projects are made of: pom.xml, gradle.lockfile, and the records inside jars.

Formats: Maven "POM Reference"; Gradle User Manual, "Locking dependency versions"; Maven Archiver,
`META-INF/maven/GROUP/ARTIFACT/pom.properties`.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from duanban.binaries.zipsize import directory_size
from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.parse import NO_ARCHIVE, ZIP, DamagedError, first_line
from duanban.inventory.purls import make_purl
from duanban.inventory.xml_tree import child_text, load_xml
from duanban.model import Component, ComponentState, DependencyKind

_PROPERTY = re.compile(r"\$\{([^{}$]+)\}")
_LOCKED = re.compile(r"^(?P<group>[^\s:#]+):(?P<name>[^\s:]+):(?P<version>[^\s:=]+)=", re.MULTILINE)
_RECORD = re.compile(r"(?:^|/)META-INF/maven/[^/]+/[^/]+/pom\.properties\Z")
_PAIR = re.compile(r"^(groupId|artifactId|version)\s*[=:]\s*(\S+)\s*$", re.MULTILINE)
_DEPTH = 8
_LONGEST = 200
"""Characters of a name or version, and of what properties put into it."""
_MOST_MEMBERS = 100_000
_LARGEST_DIRECTORY = 8 << 20
_LARGEST_RECORD = 64 << 10
_ENCRYPTED = 1
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError),
    *(NotImplementedError, OverflowError, struct.error, IndexError),
)
"""What zipfile raises on damaged input."""


def maven_purl(group: str, name: str, version: str = "") -> str:
    """Return the package URL of a Maven artifact."""
    return make_purl("maven", name, version, group)


class PomReader:
    """Reads `pom.xml`."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the artifacts that the project asks for, or what an unpacked jar is."""
        root = load_xml(manifest.read())
        values = _properties(root)
        managed = {
            (group, name): version
            for group, name, version, _ in _asked(root, "dependencyManagement/dependencies", values)
        }
        if "/META-INF/maven/" in f"/{manifest.path}":
            return Inventory(tuple(_own(values, manifest.path)))
        components, edges = [], Edges(manifest.path)
        for group, name, version, kind in _asked(root, "dependencies", values):
            purl = maven_purl(group, name, version or managed.get((group, name), ""))
            components.append(Component(purl, ComponentState.DECLARED, path=manifest.path))
            edges.add(SYSTEM, purl, kind)
        return Inventory(tuple(components), dependencies=edges.all())


def _own(values: Mapping[str, str], path: str) -> Iterator[Component]:
    """Yield the artifact of an unpacked jar, which its record is about."""
    group, name, version = (
        values[f"project.{field}"] for field in ("groupId", "artifactId", "version")
    )
    if name:
        purl = maven_purl(group, name, "" if "$" in version else version)
        yield Component(purl, ComponentState.EMBEDDED, path=path)


def _properties(root: Element) -> dict[str, str]:
    parent = root.find("parent")
    inherited = parent if parent is not None else Element("none")
    values = {
        f"project.{field}": child_text(root, field) or child_text(inherited, field)
        for field in ("groupId", "artifactId", "version")
    }
    properties = root.find("properties")
    for element in properties if properties is not None else ():
        values[element.tag] = (element.text or "").strip()[:_LONGEST]
    return values


def _asked(
    root: Element, place: str, values: Mapping[str, str]
) -> Iterator[tuple[str, str, str, DependencyKind]]:
    for element in root.findall(f"{place}/dependency"):
        group, name, version = (
            _filled(child_text(element, field), values)
            for field in ("groupId", "artifactId", "version")
        )
        if not group or not name or "$" in group + name:
            continue
        kind = DependencyKind.REQUIRED
        if child_text(element, "scope") == "test":
            kind = DependencyKind.DEVELOPMENT
        elif child_text(element, "optional") == "true":
            kind = DependencyKind.OPTIONAL
        yield group, name, "" if set("$[(,") & set(version) else version, kind


def _filled(text: str, values: Mapping[str, str]) -> str:
    text = text[:_LONGEST]
    for _ in range(_DEPTH):
        filled = _PROPERTY.sub(lambda match: values.get(match[1], match[0]), text)
        if filled == text or len(filled) > _LONGEST:
            break
        text = filled
    return text


class GradleLockReader:
    """Reads `gradle.lockfile` and `buildscript-gradle.lockfile`."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked artifacts."""
        text = manifest.read().decode("utf-8", "replace")
        return Inventory(
            tuple(
                Component(maven_purl(*match.groups()), ComponentState.LOCKED, path=manifest.path)
                for match in _LOCKED.finditer(text)
            )
        )


class JarReader:
    """Reads the records of Maven artifacts inside a jar, its own and those packed into it."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by the end of its name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the artifacts; native code inside is looked at where native code is looked for."""
        data = manifest.read()
        stream = io.BytesIO(data)
        size = directory_size(stream)
        if size is None and not data.startswith(ZIP):
            raise DamagedError(NO_ARCHIVE)
        if size is None or size.bytes > _LARGEST_DIRECTORY or size.members > _MOST_MEMBERS:
            return Inventory()  # the look for native code says why
        found = []
        try:
            with zipfile.ZipFile(stream) as archive:
                for info in archive.infolist():
                    if _RECORD.search(info.filename) and not info.flag_bits & _ENCRYPTED:
                        with archive.open(info) as member:
                            text = member.read(_LARGEST_RECORD).decode("utf-8", "replace")
                        found.append(dict(_PAIR.findall(text)))
        except _DAMAGE as error:
            raise DamagedError(f"damaged zip file: {first_line(error)}") from None
        return Inventory(
            tuple(
                Component(
                    maven_purl(one["groupId"], one["artifactId"], one.get("version", "")),
                    ComponentState.EMBEDDED,
                    path=manifest.path,
                )
                for one in found
                if one.keys() >= {"groupId", "artifactId"}
            )
        )
