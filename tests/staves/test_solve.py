"""Options of a graph against letting things come about step by step."""

from __future__ import annotations

import random

import pytest

from duanban.depend.cycles import components
from duanban.staves.graph import Graph, Key, Way
from duanban.staves.interface import Cause, Root
from duanban.staves.options import FALSE, TRUE, all_of, any_of, minimal
from duanban.staves.solve import needed, solve

ROOTS = 4


def random_graph(dice: random.Random) -> Graph:
    size = dice.randint(1, 9)
    graph = Graph(roots=[Root(str(number), (Cause.BUILD,)) for number in range(ROOTS)])
    for number in range(size):
        graph.keys.append(Key(dice.choice(["source", "have", "new"]), number))
        graph.ways.append(
            [
                Way(
                    dice.choice([0, 0, 1, 2, 4, 8, 3]),
                    [
                        tuple(dice.sample(range(size), dice.randint(1, min(2, size))))
                        for _ in range(dice.randint(0, 2))
                    ],
                )
                for _ in range(dice.choice([0, 1, 1, 1, 2]))
            ]
        )
    return graph


def comes_about(graph: Graph, solved: int) -> list[bool]:
    """Return what there is: sources one after the other, packages together (the definition)."""

    def possible(number: int, there: list[bool]) -> bool:
        return any(
            not way.roots & ~solved and all(any(there[n] for n in need) for need in way.needs)
            for way in graph.ways[number]
        )

    count = len(graph.keys)
    built: set[int] = set()
    while True:
        there = [graph.keys[n].kind != "source" or n in built for n in range(count)]
        while True:
            left = [
                t and (graph.keys[n].kind == "source" or possible(n, there))
                for n, t in enumerate(there)
            ]
            if left == there:
                break
            there = left
        more = {n for n in range(count) if graph.keys[n].kind == "source" and possible(n, there)}
        if more == built:
            return there
        built = more


@pytest.mark.parametrize("seed", range(10))
def test_options_say_what_comes_about(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(60):
        graph = random_graph(dice)
        options, masks = solve(graph), needed(graph)
        for solved in range(1 << ROOTS):
            there = comes_about(graph, solved)
            for number, terms in enumerate(options):
                assert there[number] == any(term & solved == term for term in terms)
                if there[number]:
                    assert masks[number] & ~solved == 0


def test_algebra() -> None:
    assert minimal([0b11, 0b1, 0b110]) == (0b1, 0b110)
    assert any_of([(1,), (2,)]) == (1, 2)
    assert any_of([(1,), TRUE]) == TRUE
    assert any_of([]) == FALSE
    assert all_of([(1, 2), (2, 4)]) == (2, 5)
    assert all_of([(1,), FALSE]) == FALSE
    assert all_of([], 4) == (4,)


@pytest.mark.parametrize("seed", range(5))
def test_components_are_what_reaches_each_other(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        size = dice.randint(1, 9)
        edges = [
            [dice.randrange(size) for _ in range(dice.choice([0, 1, 1, 2]))] for _ in range(size)
        ]
        reach = [{number} for number in range(size)]
        for _ in range(size):
            for number in range(size):
                reach[number] |= {far for near in edges[number] for far in reach[near]}
        found = components(edges)
        assert sorted(n for members in found for n in members) == list(range(size))
        place = {n: at for at, members in enumerate(found) for n in members}
        for one in range(size):
            for other in range(size):
                both = other in reach[one] and one in reach[other]
                assert both == (place[one] == place[other])
                if other in reach[one]:
                    assert place[other] <= place[one]
