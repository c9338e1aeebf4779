"""Removal impact: what can no longer be installed or built if one package goes.

For every package the closure of its loss: relations that lose their last provider take their users
with them. Conflicts are left out (they can only make it worse), and so are essential packages as
something that all others need without saying so.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
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
    losses = _Losses(universe, outcome)
    for group in losses.groups():
        lost = losses.take(group)
        binaries = [index for index in group if index < universe.binaries]
        sources = sum(map(universe.binaries.__le__, lost))
        for index in binaries:
            yield Impact(index, len(lost) - sources - 1, sources)


class _Losses:
    """Who loses what: sound packages, and their relations by the packages that satisfy them.

    Most relations have one provider, and then all that goes with a user goes with the provider. So
    packages are taken after their users, and what goes with one is the union of what goes with
    these, found before. Relations with several providers are looked at when all that is done.
    """

    def __init__(self, universe: Universe, outcome: Outcome) -> None:
        broken = {*outcome.unsatisfied, *outcome.conflicting}
        self._sound = [index not in broken for index in range(len(universe.names))]
        users = self._users(universe)
        self._direct: list[list[int]] = [[] for _ in universe.names]
        """Per package the users of what only it provides."""
        self._shared: dict[int, list[int]] = {}
        """Per package the relations that others satisfy too."""
        self._several = [(frozenset(p), list(u)) for p, u in users.items() if len(p) > 1 and u]
        for providers, those in users.items():
            if len(providers) == 1:
                self._direct[providers[0]] = list(those)
        for number, (several, _) in enumerate(self._several):
            for provider in several:
                self._shared.setdefault(provider, []).append(number)
        self._sharing = self._shared.keys()
        self._known: dict[int, array[int]] = {}
        """Per package what goes with it, itself included; those with nothing else are left out."""

    def _users(self, universe: Universe) -> dict[tuple[int, ...], dict[int, None]]:
        """Return the sound packages that use a relation, by the sound packages that satisfy it."""
        users: dict[tuple[int, ...], dict[int, None]] = {}
        of_clause = [
            users.setdefault(tuple(sorted(p for p in providers if self._sound[p])), {})
            for providers in universe.providers
        ]
        for index, clauses in enumerate(universe.depends):
            if self._sound[index]:
                for clause in clauses:
                    of_clause[clause][index] = None
        return users

    def groups(self) -> Iterator[list[int]]:
        """Yield the sound packages, those together that surely need each other, users first."""
        for members in components(self._direct):
            if self._sound[members[0]]:
                yield members

    def take(self, group: Sequence[int]) -> set[int]:
        """Return all that goes with a group, itself included, and remember it."""
        gone = set(group)
        self._lose([user for index in group for user in self._direct[index]], gone)
        ended: set[int] = set()
        while True:
            touched = {n for index in self._sharing & gone for n in self._shared[index]} - ended
            over = [number for number in touched if self._several[number][0] <= gone]
            if not over:
                break
            ended.update(over)
            for number in over:
                self._lose(self._several[number][1], gone)
        if len(gone) > 1:
            kept = array("I", gone)
            for index in group:
                self._known[index] = kept
        return gone

    def _lose(self, users: Iterable[int], gone: set[int]) -> None:
        """Add `users` to what is gone, with all that goes with each."""
        known = self._known
        # The largest first: the others are mostly part of it.
        pending = sorted(users, key=lambda user: len(known.get(user, ())))
        while pending:
            user = pending.pop()
            if user in gone:
                continue
            if user in known:
                gone.update(known[user])
            else:
                gone.add(user)
                pending += self._direct[user]
