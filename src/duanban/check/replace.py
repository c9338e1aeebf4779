"""What can stand in for the parts of a system that are short on a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duanban.alternatives import alternatives_for, load_catalogue
from duanban.model import NOT_NEEDED, Answer, Component, TargetResult
from duanban.targets.interface import Target

_THERE = (Answer.SAME_VERSION, Answer.OTHER_VERSION)


def with_alternatives(
    result: TargetResult, target: Target, components: Sequence[Component]
) -> TargetResult:
    """Return `result` with the alternatives to parts that are short or not accepted there."""
    short = [part.component for part in result.parts if part.answer not in _THERE]
    refused = [
        one.purl
        for one in components
        if any(policy.accepts(one.purl) is False for policy in target.layers.values())
    ]
    wanting = [finding for finding in result.findings if finding.circumstance != NOT_NEEDED]
    if not (short or refused or wanting):
        return result
    found = alternatives_for(load_catalogue(), target, (*short, *refused), wanting)
    return replace(result, alternatives=found)
