"""What is predicted of a tree's translation units for one target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from duanban.model import Failure, Finding


@dataclass(slots=True)
class Prediction:
    """What whole units tell for one target."""

    findings: dict[str, list[Finding]]
    """By path: those that were given, confirmed where a unit compiles them, and new ones."""
    served: Set[str] = frozenset()
    """Units for another architecture that the target has a counterpart of."""
    causes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Failing unit to the ids of findings."""
    idle: set[str] = field(default_factory=set)
    """Ids of findings in functions that units have and do not use: of those of a header others,
    who include it, may."""
    followed: set[str] = field(default_factory=set)
    """Units that were followed to their end."""
    not_followed: int = 0
    """Units that were too many or too large to be followed."""
    not_tried: int = 0
    """Files with an `#error` that were too many for some of their units to be tried."""

    def failures(
        self, joined: Mapping[str, str], is_spared: Callable[[str], bool]
    ) -> tuple[Failure, ...]:
        """Return the units that fail, sorted by path.

        Args:
            joined: id of a finding to the id of the one that it became part of.
            is_spared: whether the target does without a unit.
        """
        return tuple(
            Failure(path, tuple(sorted({joined.get(i, i) for i in ids})), not is_spared(path))
            for path, ids in sorted(self.causes.items())
        )
