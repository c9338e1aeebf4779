"""What can stand in for a part that a target lacks, as a report tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from duanban.model.finding import Effort


class EvidenceKind(StrEnum):
    """How a statement is known."""

    COMPUTED = "computed"
    """Looked up in a package index of a certain day."""
    DOCUMENTED = "documented"
    """A named document says so."""
    ASSERTED = "asserted"
    """The authors of the catalogue say so; nobody has checked it here."""


@dataclass(frozen=True, slots=True)
class Support:
    """That an alternative runs on a machine, and how that is known."""

    machine: str
    """GNU name."""
    kind: EvidenceKind
    date: str
    """ISO date of the evidence."""
    source: str
    """The index with package and version, or the document."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One alternative to a part, for one target."""

    name: str
    licence: str
    steward: str
    jurisdiction: str
    support: Support
    """That it runs on the target's machine."""
    effort_hours: Effort
    depends: str
    """What the effort depends on."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What can stand in for one part of the catalogue that a system has."""

    part: str
    """Its id in the catalogue (`duanban answers show ID`)."""
    title: str
    components: tuple[str, ...]
    """The purls that it was recognised by, if any."""
    findings: tuple[str, ...]
    """Ids of the findings that it was recognised by, if any."""
    suggestions: tuple[Suggestion, ...]
    """Those that run on the target's machine, the least effort first."""
