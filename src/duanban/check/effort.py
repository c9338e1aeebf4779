"""How long the work takes: the sum of the findings' efforts, as a range.

Within one rule the places are alike, so an error in the estimate of one is an error in all:
their ranges add up. Different rules are different work, so their errors partly cancel: their
half-ranges add as variances do (root of the sum of squares, as for independent tasks in PERT,
Malcolm et al., Operations Research 7(5), 1959). Every effort counts times the confidence that
it is needed at all, one to review for a look only. docs/verdict.md has a worked example.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from duanban.model import Effort, Finding


def total_effort(findings: Iterable[Finding]) -> Effort:
    """Return the expected person-hours that `findings` cost together."""
    by_rule: dict[str, Effort] = {}
    for finding in findings:
        by_rule[finding.rule] = by_rule.get(finding.rule, Effort()) + finding.expected_hours
    efforts = by_rule.values()
    likely = sum(effort.likely for effort in efforts)
    below = sqrt(sum((effort.likely - effort.low) ** 2 for effort in efforts))
    above = sqrt(sum((effort.high - effort.likely) ** 2 for effort in efforts))
    return Effort(max(0.0, likely - below), likely, likely + above).rounded()
