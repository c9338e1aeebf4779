"""Findings inside copies of libraries that a newer version of the library would end.

They stay in the report with their places, as parts of the one finding about the copy: that is
what has to be worked on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from duanban.inventory.interface import Tie
from duanban.inventory.vendored import Copy
from duanban.model import Finding, Layer
from duanban.rules.interface import Rule
from duanban.targets.interface import Target

LAYERS = frozenset({Layer.CHIP, Layer.OS, Layer.TOOLCHAIN})


def mark_parts(
    findings: Sequence[Finding], ties: Iterable[Tie], target: Target, rules: Mapping[str, Rule]
) -> list[Finding]:
    """Return `findings` with those inside copies named as parts of the finding about the copy.

    What does not come from the copy's age, such as the size of pages, stays by itself.

    Args:
        findings: all of the target, those about copies among them.
        ties: of the inventory.
        target: the target.
        rules: by id.
    """
    copies: dict[str, str] = {}
    for tie in ties:
        if isinstance(tie, Copy) and tie.is_mended(target):
            said = tie.judge(target)
            if isinstance(said, Finding):
                copies[tie.inside] = said.id
    if not copies:
        return list(findings)
    return [_marked(finding, copies, rules) for finding in findings]


def with_parts(findings: Iterable[Finding]) -> list[Finding]:
    """Return `findings`, each that has parts as grave as the gravest and standing for all.

    Parts of what is not among them are parts of nothing any more.
    """
    given = list(findings)
    ids = {finding.id for finding in given}
    parts: dict[str, list[Finding]] = {}
    for finding in given:
        if finding.part_of in ids:
            parts.setdefault(finding.part_of, []).append(finding)
    whole = [_whole(one, parts[one.id]) if one.id in parts else one for one in given]
    return [one if one.part_of in parts else replace(one, part_of="") for one in whole]


def _marked(finding: Finding, copies: Mapping[str, str], rules: Mapping[str, Rule]) -> Finding:
    rule = rules.get(finding.rule)
    if finding.layer not in LAYERS or rule is None or rule.condition.where:
        return finding
    inside = max((one for one in copies if finding.path.startswith(one)), key=len, default="")
    return replace(finding, part_of=copies[inside]) if inside else finding


def _whole(finding: Finding, parts: Sequence[Finding]) -> Finding:
    gravest = min((finding, *parts), key=lambda one: (one.severity.rank, -one.confidence))
    return replace(
        finding,
        severity=gravest.severity,
        confidence=max(finding.confidence, gravest.confidence),
        occurrences=finding.occurrences + sum(part.occurrences for part in parts),
    )
