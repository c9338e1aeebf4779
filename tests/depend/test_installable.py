"""What can be installed: by example, and against trying all sets of packages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import broken, broken_by_trying, stanza, universe

from duanban.depend.explain import Explainer
from duanban.depend.installable import check


def test_a_missing_package_breaks_all_that_need_it() -> None:
    packages = [stanza("a", Depends="b"), stanza("b", Depends="gone"), stanza("c")]
    assert broken(packages) == ["a", "b"]


def test_one_alternative_is_enough() -> None:
    assert broken([stanza("a", Depends="gone | b"), stanza("b")]) == []


@pytest.mark.parametrize(
    ("relation", "fits"),
    [
        ("b (>= 2)", True),
        ("b (>> 2)", False),
        ("b (<< 2)", False),
        ("b (= 2)", True),
        ("b (<= 1)", False),
    ],
)
def test_versions(relation: str, fits: bool) -> None:
    assert broken([stanza("a", Pre_Depends=relation), stanza("b", "2")]) == ([] if fits else ["a"])


@pytest.mark.parametrize(
    ("provides", "relation", "fits"),
    [
        ("v", "v", True),
        ("v", "v (>= 1)", False),
        ("v (= 2)", "v (>= 1)", True),
        ("v (= 2)", "v (>= 3)", False),
        ("other, v (= 2)", "v", True),
    ],
)
def test_virtual_packages(provides: str, relation: str, fits: bool) -> None:
    found = broken([stanza("a", Depends=relation), stanza("p", Provides=provides)])
    assert found == ([] if fits else ["a"])


@pytest.mark.parametrize(
    ("multi_arch", "relation", "fits"),
    [
        ("allowed", "b:any", True),
        ("same", "b:any", False),
        ("foreign", "b", True),
        ("", "b:loong64", True),
        ("", "b:amd64", False),
    ],
)
def test_multi_arch(multi_arch: str, relation: str, fits: bool) -> None:
    packages = [stanza("a", Depends=relation), stanza("b", **{"Multi_Arch": multi_arch})]
    assert broken(packages) == ([] if fits else ["a"])


def test_rivals_cannot_stand_together() -> None:
    packages = [stanza("a", Depends="b, c"), stanza("b", Conflicts="c"), stanza("c")]
    assert broken(packages) == ["a"]
    assert broken([*packages, stanza("d", Provides="c")]) == ["a"], "it provides what b excludes"


def test_a_conflict_with_ones_own_virtual_name_is_none() -> None:
    mta = [stanza(name, Provides="mta", Conflicts="mta") for name in ("exim", "postfix")]
    assert broken([*mta, stanza("a", Depends="exim")]) == []
    assert broken([*mta, stanza("a", Depends="exim, postfix")]) == ["a"]


def test_breaks_with_a_version() -> None:
    packages = [stanza("a", Breaks="b (<< 2)", Depends="b"), stanza("b", "2")]
    assert broken(packages) == []
    assert broken([packages[0], stanza("b", "1")]) == ["a"]


def test_two_versions_of_a_package_are_rivals() -> None:
    packages = [
        stanza("a", Depends="b (= 1), c"),
        stanza("b", "1"),
        stanza("b", "2"),
        stanza("c", Depends="b (= 2)"),
    ]
    assert broken(packages) == ["a"]


def test_essential_packages_are_always_there() -> None:
    packages = [stanza("a", Conflicts="base"), stanza("base", Essential="yes")]
    assert broken(packages) == ["a"]


def test_other_architectures_are_passed_over() -> None:
    packages = [
        stanza("a", Depends="b"),
        stanza("b", Architecture="amd64"),
        stanza("c", Architecture="all"),
    ]
    assert broken(packages) == ["a"]


def test_a_hard_choice_is_found() -> None:
    # The first provider of every choice leads astray; only p1 with q2 and r2 works.
    packages = [
        stanza("a", Depends="p0 | p1, q0 | q1 | q2, r1 | r2"),
        stanza("p0", Conflicts="q0, q1, q2"),
        stanza("p1", Conflicts="q0"),
        stanza("q0"),
        stanza("q1", Conflicts="r1, r2"),
        stanza("q2", Conflicts="r1"),
        stanza("r1"),
        stanza("r2"),
    ]
    assert broken(packages) == []


NAMES = "abcdefg"
CHOICES = st.lists(
    st.sampled_from([*NAMES, "v", "w", "c (>= 2)", "c (<< 2)"]), min_size=1, max_size=3
)
RELATIONS = st.lists(CHOICES.map(" | ".join), max_size=3).map(", ".join)
RIVALS = st.lists(st.sampled_from([*NAMES, "v", "w (= 1)"]), max_size=2).map(", ".join)


@st.composite
def universes(draw: st.DrawFn) -> list[dict[bytes, bytes]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8))
    return [
        stanza(
            name,
            draw(st.sampled_from(["1", "2"])),
            Depends=draw(RELATIONS),
            Conflicts=draw(RIVALS),
            Provides=draw(st.sampled_from(["", "", "v", "w (= 1)"])),
            Essential=draw(st.sampled_from(["", "", "", "", "yes"])),
        )
        for name in names
    ]


@settings(max_examples=400)
@given(stanzas=universes())
def test_trying_all_sets_agrees(stanzas: list[dict[bytes, bytes]]) -> None:
    made = universe(stanzas)
    outcome = check(made)
    assert outcome.broken == broken_by_trying(made)
    explainer = Explainer(made, outcome)
    assert all(explainer.why(index) for index in outcome.broken)


def test_reasons_lead_to_the_root() -> None:
    made = universe(
        [
            stanza("a", Depends="b"),
            stanza("b", Depends="c (>= 2)"),
            stanza("c", "1"),
            stanza("d", Depends="gone | lost"),
            stanza("e", Depends="x, y"),
            stanza("x", Conflicts="y"),
            stanza("y"),
        ]
    )
    outcome = check(made)
    why = {made.names[i].decode(): Explainer(made, outcome).why(i) for i in outcome.broken}
    assert why == {
        "a": "needs b -> c (>= 2), but there is only c 1",
        "b": "needs c (>= 2), but there is only c 1",
        "d": "needs gone | lost, which nothing provides",
        "e": "every choice of what it needs holds a pair that conflicts: x and y",
    }
