"""The result of a check, as every report format shows it (schema `duanban.report/1`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from duanban.model.alternative import Alternatives
from duanban.model.availability import IndexUse, ShortPart
from duanban.model.component import Component, Dependency
from duanban.model.finding import Effort, Finding

SCHEMA = "duanban.report/1"


class Verdict(StrEnum):
    """What a check concludes for one system on one target."""

    RUNS = "runs"
    RUNS_AFTER_CHANGES = "runs-after-changes"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why: a value of the result, not a line in a log."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was looked at."""

    files: int = 0
    bytes: int = 0
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A translation unit that is predicted not to compile on the target."""

    path: str
    because: tuple[str, ...]
    """Ids of the findings that cause it, perhaps in a header that it includes."""
    needed: bool = True
    """False where the target does without it: it has a file of its own in its place, or the build
    leaves this one out."""


@dataclass(frozen=True, slots=True)
class UnknownFact:
    """A fact that the verdict would need, and how to find it out."""

    fact: str
    how: str
    parts: tuple[str, ...] = ()
    """The purls of the parts that it is about, where it asks what there is of them."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a reason on file sets aside; it is shown on request and never counted."""

    finding: Finding
    reason: str
    source: str
    """`baseline`, or the configuration file that holds the suppression, or the target's id."""
    expires: str = ""
    """ISO date; empty if it does not expire."""


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """One objective of a target (for instance SOV-5 of the EU Cloud Sovereignty Framework)."""

    id: str
    title: str
    weight: float
    floor: int
    level_at_least: int
    """The level that is certain from what is known."""
    level_at_most: int
    """The level that would be reached if every unknown fact turned out well."""
    highest: int
    """The top level of the scale."""


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One system judged against one target."""

    target: str
    verdict: Verdict
    fails: tuple[Failure, ...] = ()
    effort_hours: Effort = field(default_factory=Effort)
    findings: tuple[Finding, ...] = ()
    unknown: tuple[UnknownFact, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    objectives: tuple[ObjectiveResult, ...] = ()
    parts: tuple[ShortPart, ...] = ()
    """Parts that are not there as the system wants them, the gravest first."""
    indexes: tuple[IndexUse, ...] = ()
    """Copies of package indexes that this rests on."""
    alternatives: tuple[Alternatives, ...] = ()
    """What can stand in for parts that are short or not accepted on the target."""

    @property
    def needed_fails(self) -> tuple[Failure, ...]:
        """Return the units that do not compile and that the target cannot do without."""
        return tuple(failure for failure in self.fails if failure.needed)


@dataclass(frozen=True, slots=True)
class SystemReport:
    """Everything a check says of one input."""

    locator: str
    name: str
    version: str
    scanned: Scanned
    components: tuple[Component, ...]
    targets: tuple[TargetResult, ...]
    dependencies: tuple[Dependency, ...] = ()
    """Which part asks for which."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that made a report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run of `duanban check`."""

    tool: Tool
    systems: tuple[SystemReport, ...]
    schema: str = SCHEMA
