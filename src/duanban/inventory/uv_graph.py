"""Which packages of a uv.lock are needed on a target: those that markers let be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duanban.inventory.edges import MOST_PROVIDERS
from duanban.inventory.knowledge import conventions
from duanban.inventory.parse import as_list, as_table, as_text, as_texts
from duanban.inventory.python_needs import marker_holds
from duanban.model import DependencyKind
from duanban.targets.interface import Target

Key = tuple[str, str]
"""Name and version."""


class UvGraph:
    """The dependency graph of a lock file."""

    def __init__(self, packages: Sequence[Mapping[str, Any]], pythons: str) -> None:
        """Take the `package` tables and the lock's `requires-python`."""
        self._pythons = pythons
        self._packages: dict[Key, Mapping[str, Any]] = {}
        self._versions: dict[str, list[str]] = defaultdict(list)
        self._roots: list[Key] = []
        self._needed: dict[str, frozenset[Key]] = {}
        for package in packages:
            key = as_text(package.get("name")), as_text(package.get("version"))
            self._packages[key] = package
            self._versions[key[0]].append(key[1])
            if as_table(package.get("source")).keys() & {"virtual", "editable", "directory"}:
                self._roots.append(key)

    def needed(self, target: Target, key: Key) -> bool:
        """Return whether a package is reached on `target`; without roots, every package is."""
        if not self._roots:
            return True
        if target.id not in self._needed:
            self._needed[target.id] = self._reach(target)
        return key in self._needed[target.id]

    def edges(self) -> Iterator[tuple[Key | None, Key, DependencyKind]]:
        """Yield who asks for whom and how; None stands for the project's own packages."""
        for key, package in self._packages.items():
            own = None if key in self._roots else key
            groups = [(DependencyKind.REQUIRED, package.get("dependencies"))]
            for extra in as_table(package.get("optional-dependencies")).values():
                groups.append((DependencyKind.OPTIONAL, extra))
            for group in as_table(package.get("dev-dependencies")).values():
                groups.append((DependencyKind.DEVELOPMENT, group))
            for kind, items in groups:
                for item in as_list(items):
                    edge = as_table(item)
                    for wanted in self._named(edge):
                        if wanted not in self._roots:
                            yield own, wanted, kind

    def _named(self, edge: Mapping[str, Any]) -> Iterator[Key]:
        """Yield the packages that one entry of a list of dependencies means."""
        name, version = as_text(edge.get("name")), as_text(edge.get("version"))
        for one in [version] if version else self._versions.get(name, [])[:MOST_PROVIDERS]:
            if (name, one) in self._packages:
                yield name, one

    def _reach(self, target: Target) -> frozenset[Key]:
        seen: set[tuple[Key, str]] = set()
        todo: list[tuple[Key, str]] = [
            (key, extra) for key in self._roots for extra in ("", *self._extras(key))
        ]
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            todo.extend(self._next(node, target))
        return frozenset(key for key, _ in seen)

    def _extras(self, key: Key) -> list[str]:
        """Return the extras of one of the project's own packages, but those for development."""
        extras = as_table(self._packages[key].get("optional-dependencies"))
        return [name for name in extras if name not in conventions().development_groups]

    def _next(self, node: tuple[Key, str], target: Target) -> Iterator[tuple[Key, str]]:
        key, extra = node
        package = self._packages[key]
        extras = as_table(package.get("optional-dependencies"))
        for item in as_list(extras.get(extra) if extra else package.get("dependencies")):
            edge = as_table(item)
            if not marker_holds(as_text(edge.get("marker")), target, self._pythons):
                continue
            for wanted in self._named(edge):
                yield wanted, ""
                yield from ((wanted, more) for more in as_texts(edge.get("extra")))
