"""What several formats say of parts that are short: each once, with the targets it is short on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from duanban.model import Answer, IndexUse, ShortPart, SystemReport
from duanban.report.text import plural
from duanban.report.words import say

WORDS = {
    Answer.SAME_VERSION: "there",
    Answer.OTHER_VERSION: "other version",
    Answer.SOURCE_BUILDS: "source only",
    Answer.UPSTREAM_CHANGE: "upstream change",
    Answer.THIRD_PARTY_BUILD: "third party",
    Answer.UNKNOWN: "not known",
    Answer.NONE: "none",
}
"""What each answer is called where people read it."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A part that is short on some targets in the same way."""

    part: ShortPart
    targets: tuple[str, ...]
    beside: tuple[ShortPart, ...] = ()
    """Further parts that are short for the same cause."""

    @property
    def parts(self) -> tuple[ShortPart, ...]:
        """Return all of them."""
        return self.part, *self.beside


def shortages(system: SystemReport) -> list[Shortage]:
    """Return the parts that are short and have a finding of their own, the gravest first.

    Those that many share one harmless finding for (another version in the target's release) are
    left out; `counts` has them.
    """
    shared = _shared(system)
    found: dict[ShortPart, list[str]] = {}
    for result in system.targets:
        for part in result.parts:
            if part.finding not in shared:
                found.setdefault(part, []).append(result.target)
    ordered = sorted(found, key=lambda part: (-part.answer.rank, part.component, found[part]))
    return [Shortage(part, tuple(found[part])) for part in ordered]


def by_cause(short: Iterable[Shortage]) -> list[Shortage]:
    """Join parts of which the same has to be solved, for the same targets; the most parts first."""
    groups: dict[object, list[Shortage]] = {}
    for one in short:
        ways = one.part.offers[0].ways
        key = (one.part.answer, ways[0] if ways else one.part.component, one.targets)
        groups.setdefault(key, []).append(one)
    joined = [
        Shortage(first.part, first.targets, tuple(one.part for one in rest))
        for first, *rest in (
            sorted(group, key=lambda one: (len(one.part.route), one.part.component))
            for group in groups.values()
        )
    ]
    return sorted(joined, key=lambda one: (-one.part.answer.rank, -len(one.parts)))


def _shared(system: SystemReport) -> set[str]:
    """Return the findings that stand for several parts each."""
    return {
        finding
        for result in system.targets
        for finding, count in Counter(part.finding for part in result.parts).items()
        if count > 1
    } | {
        finding.id
        for result in system.targets
        for finding in result.findings
        if not finding.component
    }


def counts(parts: Iterable[ShortPart]) -> dict[Answer, int]:
    """Return how many parts have each answer, the gravest first; those that none has left out."""
    counted = Counter(part.answer for part in parts)
    return {answer: counted[answer] for answer in reversed(Answer) if counted[answer]}


def indexes(system: SystemReport) -> list[IndexUse]:
    """Return the copies that were asked, each once, with the most that any target asked of it."""
    found: dict[str, IndexUse] = {}
    for result in system.targets:
        for use in result.indexes:
            known = found.get(use.source.index)
            if known is None or known.parts < use.parts:
                found[use.source.index] = use
    return [found[name] for name in sorted(found)]


def age(use: IndexUse) -> str:
    """Return how old a copy was on the day of the check."""
    days = use.age_days
    return say("of today") if days <= 0 else plural(days, "day old", "days old")
