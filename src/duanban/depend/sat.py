"""A small solver for the few questions that need search: conflict-driven clause learning.

After Marques-Silva and Sakallah, "GRASP" (IEEE Transactions on Computers 48(5), 1999) and Eén and
Sörensson, "An Extensible SAT-solver" (SAT 2003): two watched literals, learning at the first unique
implication point, activities. No restarts and no deletion: questions have some thousand variables.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

Literal = int
"""`2 * v` says that variable `v` is true, `2 * v + 1` that it is false."""

DECAY = 0.95


@dataclass(slots=True, eq=False)
class _Clause:
    literals: list[Literal]
    reasons: frozenset[Hashable] = field(default=frozenset())
    """Labels of the given clauses that it follows from."""


class Solver:
    """Answers whether all clauses can hold; made for one question.

    Args:
        variables: how many there are.
    """

    def __init__(self, variables: int) -> None:
        self._value: list[bool | None] = [None] * (2 * variables)
        self._level = [0] * variables
        self._cause: list[_Clause | None] = [None] * variables
        self._activity = [0.0] * variables
        self._bump = 1.0
        self._watchers: list[list[_Clause]] = [[] for _ in range(2 * variables)]
        self._trail: list[Literal] = []
        self._levels: list[int] = []
        self._done = 0
        self._failed: frozenset[Hashable] | None = None

    def add(self, literals: Sequence[Literal], label: Hashable = None) -> None:
        """Add a clause: one of `literals` must hold.

        Args:
            literals: of the clause.
            label: what to call it in the answer why there is no solution; None is left out.
        """
        unique = list(dict.fromkeys(literals))
        if any(literal ^ 1 in unique for literal in unique):
            return
        clause = _Clause(unique, frozenset() if label is None else frozenset((label,)))
        if len(unique) > 1:
            self._watch(clause)
        elif not unique or self._value[unique[0]] is False:
            self._failed = clause.reasons | self._why(unique)
        elif self._value[unique[0]] is None:
            self._assign(unique[0], clause)

    def solve(self) -> bool:
        """Return whether there is a solution; `why` tells what rules it out."""
        if self._failed is not None:
            return False
        order = range(len(self._level))
        while True:
            conflict = self._propagate()
            if conflict is not None:
                if not self._levels:
                    self._failed = conflict.reasons | self._why(conflict.literals)
                    return False
                self._learn(conflict)
                continue
            free = [v for v in order if self._value[2 * v] is None]
            if not free:
                return True
            # Not to install is tried first: most packages have no part in an answer.
            choice = max(free, key=self._activity.__getitem__)
            self._levels.append(len(self._trail))
            self._assign(2 * choice + 1, None)

    @property
    def why(self) -> frozenset[Hashable]:
        """Labels of given clauses that together rule out any solution, once `solve` said no."""
        return self._failed or frozenset()

    def value(self, variable: int) -> bool:
        """Return whether `variable` is true in the solution."""
        return self._value[2 * variable] is True

    def _watch(self, clause: _Clause) -> None:
        for literal in clause.literals[:2]:
            self._watchers[literal].append(clause)

    def _assign(self, literal: Literal, cause: _Clause | None) -> None:
        self._value[literal], self._value[literal ^ 1] = True, False
        self._level[literal >> 1] = len(self._levels)
        self._cause[literal >> 1] = cause
        self._trail.append(literal)

    def _propagate(self) -> _Clause | None:
        """Assign what must be; return a clause that cannot hold, if there is one."""
        while self._done < len(self._trail):
            false = self._trail[self._done] ^ 1
            self._done += 1
            watching, self._watchers[false] = self._watchers[false], []
            for position, clause in enumerate(watching):
                if self._moved(clause, false):
                    continue
                self._watchers[false].append(clause)
                first = clause.literals[0]
                if self._value[first] is False:
                    self._watchers[false].extend(watching[position + 1 :])
                    return clause
                if self._value[first] is None:
                    self._assign(first, clause)
        return None

    def _moved(self, clause: _Clause, false: Literal) -> bool:
        """Let `clause` watch another literal than `false`, if it has one that is not false."""
        literals = clause.literals
        if literals[0] == false:
            literals[0], literals[1] = literals[1], false
        if self._value[literals[0]] is True:
            return False
        for index in range(2, len(literals)):
            if self._value[literals[index]] is not False:
                literals[1], literals[index] = literals[index], false
                self._watchers[literals[1]].append(clause)
                return True
        return False

    def _learn(self, conflict: _Clause) -> None:
        """Add the clause that the conflict teaches and go back to where it decides something."""
        here = len(self._levels)
        learnt: list[Literal] = []
        reasons = conflict.reasons
        seen: set[int] = set()
        open_here, position = 0, len(self._trail)
        literals: Iterable[Literal] = conflict.literals
        while True:
            for literal in literals:
                variable = literal >> 1
                if variable in seen:
                    continue
                seen.add(variable)
                self._activity[variable] += self._bump
                if self._level[variable] == here:
                    open_here += 1
                elif self._level[variable]:
                    learnt.append(literal)
                else:
                    reasons |= self._why([literal])
            while True:
                position -= 1
                if self._trail[position] >> 1 in seen:
                    break
            implied = self._trail[position]
            open_here -= 1
            if not open_here:
                break
            cause = self._cause[implied >> 1]
            assert cause is not None
            reasons |= cause.reasons
            literals = cause.literals
        self._bump /= DECAY
        learnt.sort(key=lambda literal: -self._level[literal >> 1])
        self._back_to(self._level[learnt[0] >> 1] if learnt else 0)
        clause = _Clause([implied ^ 1, *learnt], reasons)
        if learnt:
            self._watch(clause)
        self._assign(implied ^ 1, clause)

    def _back_to(self, level: int) -> None:
        start = self._levels[level]
        for literal in self._trail[start:]:
            self._value[literal] = self._value[literal ^ 1] = None
        del self._trail[start:], self._levels[level:]
        self._done = start

    def _why(self, literals: Iterable[Literal]) -> frozenset[Hashable]:
        """Return the labels behind `literals`, which are false at the bottom level."""
        reasons: frozenset[Hashable] = frozenset()
        pending, seen = [literal >> 1 for literal in literals], set[int]()
        while pending:
            variable = pending.pop()
            cause = self._cause[variable]
            if variable not in seen and cause is not None:
                seen.add(variable)
                reasons |= cause.reasons
                pending.extend(literal >> 1 for literal in cause.literals)
        return reasons
