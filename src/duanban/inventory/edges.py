"""Collects which part asks for which while a reader reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from duanban.inventory.purls import split_version
from duanban.model import Component, Dependency, DependencyKind

MOST_PROVIDERS = 16
"""Parts that one name is taken to stand for; more would let a hostile file ask for a product of
its packages with themselves."""
SYSTEM = ""
"""The dependent that stands for the system itself."""


class Edges:
    """The dependencies that one file tells of."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: dict[tuple[str, DependencyKind, str], set[str]] = defaultdict(set)

    def add(
        self,
        dependent: str,
        wanted: str,
        kind: DependencyKind = DependencyKind.REQUIRED,
        path: str = "",
    ) -> None:
        """Note that `dependent` asks for `wanted` (purls); a part never asks for itself.

        `path` is the file that says so, if it is another than the one that is read.
        """
        if wanted and wanted != dependent:
            self._found[dependent, kind, path or self._path].add(wanted)

    def all(self) -> tuple[Dependency, ...]:
        """Return what was noted, sorted."""
        return tuple(
            Dependency(dependent, tuple(sorted(wanted)), kind, path)
            for (dependent, kind, path), wanted in sorted(self._found.items())
        )


def settle(
    dependencies: Iterable[Dependency], components: Iterable[Component]
) -> tuple[Dependency, ...]:
    """Return the dependencies in terms of `components` only, sorted and without repetitions.

    A part named without its version stands for every version of it that there is; one that the
    inventory does not have is left out.
    """
    known = {component.purl for component in components}
    versions: dict[str, list[str]] = defaultdict(list)
    for purl in sorted(known):
        versions[split_version(purl)[0]].append(purl)

    def resolved(purl: str) -> Iterable[str]:
        if purl in known:
            return (purl,)
        stem, version = split_version(purl)
        return () if version else versions.get(stem, [])[:MOST_PROVIDERS]

    found: dict[tuple[str, DependencyKind, str], set[str]] = defaultdict(set)
    for one in dependencies:
        wanted = {purl for each in one.requires for purl in resolved(each)}
        for dependent in resolved(one.dependent) if one.dependent else (SYSTEM,):
            if rest := wanted - {dependent}:
                found[dependent, one.kind, one.path] |= rest
    return tuple(
        Dependency(dependent, tuple(sorted(wanted)), kind, path)
        for (dependent, kind, path), wanted in sorted(found.items())
    )
