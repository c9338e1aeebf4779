"""How the system reaches a part: the shortest chain of what asks for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from duanban.inventory.edges import SYSTEM
from duanban.model import Component, Dependency, DependencyKind


@dataclass(frozen=True, slots=True)
class Route:
    """How the system comes to have a part."""

    file: str
    """The file that names the first part of the chain."""
    through: tuple[str, ...]
    """The purls from the first part, which the system asks for itself, to the part in question."""
    kind: DependencyKind
    """The weakest link: a part that is only reached by way of an optional one is optional."""


class Reach:
    """Answers for every part of an inventory how the system reaches it.

    Chains of required parts come first, then those with optional ones, then development's; among
    them the shortest. Parts that nobody asks for (all roots of a dpkg status file without apt's
    marks), and one of each ring that nothing leads to, are taken to be wanted by the system.
    """

    def __init__(self, components: Iterable[Component], dependencies: Iterable[Dependency]) -> None:
        self._edges: dict[DependencyKind, dict[str, list[Dependency]]] = {
            kind: defaultdict(list) for kind in DependencyKind
        }
        self._before: dict[str, tuple[str, str, DependencyKind]] = {}
        asked: set[str] = set()
        for one in dependencies:
            self._edges[one.kind][one.dependent].append(one)
            asked.update(one.requires)
        self._walk([SYSTEM])
        ordered = sorted(components, key=lambda one: one.purl in asked)
        for component in ordered:  # those that nobody asks for, then rings that nothing leads to
            if component.purl not in self._before:
                before = (SYSTEM, component.path, DependencyKind.REQUIRED)
                self._before[component.purl] = before
                self._walk([component.purl])

    def _walk(self, start: list[str]) -> None:
        """Find the nearest predecessor of each part, with ever weaker kinds of links."""
        admitted: list[DependencyKind] = []
        reached = start
        for kind in DependencyKind:
            admitted.append(kind)
            level = reached
            while level:
                level = [new for node in level for new in self._step(node, admitted, kind)]
                reached = [*reached, *level]

    def _step(
        self, node: str, admitted: Iterable[DependencyKind], now: DependencyKind
    ) -> Iterable[str]:
        for kind in admitted:
            for one in self._edges[kind].get(node, ()):
                for wanted in one.requires:
                    if wanted not in self._before:
                        self._before[wanted] = (node, one.path, now)
                        yield wanted

    def route(self, purl: str) -> Route | None:
        """Return how the system reaches the part; None for a part that nothing leads to."""
        chain: list[str] = []
        node, file, kind = purl, "", DependencyKind.REQUIRED
        while node != SYSTEM:
            if node not in self._before:
                return None
            chain.append(node)
            node, file, worst = self._before[node]
            kind = max(kind, worst, key=list(DependencyKind).index)
        return Route(file, tuple(reversed(chain)), kind)
