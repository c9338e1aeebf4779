"""Reads Python lock files: uv.lock, poetry.lock, pylock.toml (PEP 751) and Pipfile.lock.

Formats: the projects' documentation, and
https://packaging.python.org/en/latest/specifications/pylock-toml/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest, Tie
from duanban.inventory.knowledge import Evidence
from duanban.inventory.parse import (
    Lines,
    as_list,
    as_table,
    as_text,
    load_json,
    load_toml,
)
from duanban.inventory.purls import pypi_name, pypi_purl
from duanban.inventory.python_needs import marker_holds
from duanban.inventory.python_ties import LockedFiles, NoFileNames, SourceOnly
from duanban.inventory.uv_graph import Key, UvGraph
from duanban.inventory.wheel_file import linux_machines
from duanban.inventory.wheel_tags import platform_tags
from duanban.model import Component, ComponentState, DependencyKind
from duanban.targets.interface import Target

_PYLOCK = re.compile(r"pylock(\.[^.]+)?\.toml\Z")
_TOML_PLACE = 'name = "NAME"\n'
"""How a package's own table names it; what depends on it names it in the middle of a line."""
_JSON_PLACE = '"NAME":'
Needed = Callable[[Target], bool]


class UvReader:
    """Reads `uv.lock`, which names every file of every release."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages, each with a tie to the files it can be installed from."""
        data = manifest.read()
        document = load_toml(data)
        packages = [as_table(one) for one in as_list(document.get("package"))]
        graph = UvGraph(packages, as_text(document.get("requires-python")))
        builder = _Builder(manifest.path, Lines(data), _TOML_PLACE)
        for package in packages:
            name, version = as_text(package.get("name")), as_text(package.get("version"))
            source = as_table(package.get("source"))
            if not name or source.keys() & {"virtual", "editable", "directory"}:
                continue
            key = name, version
            files = [*_names(package.get("wheels")), *_names([package.get("sdist")])]
            from_source = "git" in source
            builder.add(name, version, files, _by_graph(graph, key), from_source)
        for dependent, wanted, kind in graph.edges():
            purl = pypi_purl(*dependent) if dependent else SYSTEM
            builder.edges.add(purl, pypi_purl(*wanted), kind)
        return builder.inventory()


class PylockReader:
    """Reads `pylock.toml` and `pylock.NAME.toml`."""

    def recognises(self, path: str) -> bool:
        """Return whether the name is one that the specification gives."""
        return bool(_PYLOCK.match(path.rpartition("/")[2]))

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages, each with a tie to the files it can be installed from."""
        data = manifest.read()
        document = load_toml(data)
        pythons = as_text(document.get("requires-python"))
        builder = _Builder(manifest.path, Lines(data), _TOML_PLACE)
        for item in as_list(document.get("packages")):
            package = as_table(item)
            if package.keys() & {"directory"}:
                continue
            files = [*_names(package.get("wheels")), *_names([package.get("sdist")])]
            needed = _by_marker(as_text(package.get("marker")), pythons)
            name, version = as_text(package.get("name")), as_text(package.get("version"))
            builder.add(name, version, files, needed, bool(package.keys() & {"vcs", "archive"}))
            for other in map(as_table, as_list(package.get("dependencies"))):
                wanted = as_text(other.get("name")), as_text(other.get("version"))
                if name and wanted[0]:
                    builder.edges.add(pypi_purl(name, version), pypi_purl(*wanted))
        return builder.inventory()


class PoetryReader:
    """Reads `poetry.lock`."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages, each with a tie to the files it can be installed from."""
        data = manifest.read()
        document = load_toml(data)
        pythons = as_text(as_table(document.get("metadata")).get("python-versions"))
        older = as_table(as_table(document.get("metadata")).get("files"))
        builder = _Builder(manifest.path, Lines(data), _TOML_PLACE)
        for item in as_list(document.get("package")):
            package = as_table(item)
            name = as_text(package.get("name"))
            kind = as_text(as_table(package.get("source")).get("type"))
            if kind == "directory":
                continue
            files = list(_names(package.get("files") or older.get(name)))
            needed = _by_marker(_poetry_marker(package.get("markers")), pythons)
            version = as_text(package.get("version"))
            builder.add(name, version, files, needed, kind == "git")
            for other, spec in as_table(package.get("dependencies")).items():
                if name and as_text(other):
                    optional = as_table(spec).get("optional") is True
                    strength = DependencyKind.OPTIONAL if optional else DependencyKind.REQUIRED
                    wanted = pypi_purl(pypi_name(other))
                    builder.edges.add(pypi_purl(name, version), wanted, strength)
        return builder.inventory()


class PipfileLockReader:
    """Reads `Pipfile.lock`, which has hashes but no file names."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the locked packages, and one missing fact for all of them."""
        data = manifest.read()
        document = load_json(data)
        builder = _Builder(manifest.path, Lines(data), _JSON_PLACE)
        for section in ("default", "develop"):
            for name, item in as_table(document.get(section)).items():
                package = as_table(item)
                version = as_text(package.get("version")).removeprefix("==")
                needed = _by_marker(as_text(package.get("markers")), "")
                builder.add(as_text(name), version, [], needed, "git" in package)
        return builder.inventory()


class _Builder:
    """Collects what one lock file says."""

    def __init__(self, path: str, lines: Lines, place: str) -> None:
        self.path = path
        self.lines = lines
        self.place = place
        self.components: list[Component] = []
        self.ties: list[Tie] = []
        self.nameless: list[tuple[str, str, Needed]] = []
        self.sources: list[tuple[str, str, Needed]] = []
        self.edges = Edges(path)

    def add(
        self, name: str, version: str, files: Sequence[str], needed: Needed, from_source: bool
    ) -> None:
        """Add a package; `from_source` tells that it is locked to a source, not to files."""
        if not name:
            return
        purl = pypi_purl(name, version)
        line = self.lines.find(self.place.replace("NAME", name))
        tags = tuple(tag for one in files for tag in platform_tags(one))
        machines = linux_machines(tags)
        self.components.append(Component(purl, ComponentState.LOCKED, machines, self.path))
        if from_source:
            self.sources.append((name, purl, needed))
            return
        if not files:
            self.nameless.append((name, purl, needed))
            return
        if not tags:
            self.sources.append((name, purl, needed))
            return
        has_source = len(files) > sum(one.endswith(".whl") for one in files)
        evidence = Evidence(self.path, line, purl)
        title = f"{name} {version}".strip()
        self.ties.append(LockedFiles(evidence, title, tags, has_source, needed))

    def inventory(self) -> Inventory:
        """Return what was collected."""
        if self.nameless:
            self.ties.append(NoFileNames(self.path, tuple(self.nameless)))
        if self.sources:
            self.ties.append(SourceOnly(self.path, tuple(self.sources)))
        return Inventory(tuple(self.components), tuple(self.ties), dependencies=self.edges.all())


def _by_graph(graph: UvGraph, key: Key) -> Needed:
    return lambda target: graph.needed(target, key)


def _by_marker(marker: str, pythons: str) -> Needed:
    return lambda target: marker_holds(marker, target, pythons)


def _poetry_marker(value: object) -> str:
    """Return poetry's marker: a string, or one string per dependency group."""
    if isinstance(value, dict):
        texts = [as_text(text) for text in value.values()]
        return " or ".join(f"({text})" for text in texts) if all(texts) else ""
    return as_text(value)


def _names(value: object) -> Iterator[str]:
    """Yield the file names of a list of tables that have `name`, `file`, `filename` or `url`."""
    for item in as_list(value):
        table: Mapping[str, Any] = as_table(item)
        for key in ("name", "file", "filename", "url", "path"):
            if text := as_text(table.get(key)):
                yield unquote(text.partition("#")[0].rpartition("/")[2])
                break
