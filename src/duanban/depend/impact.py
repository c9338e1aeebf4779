"""Removal impact: what can no longer be installed or built if one package goes.

For every package the closure of its loss: relations that lose their last provider take their users
with them. Conflicts are left out (they can only make it worse), and so are essential packages as
something that all others need without saying so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from duanban.depend.cycles import components
from duanban.depend.installable import Outcome
from duanban.depend.universe import Universe


@dataclass(frozen=True, slots=True)
class Impact:
    """What goes with one binary package, itself not counted."""

    index: int
    packages: int
    sources: int


def impacts(universe: Universe, outcome: Outcome) -> Iterator[Impact]:
    """Yield the impact of each binary package that is installable now.

    Packages that need each other go together: each such group is removed once.
    """
    graph = _Graph(universe, outcome)
    for group in graph.groups():
        lost = graph.lost_with(group[0])
        sources = sum(index >= universe.binaries for index in lost)
        for index in group:
            yield Impact(index, len(lost) - sources - 1, sources)


class _Graph:
    """Who loses what: sound packages, and their relations by the packages that satisfy them."""

    def __init__(self, universe: Universe, outcome: Outcome) -> None:
        broken = {*outcome.unsatisfied, *outcome.conflicting}
        self._binaries = universe.binaries
        self._sound = [index not in broken for index in range(len(universe.names))]
        numbers: dict[tuple[int, ...], int] = {}
        self._left: list[int] = []
        # Relations with the same providers are one.
        same = [0] * len(universe.providers)
        for clause, providers in enumerate(universe.providers):
            living = tuple(sorted(p for p in providers if self._sound[p]))
            same[clause] = numbers.setdefault(living, len(numbers))
        self._left = [len(providers) for providers in numbers]
        users: list[list[int]] = [[] for _ in numbers]
        for index, clauses in enumerate(universe.depends):
            if self._sound[index]:
                for number in {same[clause] for clause in clauses}:
                    users[number].append(index)
        # A package's loss is the loss of all users of what only it provides, and one provider
        # less for the other relations.
        self._direct: list[list[int]] = [[] for _ in universe.names]
        self._shared: list[list[int]] = [[] for _ in universe.names]
        self._users = users
        for providers, number in numbers.items():
            if len(providers) == 1:
                self._direct[providers[0]] += users[number]
            elif users[number]:
                for provider in providers:
                    self._shared[provider].append(number)
        self._direct = [list(dict.fromkeys(users)) for users in self._direct]

    def groups(self) -> Iterator[list[int]]:
        """Yield the sound binary packages, those together that surely need each other."""
        for members in components(self._direct):
            group = sorted(i for i in members if i < self._binaries and self._sound[i])
            if group:
                yield group

    def lost_with(self, start: int) -> list[int]:
        """Return all that goes with `start`, itself first."""
        direct, shared, left, users = self._direct, self._shared, self._left, self._users
        lost = [start]
        gone = {start}
        changed: list[int] = []
        for index in lost:
            for user in direct[index]:
                if user not in gone:
                    gone.add(user)
                    lost.append(user)
            for number in shared[index]:
                left[number] -= 1
                changed.append(number)
                if not left[number]:
                    for user in users[number]:
                        if user not in gone:
                            gone.add(user)
                            lost.append(user)
        for number in changed:
            left[number] += 1
        return lost
