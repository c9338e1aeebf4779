"""The choice of staves against trying every choice."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import pytest

from duanban.staves.closure import Demand, best_at, bound_at, hull, value_of
from duanban.staves.interface import Cause, Item, ItemKind, Root
from duanban.staves.options import bits, minimal
from duanban.staves.part import Group, Part
from duanban.staves.select import Selection


def random_items(dice: random.Random) -> tuple[list[Item], int]:
    roots = dice.randint(1, 9)
    items = []
    for number in range(dice.randint(1, 14)):
        options = minimal(
            sum(1 << root for root in dice.sample(range(roots), dice.randint(1, min(4, roots))))
            for _ in range(dice.choice([1, 1, 1, 2, 3]))
        )
        needed = -1
        for option in options:
            needed &= option
        items.append(Item(ItemKind.SOURCE, str(number), options, needed))
    return items, roots


def unlocked(items: list[Item], chosen: int) -> int:
    return sum(any(option & chosen == option for option in item.options) for item in items)


def best_by_trying(items: list[Item], roots: int, budget: int) -> int:
    size = min(budget, roots)
    return max(
        unlocked(items, sum(1 << root for root in chosen))
        for chosen in combinations(range(roots), size)
    )


def greedy_by_bundles(items: list[Item], budget: int) -> int:
    chosen = 0
    while True:
        rest = {left for i in items for o in i.options if (left := o & ~chosen)}
        fits = [one for one in rest if (chosen | one).bit_count() <= budget]
        if not fits:
            return unlocked(items, chosen)
        now = unlocked(items, chosen)
        chosen |= max(fits, key=lambda one: (unlocked(items, chosen | one) - now) / one.bit_count())


@pytest.mark.parametrize("seed", range(20))
def test_the_choice_is_the_optimum_and_proven(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(110):  # 2,200 cases in all
        items, roots = random_items(dice)
        names = [Root(str(number), (Cause.BUILD,)) for number in range(roots)]
        selection = Selection(items)
        for point in selection.points:
            best = best_by_trying(items, roots, point.budget)
            assert point.unlocked == point.bound == best >= greedy_by_bundles(items, point.budget)
            plan = selection.plan(point.budget, names)
            chosen = sum(1 << int(root.name) for root in plan.chosen)
            assert chosen.bit_count() == len(plan.chosen) <= point.budget
            assert unlocked(items, chosen) == plan.unlocked == point.unlocked


def test_a_budget_beyond_all_roots_takes_all_that_help() -> None:
    items = [Item(ItemKind.SOURCE, "a", (0b11,), 0b11), Item(ItemKind.SOURCE, "b", (), 0b100)]
    names = [Root(text, (Cause.BUILD,)) for text in "xyz"]
    plan = Selection(items).plan(50, names)
    assert ([root.name for root in plan.chosen], plan.unlocked, plan.bound) == (["x", "y"], 1, 1)


def test_nothing_short_needs_no_plan() -> None:
    selection = Selection([])
    assert selection.plan(3, ()).unlocked == 0
    assert [point.bound for point in selection.points] == [0]


@pytest.mark.parametrize("seed", range(8))
def test_the_hull_lies_above_every_set_and_touches_its_corners(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        roots = dice.randint(1, 7)
        demands = [
            Demand(dice.randint(1, 5), tuple(dice.sample(range(roots), dice.randint(0, roots))))
            for _ in range(dice.randint(1, 9))
        ]
        corners = hull(demands)
        used = sorted({root for demand in demands for root in demand.roots})
        for size in range(len(used) + 1):
            values = [value_of(demands, frozenset(c)) for c in combinations(used, size)]
            assert bound_at(corners, size) >= max(values)
            assert bound_at(hull(demands, size), size) == bound_at(corners, size)
        for corner in corners:
            assert len(corner.roots) == corner.size
            assert corner.value == bound_at(corners, corner.size)
        price = Fraction(dice.randint(1, 12), dice.randint(1, 6))
        gains = [
            value_of(demands, frozenset(c)) - price * size
            for size in range(len(used) + 1)
            for c in combinations(used, size)
        ]
        best = best_at(demands, price)
        assert value_of(demands, best) - price * len(best) == max(gains)


def test_options_that_were_cut_off_loosen_the_bound_only() -> None:
    # Listed is one option; that there are others is known only by what all of them need.
    part = Part([Group((0b0111,), 0b0001, complete=False, value=4), Group((0b1000,), 8, True, 1)])
    one, two = part.choices[1], part.choices[2]
    assert (one.value, one.bound) == (1, 4)
    assert (two.value, two.bound) == (1, 5)
    assert (part.choices[3].value, part.choices[4].value) == (4, 5)


def test_bits_of_a_mask() -> None:
    assert list(bits(0b101001)) == [0, 3, 5]
