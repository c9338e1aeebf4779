"""Findings in files that are for one architecture by their path.

`src/x86/sum_avx2.c` does not compile on the target and need not: what matters is whether the
target has something in its place. So such findings are joined, one per rule and place, and weigh
as much as that is in doubt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from duanban.model import Finding, Severity
from duanban.rules.interface import Rule
from duanban.scan.place import Elsewhere
from duanban.targets.interface import Target

SERVED = 0.2
"""Confidence that work is needed where further architectures or a generic version are served."""

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
    findings: Mapping[str, Sequence[Finding]], elsewhere: Elsewhere, target: Target
) -> tuple[list[Finding], dict[str, str]]:
    """Join what stands in other architectures' files.

    Args:
        findings: for the target, by path.
        elsewhere: of the tree.
        target: the target.

    Returns:
        All findings, those of other architectures' files joined, and the id of each finding that
        was joined to the id of what it became part of.
    """
    kept: list[Finding] = []
    groups: dict[tuple[str, str], list[Finding]] = {}
    for path, found in findings.items():
        if not elsewhere.is_for_others(path, target.architecture.name):
            kept.extend(found)
            continue
        for finding in found:
            groups.setdefault((elsewhere.place(path), finding.rule), []).append(finding)
    renamed: dict[str, str] = {}
    for (place, rule), members in groups.items():
        joined = _joined(place, rule, members, elsewhere.has_alternative(members[0].path))
        kept.append(joined)
        renamed.update((member.id, joined.id) for member in members)
    return kept, renamed


def _joined(place: str, rule: str, members: Sequence[Finding], served: bool) -> Finding:
    first = max(members, key=lambda finding: finding.severity is Severity.BLOCKS)
    files = len({member.path for member in members})
    beside = "others have their own" if served else "nothing stands beside it"
    severity = first.severity
    if served and severity is Severity.BLOCKS:
        severity = Severity.DEGRADES
    return replace(
        first,
        id=hashlib.sha256(f"{rule}\n{place}/".encode()).hexdigest()[:16],
        severity=severity,
        confidence=min(first.confidence, SERVED) if served else round(first.confidence * ALONE, 3),
        message=f"{first.message} ({files} files under {place}; {beside})"
        if files > 1
        else f"{first.message} (by its path for another architecture; {beside})",
        occurrences=sum(member.occurrences for member in members),
        effort_hours=max((m.effort_hours for m in members), key=lambda e: e.likely),
    )
