"""What must be solved for each node of the graph, with cycles taken for what they are.

Packages that need each other at run time come together: for them the greatest fixpoint is meant.
A source that needs itself to be built does not come by itself: for sources it is the least one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

from duanban.depend.cycles import components
from duanban.staves.graph import Graph
from duanban.staves.options import FALSE, TRUE, Terms, all_of, any_of


def solve(graph: Graph) -> list[Terms]:
    """Return for each node its minimal sets of roots."""
    edges = graph.edges()
    found: list[Terms] = [FALSE] * len(graph.keys)
    for members in components(edges):
        if len(members) == 1 and members[0] not in edges[members[0]]:
            found[members[0]] = _value(graph, members[0], found)
            continue
        sources = [n for n in members if graph.keys[n].kind == "source"]
        packages = [n for n in members if graph.keys[n].kind != "source"]
        while True:
            for number in packages:
                found[number] = TRUE
            _settle(graph, packages, found)
            if not _settle_once(graph, sources, found):
                break
    return found


def needed(graph: Graph) -> list[int]:
    """Return for each node a mask of roots without which it never comes about.

    Computed without the limit that `solve` has, so it holds for every option, kept or not. A node
    that never comes about has all bits set (-1).
    """
    edges = graph.edges()
    found = [-1] * len(graph.keys)
    for members in components(edges):
        sources = [n for n in members if graph.keys[n].kind == "source"]
        packages = [n for n in members if graph.keys[n].kind != "source"]
        while True:
            for number in packages:
                found[number] = 0
            while _update(graph, packages, found):
                pass
            if not _update(graph, sources, found):
                break
    return found


def _settle(graph: Graph, members: Sequence[int], found: list[Terms]) -> None:
    while _settle_once(graph, members, found):
        pass


def _settle_once(graph: Graph, members: Sequence[int], found: list[Terms]) -> bool:
    changed = False
    for number in members:
        value = _value(graph, number, found)
        if value != found[number]:
            found[number] = value
            changed = True
    return changed


def _value(graph: Graph, number: int, found: Sequence[Terms]) -> Terms:
    return any_of(
        all_of((any_of(found[n] for n in need) for need in way.needs), way.roots)
        for way in graph.ways[number]
    )


def _update(graph: Graph, members: Sequence[int], found: list[int]) -> bool:
    """Compute each of `members` anew; return whether one has changed."""
    changed = False
    for number in members:
        value = -1
        for way in graph.ways[number]:
            mask = way.roots
            for need in way.needs:
                mask |= reduce(and_, (found[one] for one in need))
            value &= mask
        changed |= value != found[number]
        found[number] = value
    return changed
