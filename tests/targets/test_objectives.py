"""Levels and scores under three-valued facts."""

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from duanban.model import (
    Component,
    ComponentState,
    Effort,
    Finding,
    Layer,
    Severity,
    Truth,
    UnknownFact,
)
from duanban.targets.interface import Criterion, Objective, Target
from duanban.targets.loader import load_target
from duanban.targets.objectives import FACTS, evaluate, facts_of, score

DOCS = Path(__file__).resolve().parents[2] / "docs" / "targets.md"


def finding(severity=Severity.BLOCKS, layer=Layer.CHIP):
    return Finding("0" * 16, "r", layer, severity, 0.9, "a.c", 1, 1, "m", "r", Effort())


def part(purl="pkg:pypi/a@1", state=ComponentState.LOCKED, architectures=()):
    return Component(purl, state, architectures)


def target(levels, criteria="abcdef", weight=1.0, floor=1):
    return Target(
        id="t",
        title="t",
        platform=load_target("debian-sid-arm64").platform,
        criteria={name: Criterion(name, "?", "evidence", "x") for name in criteria},
        objectives=(Objective("O", "o", weight, floor, levels),),
    )


truths = st.sampled_from(list(Truth))
scales = st.lists(
    st.lists(st.sampled_from("abcdef"), max_size=3).map(tuple), min_size=1, max_size=4
).map(lambda levels: dict(enumerate(levels, 1)))


@given(scales, st.fixed_dictionaries(dict.fromkeys("abcdef", truths)))
def test_the_range_is_what_all_completions_of_the_unknown_span(levels, facts):
    [result] = evaluate(target(levels), facts)
    unknown = [name for name, value in facts.items() if value is Truth.UNKNOWN]
    reached = set()
    for values in itertools.product([True, False], repeat=len(unknown)):
        full = {name: value is Truth.TRUE for name, value in facts.items()}
        full |= dict(zip(unknown, values, strict=True))
        level = 0
        while level + 1 in levels and all(full[name] for name in levels[level + 1]):
            level += 1
        reached.add(level)
    assert (result.level_at_least, result.level_at_most) == (min(reached), max(reached))
    assert result.highest == max(levels)


@given(scales, st.fixed_dictionaries(dict.fromkeys("abcdef", truths)), st.integers(0, 4))
def test_the_score_lies_between_its_bounds_and_the_floor_is_three_valued(levels, facts, floor):
    floor = min(floor, max(levels))
    [result] = evaluate(target(levels, floor=floor), facts)
    total = score([result])
    assert 0 <= total.low <= total.high <= 1
    if result.level_at_least >= floor:
        assert total.floor_met is Truth.TRUE
    elif result.level_at_most < floor:
        assert total.floor_met is Truth.FALSE
    else:
        assert total.floor_met is Truth.UNKNOWN


def test_weights_count_and_a_missed_floor_is_not_bought_back():
    high = target({1: ("a",)}, weight=20.0)
    low = target({1: ("b",)}, weight=15.0)
    facts = {"a": Truth.TRUE, "b": Truth.FALSE}
    results = [*evaluate(high, facts), *evaluate(low, facts)]
    total = score(results)
    assert total.low == total.high == 20 / 35
    assert total.floor_met is Truth.FALSE


def test_without_objectives_nothing_is_missed():
    assert score([]).floor_met is Truth.TRUE


def test_every_fact_is_computed_described_and_documented():
    assert facts_of([], [], []).keys() == FACTS.keys()
    text = DOCS.read_text(encoding="utf-8")
    for name, meaning in FACTS.items():
        assert f"| `{name}` | {meaning} |" in text


def test_an_empty_system_proves_little():
    facts = facts_of([], [], [])
    assert facts["components_known"] is Truth.UNKNOWN
    assert facts["all_components_have_purl"] is Truth.UNKNOWN
    assert facts["no_blocking_findings"] is Truth.TRUE


def test_missing_facts_make_the_absence_of_findings_unknown_but_not_their_presence():
    missing = [UnknownFact("f", "h")]
    assert facts_of([], [], missing)["no_blocking_findings"] is Truth.UNKNOWN
    assert facts_of([], [finding()], missing)["no_blocking_findings"] is Truth.FALSE
    assert facts_of([], [], missing)["nothing_unknown"] is Truth.FALSE


def test_severity_and_layer_decide_which_facts_fail():
    facts = facts_of([], [finding(Severity.DEGRADES, Layer.DATABASE)], [])
    assert facts["no_blocking_findings"] is Truth.TRUE
    assert facts["no_degrading_findings"] is Truth.FALSE
    assert facts["no_database_or_middleware_ties"] is Truth.FALSE
    assert facts["no_crypto_ties"] is Truth.TRUE
    facts = facts_of([], [finding(Severity.REVIEW, Layer.CRYPTO)], [])
    assert facts["no_crypto_ties"] is Truth.TRUE


def test_components_are_judged_by_their_package_urls():
    scoped = part("pkg:npm/%40parcel/watcher@2.4.1?os=linux#sub/path")
    facts = facts_of([scoped, part("pkg:deb/debian/zlib@1.3")], [], [])
    assert facts["all_components_have_purl"] is Truth.TRUE
    assert facts["all_components_pinned"] is Truth.TRUE
    assert facts["all_components_from_distribution"] is Truth.FALSE
    assert facts_of([part("pkg:pypi/a")], [], [])["all_components_pinned"] is Truth.FALSE
    assert facts_of([part("libfoo.so")], [], [])["all_components_have_purl"] is Truth.FALSE
    declared = part("pkg:pypi/a", ComponentState.DECLARED)
    assert facts_of([declared], [], [])["all_components_locked"] is Truth.FALSE
    system = [part("pkg:deb/debian/a@1"), part("pkg:rpm/fedora/b@1")]
    assert facts_of(system, [], [])["all_components_from_distribution"] is Truth.TRUE


def test_native_code_in_the_tree_must_be_declared_or_is_at_least_prebuilt():
    native = part("pkg:pypi/a@1", ComponentState.EMBEDDED, ("x86_64",))
    alone = facts_of([native], [], [])
    assert alone["no_prebuilt_native_code"] is Truth.FALSE
    assert alone["no_undeclared_native_code"] is Truth.FALSE
    both = facts_of([native, part("pkg:pypi/a@1")], [], [])
    assert both["no_undeclared_native_code"] is Truth.TRUE
    assert both["no_prebuilt_native_code"] is Truth.FALSE


def test_the_european_framework_on_a_clean_and_on_a_blocked_system():
    stack = load_target("eu-csf-debian-sid-riscv64")
    components = [part()]
    supply, technology = evaluate(stack, facts_of(components, [], []))
    assert (supply.id, supply.weight, supply.floor) == ("SOV-5", 20, 2)
    assert (technology.id, technology.weight, technology.floor) == ("SOV-6", 15, 2)
    assert (supply.level_at_least, supply.level_at_most) == (2, 3)
    assert (technology.level_at_least, technology.level_at_most) == (2, 4)
    blocked = evaluate(stack, facts_of(components, [finding()], []))
    assert blocked[1].level_at_most == 1
    assert score(blocked).floor_met is Truth.FALSE
