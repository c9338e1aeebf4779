"""One system on one target: what counts, what is set aside, and the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from check_sample import LOONG, finding
from hypothesis import given
from hypothesis import strategies as st

from duanban.check.baseline import Baseline
from duanban.check.config import Config
from duanban.check.judge import Judge
from duanban.check.supply import Supplied
from duanban.check.suppress import Suppression
from duanban.check.verdict import verdict_of
from duanban.model import Effort, Failure, Severity, UnknownFact, Verdict
from duanban.targets.interface import Criterion, Objective, Waiver

TODAY = date(2026, 11, 24)
UNKNOWN = UnknownFact("whether x", "look")
A = finding(id="a" * 16)
B = finding(id="b" * 16, rule="chip.b", path="src/b.c", severity=Severity.DEGRADES)


def judged(
    findings=(A, B),
    unknown=(),
    fails=(),
    *,
    target=LOONG,
    suppress=(),
    baseline=None,
    components=(),
):
    judge = Judge("system", Config(suppressions=tuple(suppress)), baseline, TODAY)
    supplied = Supplied(tuple(findings), tuple(unknown), (), ())
    return judge.result(target, supplied, fails, components)


def waiver(rule="chip.*", match="src/*", expires=TODAY):
    return Waiver(rule, match, "granted", "the board", expires)


def test_nothing_found_and_nothing_unknown_runs():
    result = judged(())
    assert (result.verdict, result.effort_hours) == (Verdict.RUNS, Effort())
    assert result.target == LOONG.id


def test_what_is_set_aside_counts_neither_for_the_verdict_nor_for_the_effort():
    result = judged([A], suppress=[Suppression("no", rule="chip.a")])
    assert (result.verdict, result.effort_hours) == (Verdict.RUNS, Effort())
    (aside,) = result.suppressed
    assert (aside.finding, aside.reason, aside.source) == (A, "no", "duanban.toml")


def test_the_baseline_is_of_this_system_and_this_target():
    known = Baseline({("system", LOONG.id): frozenset({A.id})})
    result = judged(baseline=known)
    assert result.findings == (B,)
    assert [each.source for each in result.suppressed] == ["baseline"]
    other = Baseline({("other", LOONG.id): frozenset({A.id}), ("system", "x"): frozenset({A.id})})
    assert judged(baseline=other).findings == (A, B)


def test_a_missing_fact_stays_whatever_is_set_aside():
    everything = [Suppression("no", rule="chip.*"), Suppression("no", path="**")]
    result = judged([A], [UNKNOWN], suppress=everything)
    assert result.findings == ()
    assert (result.verdict, result.unknown) == (Verdict.UNKNOWN, (UNKNOWN,))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("chip.a", Severity.REVIEW), ("chip.*", Severity.REVIEW), ("os.*", Severity.BLOCKS)],
)
def test_the_target_may_weigh_a_rule_differently(pattern, expected):
    target = replace(LOONG, severity={pattern: Severity.REVIEW})
    (found,) = judged([A], target=target).findings
    assert found.severity is expected


def test_of_two_weights_the_first_holds():
    weights = {"chip.a": Severity.DEGRADES, "chip.*": Severity.REVIEW}
    assert judged([A], target=replace(LOONG, severity=weights)).verdict is Verdict.RUNS
    (found,) = judged([A], target=replace(LOONG, severity=weights)).findings
    assert found.severity is Severity.DEGRADES


def test_an_exception_of_the_target_holds_through_its_last_day():
    result = judged([A], target=replace(LOONG, waivers=(waiver(),)))
    assert result.verdict is Verdict.RUNS
    (aside,) = result.suppressed
    assert (aside.reason, aside.source, aside.expires) == ("granted", LOONG.id, "2026-11-24")


def test_an_expired_exception_is_a_missing_fact_and_the_finding_counts():
    late = waiver(expires=TODAY - timedelta(1))
    result = judged([A], target=replace(LOONG, waivers=(late,)))
    assert result.verdict is Verdict.RUNS_AFTER_CHANGES
    (fact,) = result.unknown
    assert "expired on 2026-11-23" in fact.fact
    assert "the board" in fact.how


@pytest.mark.parametrize(("match", "holds"), [("pkg:pypi/*", True), ("src/*", False)])
def test_an_exception_for_a_part_is_about_the_part_and_not_the_file(match, holds):
    part = finding(component="pkg:pypi/x@1")
    result = judged([part], target=replace(LOONG, waivers=(waiver(match=match),)))
    assert bool(result.suppressed) is holds
    assert (result.verdict is Verdict.BLOCKED) is not holds


def test_a_unit_fails_only_for_what_counts():
    fails = [Failure("src/a.c", (A.id, B.id)), Failure("src/c.c", (A.id,))]
    assert judged(fails=fails).fails == tuple(fails)
    result = judged(fails=fails, suppress=[Suppression("no", rule="chip.a")])
    assert result.fails == (Failure("src/a.c", (B.id,)),)


def test_objectives_are_reached_by_what_counts():
    free = Criterion("free", "?", "computed", "no_blocking_findings")
    aim = Objective("O", "title", 1.0, 1, {1: ("free",)})
    target = replace(LOONG, objectives=(aim,), criteria={"free": free})

    def level(**changes):
        (objective,) = judged([A], target=target, **changes).objectives
        return objective.level_at_least, objective.level_at_most

    assert level() == (0, 0)
    assert level(suppress=[Suppression("no", rule="chip.a")]) == (1, 1)
    assert level(suppress=[Suppression("no", rule="chip.a")], unknown=[UNKNOWN]) == (0, 1)


findings = st.lists(
    st.builds(
        finding,
        id=st.integers(0, 9).map("{:016x}".format),
        severity=st.sampled_from(Severity),
        confidence=st.sampled_from([0.1, 0.49, 0.5, 0.9]),
        path=st.sampled_from(["a.c", "b.c"]),
        line=st.integers(0, 3),
        rule=st.sampled_from(["chip.a", "os.b"]),
        component=st.sampled_from(["", "", "pkg:npm/x@1"]),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)
unknowns = st.lists(st.just(UNKNOWN), max_size=1)


@given(findings, st.randoms(use_true_random=False))
def test_the_order_is_that_of_the_findings_themselves(found, random):
    shuffled = found[:]
    random.shuffle(shuffled)
    ordered = judged(found).findings
    assert judged(shuffled).findings == ordered
    assert [f.severity.rank for f in ordered] == sorted(f.severity.rank for f in found)


@given(findings, unknowns)
def test_a_missing_fact_is_never_a_pass(found, unknown):
    verdict = verdict_of(found, unknown)
    doubt = [f for f in found if f.severity is Severity.BLOCKS]
    assert (verdict is Verdict.RUNS) == (not unknown and not doubt)


RISING = [Verdict.RUNS, Verdict.UNKNOWN, Verdict.RUNS_AFTER_CHANGES, Verdict.BLOCKED]


@given(findings, findings, unknowns, unknowns)
def test_to_know_more_that_is_bad_never_makes_the_verdict_better(found, more, unknown, less):
    before = verdict_of(found, unknown)
    after = verdict_of([*found, *more], [*unknown, *less])
    assert RISING.index(after) >= RISING.index(before)


@given(findings, st.sampled_from(["chip.a", "os.b", "*.*"]))
def test_nothing_is_lost_when_things_are_set_aside(found, rule):
    result = judged(found, suppress=[Suppression("no", rule=rule)])
    everything = [*result.findings, *(each.finding for each in result.suppressed)]
    assert sorted(f.id for f in everything) == sorted(f.id for f in found)
