"""The verdict of a system on a target (docs/verdict.md).

====================== ==========================================================================
blocked                something stops it that a change of the system's own source cannot mend:
                       a part of somebody else's that has no form for the target
runs-after-changes     the system's own source has ties that stop it; each is a finding
unknown                nothing known stops it, but a fact is missing that could
runs                   nothing stops it; it may run slower or want a look (`degrades`, `review`, and
                       what would block, but hardly does)
====================== ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from duanban.model import Finding, Severity, UnknownFact, Verdict

CREDIBLE = 0.5
"""A blocking finding less probable than this is a fact to find out, not a verdict."""


DOUBTFUL = 0.1
"""A blocking finding less probable than this is worth a look and leaves the verdict as it is."""


def verdict_of(findings: Iterable[Finding], unknown: Sequence[UnknownFact]) -> Verdict:
    """Return the verdict that the findings and the missing facts of one target lead to."""
    blocking = [
        finding
        for finding in findings
        if finding.severity is Severity.BLOCKS and finding.confidence >= DOUBTFUL
    ]
    credible = [finding for finding in blocking if finding.confidence >= CREDIBLE]
    if any(finding.component for finding in credible):
        return Verdict.BLOCKED
    if credible:
        return Verdict.RUNS_AFTER_CHANGES
    if blocking or unknown:
        return Verdict.UNKNOWN
    return Verdict.RUNS
