import itertools
from dataclasses import replace
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.check.effort import total_effort
from duanban.check.verdict import verdict_of
from duanban.model import Effort, Finding, Layer, Severity, UnknownFact, Verdict

FINDING = Finding(
    id="0" * 16,
    rule="chip.a",
    layer=Layer.CHIP,
    severity=Severity.BLOCKS,
    confidence=0.9,
    path="a.c",
    line=1,
    end_line=1,
    message="m",
    remedy="r",
    effort_hours=Effort(1, 2, 4),
)
UNKNOWN = UnknownFact("whether x", "look")


def finding(**changes):
    return replace(FINDING, **changes)


@pytest.mark.parametrize(
    ("findings", "unknown", "verdict"),
    [
        ([], [], Verdict.RUNS),
        ([finding(severity=Severity.DEGRADES)], [], Verdict.RUNS),
        ([finding(severity=Severity.REVIEW)], [], Verdict.RUNS),
        ([], [UNKNOWN], Verdict.UNKNOWN),
        ([finding(confidence=0.2)], [], Verdict.UNKNOWN),
        ([finding(confidence=0.09)] * 3, [], Verdict.RUNS),
        ([finding()], [], Verdict.RUNS_AFTER_CHANGES),
        ([finding()], [UNKNOWN], Verdict.RUNS_AFTER_CHANGES),
        ([finding(), finding(component="pkg:npm/x@1")], [], Verdict.BLOCKED),
        ([finding(component="pkg:npm/x@1", severity=Severity.DEGRADES)], [], Verdict.RUNS),
    ],
)
def test_the_verdict_follows_from_findings_and_missing_facts(findings, unknown, verdict):
    assert verdict_of(findings, unknown) is verdict


def test_the_worked_example_of_the_docs():
    a = [finding(confidence=0.8) for _ in range(10)]
    b = finding(rule="chip.b", confidence=0.5, effort_hours=Effort(2, 4, 12))
    assert total_effort([*a, b]) == Effort(9.94, 18, 34.49)


def test_nothing_to_do_takes_no_time():
    assert total_effort([]) == Effort(0, 0, 0)


efforts = st.lists(
    st.builds(
        lambda low, d, e, rule, confidence: finding(
            rule=rule, confidence=confidence, effort_hours=Effort(low, low + d, low + d + e)
        ),
        *(st.floats(0, 50) for _ in range(3)),
        st.sampled_from("abc"),
        st.floats(0, 1),
    ),
    max_size=12,
)


@given(efforts)
def test_a_total_is_a_range_and_does_not_depend_on_the_order(findings):
    total = total_effort(findings)
    assert 0 <= total.low <= total.likely <= total.high
    backwards = total_effort(findings[::-1])
    for one, other in itertools.zip_longest(
        (total.low, total.likely, total.high), (backwards.low, backwards.likely, backwards.high)
    ):
        assert isclose(one, other, abs_tol=0.011)
