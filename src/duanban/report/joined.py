"""What several targets have in common, told once: texts that differ in a few words only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from duanban.model import Effort, Finding, SystemReport, UnknownFact

_MOST_WORDS = 3
"""That may differ, mostly the name of a machine; more is another text."""


def joined_text(texts: Sequence[str]) -> str | None:
    """Return texts as one: `riscv64/loongarch64 has no such header`; None if they are not alike."""
    texts = list(dict.fromkeys(texts))
    if len(texts) == 1:
        return texts[0]
    words = [text.split(" ") for text in texts]
    start = _shared(words)
    rests = [each[start:] for each in words]
    end = _shared([each[::-1] for each in rests])
    middles = [each[: len(each) - end] for each in rests]
    if not start + end or not all(1 <= len(middle) <= _MOST_WORDS for middle in middles):
        return None
    parts = ["/".join(" ".join(middle) for middle in middles), *rests[0][len(rests[0]) - end :]]
    return " ".join([*words[0][:start], *parts])


def _shared(lists: Sequence[Sequence[str]]) -> int:
    """Return how many first words all have in common."""
    return sum(1 for _ in takewhile(lambda same: len(set(same)) == 1, zip(*lists, strict=False)))


def findings_of(system: SystemReport) -> dict[Finding, list[str]]:
    """Return the findings of a system, each place once, with the targets that it was found on.

    What does not count by itself is left out.
    """
    places: dict[tuple[object, ...], dict[Finding, list[str]]] = {}
    for result in system.targets:
        for one in result.findings:
            if not one.counts:
                continue
            place = (one.id, one.severity, one.line, one.end_line, one.guard, one.occurrences)
            places.setdefault(place, {}).setdefault(one, []).append(result.target)
    found: dict[Finding, list[str]] = {}
    for same in places.values():
        joined = _joined_finding(list(same))
        if joined is None:
            found.update(same)
        else:
            found[joined] = [target for targets in same.values() for target in targets]
    return found


def _joined_finding(alike: Sequence[Finding]) -> Finding | None:
    message = joined_text([one.message for one in alike])
    remedy = joined_text([one.remedy for one in alike])
    if message is None or remedy is None:
        return None
    return replace(
        alike[0],
        message=message,
        remedy=remedy,
        confidence=max(one.confidence for one in alike),
        effort_hours=max((one.effort_hours for one in alike), key=_likely),
    )


def _likely(effort: Effort) -> float:
    return effort.likely


def unknown_facts(system: SystemReport) -> dict[UnknownFact, list[str]]:
    """Return what is not known of a system, each fact once, with the targets that need it.

    Questions about the same parts are one; how to find out is told for the first target.
    """
    groups: dict[object, dict[UnknownFact, list[str]]] = {}
    for result in system.targets:
        for fact in result.unknown:
            key = fact.parts or fact
            groups.setdefault(key, {}).setdefault(fact, []).append(result.target)
    facts: dict[UnknownFact, list[str]] = {}
    for same in groups.values():
        text = joined_text([fact.fact for fact in same])
        if text is None:
            facts.update(same)
        else:
            first = next(iter(same))
            targets = [target for each in same.values() for target in each]
            facts[UnknownFact(text, first.how, first.parts)] = targets
    return facts
