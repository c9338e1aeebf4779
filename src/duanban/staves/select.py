"""Which roots to solve within a budget: the best choice, with a proof that none is better.

An item is unlocked when one of its options is solved as a whole, so a root alone may be worth
nothing and two together much. Roots that share no item do not touch each other: each such part is
solved for every budget by itself (`part`), and the budget is then divided among the parts by
dynamic programming, which gives the best choice for every budget at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, reduce
from operator import and_
from typing import Protocol

from duanban.staves.interface import CurvePoint, Plan, Root
from duanban.staves.options import MOST, bits
from duanban.staves.part import Group, Part


class Unlockable(Protocol):
    """Something that solving roots unlocks."""

    @property
    def options(self) -> tuple[int, ...]:
        """Return masks of roots, each of which is enough."""
        ...

    @property
    def needed(self) -> int:
        """Return the roots that every option has."""
        ...

    @property
    def value(self) -> int:
        """Return what it is worth."""
        ...


class Selection:
    """Chooses roots for `items`."""

    def __init__(self, items: Iterable[Unlockable]) -> None:
        counted: Counter[tuple[tuple[int, ...], int]] = Counter()
        for item in items:
            if item.options:
                counted[item.options, item.needed] += item.value
        groups = [_group(*key, value) for key, value in sorted(counted.items())]
        self._free = sum(group.value for group in groups if not group.options[0])
        self.parts = [Part(members) for members in _separate(groups)]

    @cached_property
    def points(self) -> list[CurvePoint]:
        """The value of every budget, up to the one that solves all roots."""
        values = [part.choices for part in self.parts]
        reached, self._taken = _divide([[c.value for c in choices] for choices in values])
        bounds, _ = _divide([[c.bound for c in choices] for choices in values])
        return [
            CurvePoint(budget, self._free + value, self._free + bound)
            for budget, (value, bound) in enumerate(zip(reached, bounds, strict=True))
        ]

    def plan(self, budget: int, names: Sequence[Root]) -> Plan:
        """Return the best choice of at most `budget` roots, those first that unlock most."""
        point = self._point(budget)
        chosen = tuple(names[number] for number in self.chosen(budget))
        return Plan(budget, chosen, point.unlocked, point.bound)

    def _point(self, budget: int) -> CurvePoint:
        return self.points[min(budget, len(self.points) - 1)]

    def chosen(self, budget: int) -> tuple[int, ...]:
        """Return the places of the roots of that choice."""
        left = self._point(budget).budget
        bundles: list[tuple[float, int]] = []
        for part, taken in zip(reversed(self.parts), reversed(self._taken), strict=True):
            roots = part.choices[taken[left]].roots
            left -= taken[left]
            bundles += _bundles(part, roots)
        bundles.sort(key=lambda bundle: (-bundle[0], bundle[1]))
        return tuple(number for _, bundle in bundles for number in bits(bundle))


def _group(options: tuple[int, ...], needed: int, value: int) -> Group:
    complete = len(options) < MOST
    return Group(options, reduce(and_, options) if complete else needed, complete, value)


def _separate(groups: Iterable[Group]) -> list[list[Group]]:
    """Return the groups in lots that share no root; those that need none are left out."""
    lots: list[tuple[int, list[Group]]] = []
    for group in groups:
        mask = group.needed
        for option in group.options:
            mask |= option
        if not group.options[0]:
            continue
        apart, members = [], [group]
        for roots, others in lots:
            if roots & mask:
                mask |= roots
                members += others
            else:
                apart.append((roots, others))
        lots = [*apart, (mask, members)]
    return [members for _, members in lots]


def _divide(curves: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """Divide every budget among parts.

    Args:
        curves: per part the value of each budget, which never falls.

    Returns:
        The value of every budget, and per part what it gets of each budget that it shares with
        the parts before it.
    """
    best = [0]
    taken: list[list[int]] = []
    for curve in curves:
        size = len(best) + len(curve) - 1
        together, here = [0] * size, [0] * size
        for budget in range(size):
            value, part = max(
                (best[budget - own] + curve[own], -own)
                for own in range(max(0, budget - len(best) + 1), min(budget + 1, len(curve)))
            )
            together[budget], here[budget] = value, -part
        best = together
        taken.append(here)
    return best, taken


def _bundles(part: Part, chosen: int) -> list[tuple[float, int]]:
    """Return the chosen roots of a part in bundles, each with its gain per root."""
    found: list[tuple[float, int]] = []
    done = 0
    for bundle in [b & chosen for b in part.bundles if not b & ~chosen] + [
        1 << root for root in bits(chosen)
    ]:
        rest = bundle & ~done
        if rest:
            gain = part.value(done | rest) - part.value(done)
            found.append((gain / rest.bit_count(), rest))
            done |= rest
    return found
