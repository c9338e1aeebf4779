"""What is predicted of a tree's translation units for one target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from duanban.model import Failure, Finding


@dataclass(slots=True)
class Prediction:
    """What whole units tell for one target."""

    findings: dict[str, list[Finding]]
    """By path: those that were given, confirmed where a unit compiles them, and new ones."""
    causes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Failing unit to the ids of findings."""
    followed: set[str] = field(default_factory=set)
    """Units that were followed to their end."""
    not_followed: int = 0
    """Units that were too many or too large to be followed."""
    not_tried: int = 0
    """Files with an `#error` that were too many for some of their units to be tried."""

    def failures(self, joined: Mapping[str, str]) -> tuple[Failure, ...]:
        """Return the units that fail, sorted by path.

        Args:
            joined: id of a finding to the id of the one that it became part of.
        """
        return tuple(
            Failure(path, tuple(sorted({joined.get(i, i) for i in ids})))
            for path, ids in sorted(self.causes.items())
        )
