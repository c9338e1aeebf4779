"""Findings about directories and files that a tree has for several machines and not the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.model import Effort, Finding, Severity
from duanban.scan.siblings import Row, is_needed, is_optional, lacking, size_of
from duanban.targets.interface import Target

RULE = "chip.tree.missing"
NEEDED = (0.8, 0.9, 1.0)
"""Factors on the confidence where two, three or more machines have a part that each needs."""
OTHER = (0.2, 0.3, 0.4)
"""The same where nothing says that it needs one."""
OPTIONAL = 0.05
"""Factor where the parts are faster versions of something."""
LINE = 32
"""Bytes of a line of source, on average."""
LINES_AN_HOUR = 10.0
"""Lines of a port that are written and tested in an hour (docs/verdict.md)."""


def missing_rows(
    paths: Sequence[str], sizes: Mapping[str, int], target: Target, ported: float
) -> list[Finding]:
    """Return a finding for each row of a tree that lacks the target.

    Args:
        paths: of the tree.
        sizes: bytes of each file.
        target: the target.
        ported: factor on the confidence where the tree names the target elsewhere.
    """
    found = []
    for row in lacking(paths, target.architecture.name):
        needed = is_needed(row)
        weights = NEEDED if needed else OTHER
        weight = weights[min(len(row.files), len(weights) + 1) - 2] * ported
        if not needed and is_optional(row):
            weight *= OPTIONAL
        finding = _finding(row, sizes, target, weight)
        found.append(replace(finding, severity=Severity.BLOCKS) if needed else finding)
    return found


def _finding(row: Row, sizes: Mapping[str, int], target: Target, weight: float) -> Finding:
    families = sorted(row.files)
    example = min(min(files) for files in row.files.values())
    finding = make_finding(
        RULE, target, Evidence(example), match=row.place, detail=listed(families)
    )
    hours = size_of(row, sizes) / LINE / LINES_AN_HOUR
    extra = Effort(hours / 4, hours, hours * 3)
    return replace(
        finding,
        confidence=round(finding.confidence * weight, 3),
        effort_hours=(finding.effort_hours + extra).rounded(),
        occurrences=len(families),
    )
