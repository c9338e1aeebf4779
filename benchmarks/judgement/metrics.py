"""The statistics of the benchmark, each small enough to be checked against its definition."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Counts:
    """Predictions against truth: true and false positives, false and true negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, self.tn + other.tn
        )

    @property
    def precision(self) -> float:
        """Return the share of predictions that are right; NaN without predictions."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Return the share of positives that are predicted; NaN without positives."""
        return ratio(self.tp, self.tp + self.fn)


def ratio(part: float, whole: float) -> float:
    """Return part / whole, or NaN if there is no whole."""
    return part / whole if whole else math.nan


def count(pairs: Iterable[tuple[bool, bool]]) -> Counts:
    """Count pairs of (truth, prediction)."""
    table = [[0, 0], [0, 0]]
    for truth, predicted in pairs:
        table[truth][predicted] += 1
    return Counts(tp=table[1][1], fp=table[0][1], fn=table[1][0], tn=table[0][0])


@dataclass(frozen=True, slots=True)
class Macro:
    """Means over packages, each package counting once."""

    precision: float
    """Over the packages that have a prediction."""
    predicting: int
    recall: float
    """Over the packages that have a positive."""
    positive: int


def macro(packages: Iterable[Counts]) -> Macro:
    """Return the mean precision and the mean recall per package.

    A package without a prediction has no precision and one without a positive no recall, so each
    mean is over the packages that have it; how many those are stands beside it.
    """
    every = list(packages)
    precisions = [one.precision for one in every if one.tp + one.fp]
    recalls = [one.recall for one in every if one.tp + one.fn]
    return Macro(mean(precisions), len(precisions), mean(recalls), len(recalls))


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean; NaN of nothing."""
    return ratio(math.fsum(values), len(values))


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 1, equal values sharing the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in range(start, end + 1):
            result[order[place]] = (start + end) / 2 + 1
        start = end + 1
    return result


def auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the chance that a positive scores above a negative, a tie counting one half.

    By the rank sum (Mann and Whitney 1947); NaN if either side is empty.
    """
    if not positives or not negatives:
        return math.nan
    place = ranks([*positives, *negatives])
    rank_sum = math.fsum(place[: len(positives)])
    least = len(positives) * (len(positives) + 1) / 2
    return (rank_sum - least) / (len(positives) * len(negatives))


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation: Pearson's of the (mid-)ranks.

    NaN for fewer than two pairs or if one side is all ties.

    Raises:
        ValueError: the sides differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values against {len(second)}")
    if len(first) < 2:
        return math.nan
    left, right = ranks(first), ranks(second)
    middle = (len(first) + 1) / 2
    covariance = math.fsum((a - middle) * (b - middle) for a, b in zip(left, right, strict=True))
    spread = math.fsum((a - middle) ** 2 for a in left)
    spread *= math.fsum((b - middle) ** 2 for b in right)
    return covariance / math.sqrt(spread) if spread else math.nan


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap percentile interval."""

    low: float
    high: float


def bootstrap(
    groups: Sequence[Sequence[Item]],
    statistic: Callable[[Sequence[Sequence[Item]]], float],
    draws: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the 95 % percentile interval of a statistic, resampling within each group.

    The items must be what was sampled (packages, not files), or the interval is too narrow.
    Draws in which the statistic is not defined (NaN) are left out.
    """
    chance = random.Random(seed)  # same input, same interval
    found = []
    for _ in range(draws):
        drawn = [chance.choices(group, k=len(group)) if group else [] for group in groups]
        value = statistic(drawn)
        if not math.isnan(value):
            found.append(value)
    return Interval(quantile(found, 0.025), quantile(found, 0.975))


def quantile(values: Sequence[float], share: float) -> float:
    """Return the quantile by linear interpolation between order statistics; NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def by_package(items: Iterable[Item], package: Callable[[Item], str]) -> Mapping[str, list[Item]]:
    """Return the items of each package, packages in alphabetical order."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(package(item), []).append(item)
    return dict(sorted(groups.items()))
