"""What a check finds: one tie of a system to something the target lacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """The layer of the stack that a tie belongs to, from the bottom up."""

    CHIP = "chip"
    OS = "os"
    TOOLCHAIN = "toolchain"
    RUNTIME = "runtime"
    LIBRARY = "library"
    DATABASE = "database"
    MIDDLEWARE = "middleware"
    APPLICATION = "application"
    CRYPTO = "crypto"


class Severity(StrEnum):
    """How much a tie matters: it stops the system, it costs something, or someone must look."""

    BLOCKS = "blocks"
    DEGRADES = "degrades"
    REVIEW = "review"

    @property
    def rank(self) -> int:
        """Return 0 for the gravest, rising."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Effort:
    """Person-hours as a range; `low` <= `likely` <= `high`."""

    low: float = 0.0
    likely: float = 0.0
    high: float = 0.0

    def __add__(self, other: Effort) -> Effort:
        return Effort(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def times(self, factor: float) -> Effort:
        """Return the effort scaled by `factor` (>= 0)."""
        return Effort(self.low * factor, self.likely * factor, self.high * factor)

    def rounded(self) -> Effort:
        """Return the effort to two decimals, as reports show it."""
        return Effort(round(self.low, 2), round(self.likely, 2), round(self.high, 2))


LOOK = 0.25
"""Part of the work that a finding to review costs: someone looks, and mostly that is all."""

SPARED = frozenset(
    ("served", "other system", "left out", "optional", "passed by", "aside", "nothing beside")
)
"""Circumstances that speak against a place: there, too, someone looks."""

NOT_NEEDED = "not needed"
"""Circumstance of a place that only units come to which the target has a counterpart of: the
finding explains why they do not compile there (`fails`), and counts for nothing else."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One tie to something the target lacks, with its evidence."""

    id: str
    """16 hex digits, the same in every run and everywhere; does not depend on line numbers."""
    rule: str
    layer: Layer
    severity: Severity
    confidence: float
    """Probability, 0 to 1, that someone must really act here for the target."""
    path: str
    """Relative to the system's root, with `/`."""
    line: int
    """First line of the evidence, from 1; 0 where the evidence is a whole file."""
    end_line: int
    message: str
    remedy: str
    effort_hours: Effort
    snippet: str = ""
    """The first line of the evidence, at most 160 characters, control characters removed."""
    occurrences: int = 1
    """How many places of the same cause this finding stands for."""
    guard: str = ""
    """The preprocessor or path condition that the place stands under, as written; empty if none."""
    circumstance: str = ""
    """What is known of how the target comes to the place; empty if nothing speaks against it. Of
    the words of `check/calibration.toml`, which says what the confidence is worth there."""
    component: str = ""
    """The purl of the component the finding is about; empty for the system's own source."""
    part_of: str = ""
    """Id of the finding whose remedy ends this one, too (a copy of a library); empty if none. What
    is part of another is not counted, its effort is not added."""

    @property
    def counts(self) -> bool:
        """Return whether it counts by itself: part of no other, and somebody may have to act."""
        return not self.part_of and self.circumstance != NOT_NEEDED

    @property
    def expected_hours(self) -> Effort:
        """Return what the finding adds to a total: its effort times the odds that it is needed."""
        if not self.counts:
            return Effort()
        is_look = self.severity is Severity.REVIEW or self.circumstance in SPARED
        share = LOOK if is_look else 1.0
        return self.effort_hours.times(self.confidence * share)
