"""Findings in files that are for one architecture by their path.

`src/x86/sum_avx2.c` does not compile on the target and need not: what matters is whether the
target has something in its place. So such findings are joined, one per rule and place, and weigh
as much as that is in doubt. What stands in a header that only such files fail through weighs
like what stands in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from duanban.model import Finding, Severity
from duanban.rules.interface import Rule
from duanban.scan.place import Elsewhere
from duanban.targets.interface import Target

SERVED = 0.2
"""Confidence that work is needed where further architectures or a generic version are served."""

OWN = "by its path for another architecture; others have their own"
NOTHING = "by its path for another architecture; nothing stands beside it"
UNITS = "only units for another architecture compile it; others have their own"

ALONE = 0.6
"""Factor on the confidence where the tree has nothing but the other architecture's version."""


def without_own(
    findings: Mapping[str, Sequence[Finding]],
    elsewhere: Elsewhere,
    target: Target,
    rules: Mapping[str, Rule],
) -> dict[str, list[Finding]]:
    """Leave out what is taken for another architecture's in files of the target's own.

    Architectures share names: `__m256i` is a type of LoongArch's LASX as well as of AVX. A file
    that its path gives to the target was written for it.

    Args:
        findings: for the target, by path.
        elsewhere: of the tree.
        target: the target.
        rules: by id.
    """
    return {
        path: [
            finding
            for finding in found
            if not rules[finding.rule].condition.belongs_to
            or not elsewhere.is_its_own(path, target.architecture.name)
        ]
        for path, found in findings.items()
    }


def join_by_place(
    findings: Mapping[str, Sequence[Finding]],
    failing: Mapping[str, Iterable[str]],
    elsewhere: Elsewhere,
    target: Target,
) -> tuple[list[Finding], dict[str, str]]:
    """Join what stands in other architectures' files.

    Args:
        findings: for the target, by path.
        failing: units that do not compile there, with the ids of the findings that cause it.
        elsewhere: of the tree.
        target: the target.

    Returns:
        All findings, those of other architectures' files joined, and the id of each finding that
        was joined to the id of what it became part of.
    """
    kept: list[Finding] = []
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    spared = _only_for_others(failing, elsewhere, target.architecture.name)
    for path, found in findings.items():
        for_others = elsewhere.is_for_others(path, target.architecture.name)
        for finding in found:
            if for_others and elsewhere.has_alternative(path):
                group = (elsewhere.place(path), finding.rule, OWN)
            elif finding.id in spared:
                group = (path, finding.rule, UNITS)
            elif for_others:
                group = (elsewhere.place(path), finding.rule, NOTHING)
            else:
                kept.append(finding)
                continue
            groups.setdefault(group, []).append(finding)
    renamed: dict[str, str] = {}
    for (place, rule, beside), members in groups.items():
        joined = _joined(place, rule, members, beside)
        kept.append(joined)
        renamed.update((member.id, joined.id) for member in members)
    return kept, renamed


def _only_for_others(
    failing: Mapping[str, Iterable[str]], elsewhere: Elsewhere, architecture: str
) -> set[str]:
    """Return the findings that stop only units for other architectures with something beside."""
    spared: set[str] = set()
    needed: set[str] = set()
    for unit, causes in failing.items():
        for_others = elsewhere.is_for_others(unit, architecture)
        (spared if for_others and elsewhere.has_alternative(unit) else needed).update(causes)
    return spared - needed


def _joined(place: str, rule: str, members: Sequence[Finding], beside: str) -> Finding:
    first = max(members, key=lambda finding: finding.severity is Severity.BLOCKS)
    files = len({member.path for member in members})
    served = beside is not NOTHING
    severity = first.severity
    if served and severity is Severity.BLOCKS:
        severity = Severity.DEGRADES
    return replace(
        first,
        id=hashlib.sha256(f"{rule}\n{place}/{'units' * (beside is UNITS)}".encode()).hexdigest()[:16],
        severity=severity,
        confidence=min(first.confidence, SERVED) if served else round(first.confidence * ALONE, 3),
        message=f"{first.message} ({files} files under {place}; {beside})"
        if files > 1
        else f"{first.message} ({beside})",
        occurrences=sum(member.occurrences for member in members),
        effort_hours=max((m.effort_hours for m in members), key=lambda e: e.likely),
    )
