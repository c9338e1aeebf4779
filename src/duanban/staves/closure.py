"""The best sets at a price per root: maximum closures, and the concave curve above all budgets.

At a price λ the set that maximises value - λ·size is a minimum cut (Picard, "Maximal closure of a
graph", Management Science 22(11), 1976): demands send their value to the roots they need, a
root takes λ, and the roots that overflow are the set. Over all prices these sets are the corners of
the concave hull of value over size, and no set of any size lies above that hull: the bound of the
Lagrangean relaxation, which here is that of the linear program.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import NamedTuple


class Demand(NamedTuple):
    """A value that is had when all of its roots are."""

    value: int
    roots: tuple[int, ...]


class Corner(NamedTuple):
    """A corner of the hull."""

    size: int
    value: int
    roots: frozenset[int]


def best_at(demands: Sequence[Demand], price: Fraction) -> frozenset[int]:
    """Return the smallest set of roots that maximises value less `price` per root."""
    flow = _Flow(demands, price)
    for number in range(len(demands)):
        flow.send(number)
    return frozenset(flow.full)


class _Flow:
    """A maximum flow from demands to roots, in whole parts of the price's denominator."""

    def __init__(self, demands: Sequence[Demand], price: Fraction) -> None:
        self._demands = demands
        self._unit = price.denominator
        self._spare = {r: price.numerator for demand in demands for r in demand.roots}
        self._sent: list[dict[int, int]] = [{} for _ in demands]
        self._senders: dict[int, dict[int, None]] = {root: {} for root in self._spare}
        self.full: set[int] = set()
        """Roots that overflow."""

    def send(self, number: int) -> None:
        """Send all of a demand's value, as far as there is room."""
        rest = self._demands[number].value * self._unit
        for root in self._demands[number].roots:
            part = min(rest, self._spare[root])
            if part:
                self._add(number, root, part)
                self._spare[root] -= part
                rest -= part
        while rest:
            moved = self._make_room(number, rest)
            if not moved:
                return
            rest -= moved

    def _make_room(self, start: int, rest: int) -> int:
        """Send some of what `start` has left while others send elsewhere; return how much.

        If nothing can be moved, no root that was reached takes anything any more.
        """
        came: dict[int, int] = {}  # root -> the demand that reached it
        via: dict[int, int] = {start: -1}  # demand -> the root through which it was reached
        queue = [start]
        for number in queue:
            for root in self._demands[number].roots:
                if root in came or root in self.full:
                    continue
                came[root] = number
                if self._spare[root]:
                    return self._shift(root, rest, came, via)
                for other in self._senders[root]:
                    if other not in via:
                        via[other] = root
                        queue.append(other)
        self.full.update(came)
        return 0

    def _shift(self, root: int, rest: int, came: dict[int, int], via: dict[int, int]) -> int:
        """Move as much as can be along the path that ends in `root`."""
        path: list[tuple[int, int, int]] = []  # a demand, the root that it takes to, and from
        amount, at = min(rest, self._spare[root]), root
        while at >= 0:
            number = came[at]
            source = via[number]
            if source >= 0:
                amount = min(amount, self._sent[number][source])
            path.append((number, at, source))
            at = source
        self._spare[root] -= amount
        for number, to, source in path:
            self._add(number, to, amount)
            if source >= 0:
                self._add(number, source, -amount)
        return amount

    def _add(self, number: int, root: int, amount: int) -> None:
        mine = self._sent[number]
        mine[root] = mine.get(root, 0) + amount
        if mine[root]:
            self._senders[root][number] = None
        else:
            del mine[root], self._senders[root][number]


def value_of(demands: Sequence[Demand], roots: frozenset[int]) -> int:
    """Return the value of the demands all of whose roots are in `roots`."""
    return sum(value for value, wanted in demands if roots.issuperset(wanted))


def hull(demands: Sequence[Demand], around: int | None = None) -> list[Corner]:
    """Return corners of the hull by size.

    Args:
        demands: what is to be had.
        around: a size; then only the corners on both sides of it are sure to be there, which
            costs less.
    """
    everything = frozenset(root for demand in demands for root in demand.roots)
    corners = [
        Corner(0, value_of(demands, frozenset()), frozenset()),
        Corner(len(everything), value_of(demands, everything), everything),
    ]
    if not everything:
        return corners[:1]
    at = 0
    while at < len(corners) - 1:
        left, right = corners[at], corners[at + 1]
        if around is not None and not left.size <= around <= right.size:
            at += 1
            continue
        price = Fraction(right.value - left.value, right.size - left.size)
        roots = best_at(demands, price) if price else left.roots
        between = Corner(len(roots), value_of(demands, roots), roots)
        if between.value - price * between.size > left.value - price * left.size:
            corners.insert(at + 1, between)
        else:
            at += 1
    return corners


def bound_at(corners: Sequence[Corner], size: int) -> int:
    """Return the whole number below the hull at `size`."""
    for left, right in pairwise(corners):
        if size <= right.size:
            slope = Fraction(right.value - left.value, right.size - left.size)
            return floor(left.value + slope * (size - left.size))
    return corners[-1].value
