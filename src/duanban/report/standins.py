"""What several formats say of alternatives: each part once, with the targets of each suggestion."""

from __future__ import annotations

from dataclasses import dataclass, field

from duanban.model import Alternatives, Suggestion, SystemReport


@dataclass(slots=True)
class StandIns:
    """A part of the catalogue, and what can stand in for it on any of the targets."""

    part: Alternatives
    """As the first target has it."""
    suggestions: dict[tuple[str, str], tuple[Suggestion, list[str]]] = field(default_factory=dict)
    """By name and kind of evidence: the suggestion, and the targets that it runs on."""


def stand_ins(system: SystemReport) -> list[StandIns]:
    """Return the parts that something can stand in for, by the order of the catalogue."""
    found: dict[str, StandIns] = {}
    for result in system.targets:
        for each in result.alternatives:
            one = found.setdefault(each.part, StandIns(each))
            for suggestion in each.suggestions:
                key = suggestion.name, suggestion.support.kind.value
                one.suggestions.setdefault(key, (suggestion, []))[1].append(result.target)
    return [found[name] for name in sorted(found)]
