"""Three-valued logic (Kleene's strong logic of indeterminacy, 1952).

Unknown is a value of its own all the way to the verdict; it is never silently a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """False, unknown or true, ordered so that *and* is the minimum and *or* the maximum."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    @classmethod
    def of(cls, value: bool | None) -> Truth:
        """Return the truth value of a Python boolean; None is unknown."""
        if value is None:
            return cls.UNKNOWN
        return cls.TRUE if value else cls.FALSE

    def negated(self) -> Truth:
        """Return *not* this value; unknown stays unknown."""
        return _NEGATED[self]


_NEGATED = (Truth.TRUE, Truth.UNKNOWN, Truth.FALSE)


def all_of(values: Iterable[Truth]) -> Truth:
    """Return the conjunction of `values`; the empty conjunction is true."""
    return min(values, default=Truth.TRUE)


def any_of(values: Iterable[Truth]) -> Truth:
    """Return the disjunction of `values`; the empty disjunction is false."""
    return max(values, default=Truth.FALSE)
