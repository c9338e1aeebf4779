"""Joined roots unlock what they did apart."""

from __future__ import annotations

import random

import pytest

from duanban.staves.graph import Graph
from duanban.staves.interface import Cause, Item, ItemKind, Root
from duanban.staves.options import bits, minimal
from duanban.staves.roots import details, merged


def random_world(dice: random.Random) -> tuple[Graph, list[Item]]:
    causes = [Cause.ARCHITECTURE_LIST, Cause.BOOTSTRAP_CYCLE, Cause.BUILD]
    roots = [Root(name, (cause,)) for name in "abc" for cause in causes]
    graph = Graph(roots=roots, reasons=[{"x": None} for _ in roots])
    items = []
    for number in range(dice.randint(1, 6)):
        options = []
        for _ in range(dice.choice([0, 1, 1, 2])):
            option = 0
            for source in range(3):  # mostly all that a source needs at once
                option |= dice.choice([0, 0, 0b11, 0b11, 0b1]) << 3 * source
            options.append(option)
        terms = minimal(options)
        needed = -1
        for term in terms:
            needed &= term
        items.append(Item(ItemKind.SOURCE, str(number), terms, max(needed, 0), number + 1))
    return graph, items


def unlocked(items: list[Item], chosen: int) -> list[bool]:
    return [any(option & chosen == option for option in item.options) for item in items]


@pytest.mark.parametrize("seed", range(10))
def test_joined_roots_unlock_what_they_did_apart(seed: int) -> None:
    dice = random.Random(seed)
    joined = 0
    for _ in range(30):
        graph, items = random_world(dice)
        roots, after = merged(graph, items)
        joined += any(len(root.causes) > 1 for root in roots)
        place = {(r.name, (cause,)): n for n, r in enumerate(graph.roots) for cause in r.causes}
        assert [(one.name, one.value) for one in after] == [(i.name, i.value) for i in items]
        for chosen in range(1 << len(roots)):
            apart = 0
            for number in bits(chosen):
                for cause in roots[number].causes:
                    apart |= 1 << place[roots[number].name, (cause,)]
            assert unlocked(after, chosen) == unlocked(items, apart)
        assert {(r.name, cause) for r in roots for cause in r.causes} <= details(graph).keys()
    assert joined
