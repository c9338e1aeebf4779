"""What holds an estate back: shared causes, ways to solve them, the best within a budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.cli.staves_text import as_json, as_text
from duanban.model import (
    Answer,
    Blocker,
    Effort,
    Finding,
    Layer,
    Offer,
    Provenance,
    Scanned,
    Severity,
    ShortPart,
    SystemReport,
    TargetResult,
    UnknownFact,
    Verdict,
)
from duanban.staves.estate import FACT, Member, analyse_estate

SOURCE = Provenance("debian-sid", "2026-10-30", "0" * 64)
LUA, GCC, FPC = (Blocker(name, "architecture list") for name in ("lua", "gcc", "fpc"))


def finding(id, *, component="", severity=Severity.BLOCKS, confidence=0.9, path="src/a.c"):
    return Finding(
        id, "os.package.missing" if component else "chip.intrinsics.x86", Layer.OS, severity,
        confidence, path, 1, 1, "m", "r", Effort(1, 2, 4), component=component,
    )  # fmt: skip


def part(id, name, *ways):
    offer = Offer(Answer.NONE, SOURCE, ways=ways)
    return ShortPart(f"pkg:deb/debian/{name}@1", (offer,), finding=id)


def member(name, needs, *, weight=1, own=False, facts=()):
    """A system that needs packages, each with the ways in which it can come about."""
    findings = [finding(n, component=f"pkg:deb/debian/{n}@1") for n in needs]
    if own:
        findings.append(finding("own"))
    result = TargetResult(
        "loong",
        Verdict.BLOCKED,
        findings=tuple(findings),
        unknown=tuple(UnknownFact(fact, "look") for fact in facts),
        parts=tuple(part(name, name, *ways) for name, ways in needs.items()),
    )
    report = SystemReport("l", name, "", Scanned(), (), (result,))
    return Member(name, report, weight)


def test_a_shared_cause_is_solved_once_and_ranked_by_what_it_holds():
    estate = [
        member("mail", {"rspamd": [(LUA,)]}, weight=5),
        member("web", {"nginx-lua": [(LUA,)], "old": [(FPC,)]}, weight=2),
        member("ide", {}, own=True, facts=("whether it starts",)),
        member("plain", {}),
    ]
    (found,) = analyse_estate(estate, 1)
    assert (found.systems, found.weight, found.free) == (4, 9, 1)
    assert [(s.blocker.name, s.alone, s.holds_back) for s in found.staves] == [
        ("lua", 7, 7),
        ("fpc", 2, 2),
        ("ide", 1, 1),
        ("whether it starts", 1, 1),
    ]
    assert found.staves[0].systems == ("mail", "web")
    assert found.staves[0].parts == ("pkg:deb/debian/nginx-lua@1", "pkg:deb/debian/rspamd@1")
    assert (found.plan.chosen, found.plan.unlocked, found.plan.bound) == ((LUA,), 5, 5)
    assert [point.unlocked for point in found.curve] == [0, 5, 7, 7, 8]
    assert found.staves[3].blocker.cause == FACT


def test_of_several_ways_one_is_enough():
    (found,) = analyse_estate([member("a", {"x": [(LUA, GCC), (FPC,)]})], 1)
    assert found.plan.chosen == (FPC,)
    assert {stave.blocker: stave.alone for stave in found.staves} == {LUA: 0, GCC: 0, FPC: 0}


def test_of_causes_that_free_as_much_the_cheaper_one_is_chosen():
    estate = [member("own", {}, own=True), member("a", {"x": [(LUA,)]}), member("b", {}, facts="?")]
    large = replace(estate[0].report.targets[0].findings[0], effort_hours=Effort(50, 90, 200))
    result = replace(estate[0].report.targets[0], findings=(large,))
    estate[0] = Member("own", replace(estate[0].report, targets=(result,)))
    (found,) = analyse_estate(estate, 2)
    assert {one.name for one in found.plan.chosen} == {"?", "lua"}


def test_what_is_not_credible_or_does_not_block_holds_nothing_back():
    result = TargetResult(
        "loong",
        Verdict.RUNS,
        findings=(finding("a", severity=Severity.DEGRADES), finding("b", confidence=0.2)),
    )
    report = SystemReport("l", "s", "", Scanned(), (), (result,))
    (found,) = analyse_estate([Member("s", report)], 3)
    assert (found.held, found.staves, found.free) == ((), (), 1)
    assert next(as_text([found], everything=False)).endswith("0 of 1)")


def test_text_and_json_say_the_same():
    found = analyse_estate([member("mail", {"rspamd": [(LUA,)]}, weight=5)], 2)
    lines = list(as_text(found, everything=False))
    assert "loong: 1 of 1 system held back (weight 5 of 5)" in lines[0]
    assert any("lua: architecture list" in line for line in lines)
    assert any("frees weight 5; the optimum, proven" in line for line in lines)
    told = as_json(found)
    assert told["schema"] == "duanban.estate-staves/1"
    assert told["targets"][0]["plan"]["chosen"] == [{"name": "lua", "cause": "architecture list"}]


CAUSES = [Blocker(f"cause{number}", "build") for number in range(5)]
WAYS = st.lists(
    st.lists(st.sampled_from(CAUSES), min_size=1, max_size=3, unique=True).map(tuple),
    min_size=1,
    max_size=3,
)
NEEDS = st.dictionaries(st.sampled_from("pqr"), WAYS, max_size=3)


@settings(max_examples=150)
@given(st.lists(st.tuples(NEEDS, st.integers(1, 5)), max_size=5), st.integers(0, 5))
def test_the_plan_is_the_best_of_all_choices(systems, budget):
    estate = [member(f"s{n}", needs, weight=w) for n, (needs, w) in enumerate(systems)]
    if not estate:
        assert analyse_estate(estate, budget) == ()
        return
    (found,) = analyse_estate(estate, budget)

    def freed(chosen):
        return sum(
            weight
            for needs, weight in systems
            if needs and all(any(set(way) <= chosen for way in ways) for ways in needs.values())
        )

    best = max(freed(set(chosen)) for k in range(budget + 1) for chosen in combinations(CAUSES, k))
    assert found.plan.unlocked == freed(set(found.plan.chosen)) == best == found.plan.bound
    for stave in found.staves:
        others = freed(set(CAUSES) - {stave.blocker})
        everything = freed(set(CAUSES))
        assert stave.alone == everything - others


@pytest.mark.parametrize("budget", [0, 9])
def test_a_budget_beyond_the_causes_is_no_error(budget):
    (found,) = analyse_estate([member("a", {"x": [(LUA,)]})], budget)
    assert found.plan.unlocked == min(budget, 1)
