"""Findings about directories and files that a tree has for several machines and not the target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from duanban.check.lone import Lone, Sources, lone_functions
from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.model import Effort, Finding, Severity
from duanban.scan.build.names import is_below_other_system
from duanban.scan.siblings import Row, is_needed, is_optional, lacking, size_of
from duanban.targets.interface import Target

RULE = "chip.tree.missing"
LONE = "chip.tree.functions"
NEEDED = (0.8, 0.9, 1.0)
"""Factors on the confidence where two, three or more machines have a part that each needs."""
OTHER = (0.2, 0.3, 0.4)
"""The same where nothing says that it needs one."""
OPTIONAL = 0.05
"""Factor where the parts are faster versions of something."""
EMULATED = 0.1
"""Factor on the hours of parts named after vector extensions alone: SIMDe stands in for most."""
LINE = 32
"""Bytes of a line of source, on average."""
LINES_AN_HOUR = 10.0
"""Lines of a port that are written and tested in an hour (docs/verdict.md)."""


def missing_rows(
    every: Iterable[Row],
    sources: Sources,
    sizes: Mapping[str, int],
    target: Target,
    ported: float,
) -> list[Finding]:
    """Return a finding for each row of a tree that lacks the target.

    Args:
        every: the rows of the tree.
        sources: of the tree, for the target.
        sizes: bytes of each file.
        target: the target.
        ported: factor on the confidence where the tree names the target elsewhere.
    """
    rows = [
        row
        for row in lacking(every, target.architecture.name)
        if not is_below_other_system(f"{row.place}/")
    ]
    lone = lone_functions([one for row in rows for one in (row, *row.alike)], sources)
    found = []
    for row in rows:
        alone = [(one, lone[one.place]) for one in (row, *row.alike) if one.place in lone]
        if alone:
            found += [_lone_finding(one, functions, sizes, target) for one, functions in alone]
        elif row.names_machine:
            found.append(_row_finding(row, sizes, target, ported))
    return found


def _row_finding(row: Row, sizes: Mapping[str, int], target: Target, ported: float) -> Finding:
    needed = is_needed(row)
    weights = NEEDED if needed else OTHER
    weight = weights[min(len(row.files), len(weights) + 1) - 2] * ported
    if not needed and is_optional(row):
        weight *= OPTIONAL
    finding = _finding(row, sizes, target, weight)
    if not needed:
        return finding
    return replace(finding, severity=Severity.BLOCKS, circumstance="needed")


def _lone_finding(row: Row, lone: Lone, sizes: Mapping[str, int], target: Target) -> Finding:
    finding = make_finding(
        LONE,
        target,
        Evidence(lone.path, lone.line, snippet=f"{lone.names[0]}(...)"),
        match=listed(lone.names, 3),
        detail=row.place,
    )
    # Rows beside it have findings of their own.
    return replace(finding, effort_hours=_effort(finding, replace(row, alike=[]), sizes))


def _finding(row: Row, sizes: Mapping[str, int], target: Target, weight: float) -> Finding:
    families = sorted(row.files)
    example = min(min(files) for files in row.files.values())
    finding = make_finding(
        RULE, target, Evidence(example), match=row.place, detail=listed(families)
    )
    return replace(
        finding,
        confidence=round(finding.confidence * weight, 3),
        effort_hours=_effort(finding, row, sizes),
        occurrences=len(families),
    )


def _effort(finding: Finding, row: Row, sizes: Mapping[str, int]) -> Effort:
    hours = size_of(row, sizes) / LINE / LINES_AN_HOUR
    if not row.names_machine:
        hours *= EMULATED
    return (finding.effort_hours + Effort(hours / 4, hours, hours * 3)).rounded()
