"""The best choices among roots that hang together: branch and bound for every budget.

The bound is the concave hull over all sizes (`closure`), the first choice a greedy one by bundles.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import count
from operator import and_, or_
from typing import NamedTuple

from duanban.staves.closure import Corner, Demand, bound_at, hull
from duanban.staves.options import bits, mask_of

MOST_BRANCHES = 2_000
"""Branches that are looked at; a search that needs more reports the bound that it has."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items with the same options."""

    options: tuple[int, ...]
    """Masks of roots, each of which is enough."""
    needed: int
    """Roots that any option has, also options that are not listed."""
    complete: bool
    """Whether all options are listed."""
    value: int


class Choice(NamedTuple):
    """A choice of roots."""

    roots: int
    """Mask."""
    value: int
    bound: int
    """No choice of as many roots is worth more."""


@dataclass(order=True, slots=True)
class _Branch:
    """Choices that have some roots and lack others; the best bound comes first in a heap."""

    priority: tuple[int, int]
    taken: int = field(compare=False)
    banned: int = field(compare=False)
    corners: list[Corner] = field(compare=False)


class Part:
    """Groups whose roots are those of no group outside."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self.roots = reduce(or_, (option for group in groups for option in group.options), 0)

    def value(self, chosen: int) -> int:
        """Return how many items the roots of the mask `chosen` unlock."""
        return sum(
            group.value
            for group in self._groups
            if any(option & chosen == option for option in group.options)
        )

    @cached_property
    def choices(self) -> list[Choice]:
        """The best choice for each number of roots, from none to all."""
        found: list[Choice] = []
        for budget in range(self.roots.bit_count() + 1):
            choice = self._best(budget)
            if found and found[-1].value >= choice.value:
                choice = Choice(found[-1].roots, found[-1].value, choice.bound)
            found.append(choice)
        return found

    @cached_property
    def bundles(self) -> list[int]:
        """Sets of roots in the order in which a greedy choice by value per root takes them."""
        chosen, bundles = 0, list[int]()
        while True:
            rest = {left for group in self._groups for o in group.options if (left := o & ~chosen)}
            if not rest:
                return bundles
            now = self.value(chosen)
            gains = {one: (self.value(chosen | one) - now) / one.bit_count() for one in rest}
            best = max(rest, key=lambda one: (gains[one], -one.bit_count(), -one))
            bundles.append(best)
            chosen |= best

    def _best(self, budget: int) -> Choice:
        best = self._greedy(budget)
        value = self.value(best)
        numbers = count()
        heap: list[_Branch] = []

        def add(taken: int, banned: int) -> None:
            nonlocal best, value
            free = budget - taken.bit_count()
            corners = hull(list(self._demands(taken, banned)), free)
            for corner in corners:
                choice = taken | mask_of(corner.roots)
                if corner.size <= free and self.value(choice) > value:
                    best, value = choice, self.value(choice)
            bound = bound_at(corners, free)
            if bound > value:
                heapq.heappush(heap, _Branch((-bound, next(numbers)), taken, banned, corners))

        add(0, 0)
        for _ in range(MOST_BRANCHES):
            if not heap or -heap[0].priority[0] <= value:
                break
            branch = heapq.heappop(heap)
            root = self._split_by(branch, budget)
            if root is None:  # only options that are not listed could be worth the bound
                heapq.heappush(heap, branch)
                break
            if branch.taken.bit_count() < budget:
                add(branch.taken | 1 << root, branch.banned)
            add(branch.taken, branch.banned | 1 << root)
        return Choice(best, value, max(value, -heap[0].priority[0] if heap else value))

    def _greedy(self, budget: int) -> int:
        chosen = 0
        for bundle in self.bundles:
            if (chosen | bundle).bit_count() <= budget:
                chosen |= bundle
        return chosen

    def _demands(self, taken: int, banned: int) -> Iterator[Demand]:
        """Yield what is left to be had: of several options only what all of them need."""
        for group in self._groups:
            if group.complete:
                options = [option for option in group.options if not option & banned]
                if not options:
                    continue
                needed = reduce(and_, options)
            elif group.needed & banned:
                continue
            else:
                needed = group.needed
            yield Demand(group.value, tuple(bits(needed & ~taken)))

    def _split_by(self, branch: _Branch, budget: int) -> int | None:
        """Return a root to decide on; None if all are decided that matter.

        First one that is in some of an item's options only, since the bound knows nothing of
        options; then one that the corners around the budget disagree about.
        """
        free = budget - branch.taken.bit_count()
        before = max((c for c in branch.corners if c.size <= free), key=lambda c: c.size)
        after = min(
            (c for c in branch.corners if c.size >= free), key=lambda c: c.size, default=before
        )
        disputed = mask_of(after.roots - before.roots)
        open_to_choice = ~(branch.taken | branch.banned)
        optional: Counter[int] = Counter()
        weights: Counter[int] = Counter()
        for group in self._groups:
            left = [one for one in group.options if not one & branch.banned]
            if left:
                some, every = reduce(or_, left), reduce(and_, left)
                for root in bits(some & ~every & open_to_choice):
                    optional[root] += group.value
                for root in bits(some & disputed & open_to_choice):
                    weights[root] += group.value
        found = optional or weights
        return max(found, key=lambda root: (found[root], -root)) if found else None
