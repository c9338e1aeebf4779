"""Files that are for another architecture by their path: joined per rule and place."""

from __future__ import annotations

from collections import defaultdict

import pytest
from check_sample import LOONG, finding

from duanban.check.findings import UNCERTAIN
from duanban.check.places import (
    ALONE,
    ASIDE,
    PASSED_BY,
    SERVED,
    Reach,
    is_assembler,
    join_by_place,
    without_other_systems,
)
from duanban.model import Effort, Layer, Severity, Truth
from duanban.scan.place import Elsewhere
from duanban.scan.setup import expanded_rules

RULES = defaultdict(lambda: RULES["chip.page.mask"], {rule.id: rule for rule in expanded_rules()})
X86 = ("src/x86/a.c", "src/x86/b.c", "src/x86/deep/c.c")


def joined(by_path, *others, failing=None, **known):
    reach = Reach(
        elsewhere=Elsewhere([*by_path, *others], ["loongarch64"]),
        architecture=LOONG.architecture.name,
        failing=failing or {},
        followed=known.get("followed", frozenset()),
        idle=known.get("idle", frozenset()),
        included=known.get("included", frozenset()),
        built=known.get("built", {}),
        emulated=known.get("emulated", frozenset()),
        is_assembler=known.get("is_assembler", False),
    )
    return join_by_place(by_path, reach, RULES)


def one_each(paths, **changes):
    return {
        path: [finding(id=f"{number:016x}", path=path, **changes)]
        for number, path in enumerate(paths)
    }


def test_a_file_for_all_stays_as_it_is():
    found = one_each(["src/a.c", "lib/b.c"])
    assert joined(found) == ([f for (f,) in found.values()], {})


def test_a_file_for_the_target_stays_as_it_is():
    found = one_each(["src/loongarch/a.c"])
    assert joined(found, "src/x86/a.c")[0] == found["src/loongarch/a.c"]


def test_a_place_that_has_nothing_else_is_one_finding_with_less_confidence():
    (one,), names = joined(one_each(X86))
    assert one.severity is Severity.BLOCKS
    assert one.confidence == round(0.8 * ALONE, 3)
    assert one.occurrences == 3
    assert "3 files under src/x86; by its path" in one.message
    assert set(names.values()) == {one.id}
    assert len(names) == 3


@pytest.mark.parametrize("beside", ["src/arm64/a.c", "src/generic/a.c"])
def test_a_place_that_others_are_served_at_does_not_block(beside):
    (one,), _ = joined(one_each(X86), beside)
    assert one.severity is Severity.DEGRADES
    assert one.confidence == SERVED
    assert "others have their own" in one.message


def test_a_header_that_only_units_for_others_fail_through_does_not_block():
    found = one_each(["src/vector.h"])
    (one,), names = joined(
        found, "src/sum_avx2.c", "src/sum_c.c", failing={"src/sum_avx2.c": {"0" * 16}}
    )
    assert (one.severity, one.confidence) == (Severity.DEGRADES, SERVED)
    assert names == {"0" * 16: one.id}


@pytest.mark.parametrize("unit", ["src/main.c", "src/alone_avx2.c"])
def test_a_header_that_any_other_unit_fails_through_stays(unit):
    found = one_each(["src/vector.h"])
    failing = {"src/sum_avx2.c": {"0" * 16}, unit: {"0" * 16}}
    assert joined(found, "src/sum_avx2.c", "src/sum_c.c", unit, failing=failing)[0] == [
        found["src/vector.h"][0]
    ]


def test_what_is_not_grave_does_not_get_graver():
    (one,), _ = joined(one_each(X86, severity=Severity.REVIEW, confidence=0.01), "src/arm/a.c")
    assert (one.severity, one.confidence) == (Severity.REVIEW, 0.01)


def test_the_gravest_of_a_place_speaks_for_it():
    found = one_each(X86[:2], severity=Severity.REVIEW)
    found[X86[1]] = [finding(id="f" * 16, path=X86[1], message="stops", line=9)]
    (one,), _ = joined(found)
    assert (one.severity, one.path, one.line) == (Severity.BLOCKS, X86[1], 9)


def test_the_work_is_that_of_the_longest_not_the_sum():
    found = one_each(X86[:2])
    found[X86[1]] = [finding(id="f" * 16, path=X86[1], effort_hours=Effort(3, 8, 20))]
    assert joined(found)[0][0].effort_hours == Effort(3, 8, 20)


def test_rules_and_places_are_kept_apart():
    found = one_each(["src/x86/a.c", "lib/x86/a.c"])
    found["src/x86/b.c"] = [finding(id="f" * 16, path="src/x86/b.c", rule="chip.b")]
    findings, names = joined(found)
    assert sorted((f.rule, f.path) for f in findings) == [
        ("chip.a", "lib/x86/a.c"),
        ("chip.a", "src/x86/a.c"),
        ("chip.b", "src/x86/b.c"),
    ]
    assert len({f.id for f in findings}) == len(set(names.values())) == 3


def test_a_single_file_says_that_its_path_made_it_so():
    (one,), _ = joined(one_each(["src/sum_avx2.c"]), "src/sum.c")
    assert one.message == "m (by its path for another architecture; others have their own)"


def test_the_id_of_a_place_stays_when_files_come_and_go():
    (before,), _ = joined(one_each(X86))
    (after,), _ = joined(one_each(X86[:1]))
    assert before.id == after.id


def test_a_source_that_the_build_leaves_out_does_not_block():
    (one,), _ = joined(one_each(["src/fast.c"]), built={"src/fast.c": Truth.FALSE})
    assert (one.severity, one.confidence) == (Severity.DEGRADES, SERVED)
    assert "build files leave it out" in one.message


def test_a_source_that_may_be_built_is_to_review():
    (one,), _ = joined(one_each(["src/fast.c"]), built={"src/fast.c": Truth.UNKNOWN})
    assert (one.severity, one.confidence) == (Severity.REVIEW, round(0.8 * UNCERTAIN, 3))


def test_a_header_of_sources_that_are_left_out_does_not_block():
    found = one_each(["src/fast.h"])
    failing = {"src/fast.c": {"0" * 16}}
    (one,), _ = joined(found, "src/fast.c", failing=failing, built={"src/fast.c": Truth.FALSE})
    assert one.severity is Severity.DEGRADES


def test_a_header_of_another_systems_units_does_not_block():
    found = one_each(["src/fast.h"])
    failing = {"src/win32/gui/main.c": {"0" * 16}}
    (one,), _ = joined(found, "src/win32/gui/main.c", failing=failing)
    assert one.severity is Severity.DEGRADES


@pytest.mark.parametrize(("how", "path"), [("followed", "src/a.c"), ("included", "src/a.h")])
def test_what_no_unit_came_to_is_hardly_worth_a_look(how, path):
    found = one_each([path], rule="chip.intrinsics.x86")
    (one,), _ = joined(found, **{how: {path}})
    assert (one.severity, one.confidence) == (Severity.REVIEW, round(0.8 * PASSED_BY, 3))
    failing = {"src/main.c": {"0" * 16}}
    assert joined(found, failing=failing, **{how: {path}})[0] == found[path]


def test_a_unit_that_another_includes_fails_by_that_one_only():
    found = one_each(["src/part.c"], rule="chip.intrinsics.x86")
    failing = {"src/part.c": {"0" * 16}}
    (one,), _ = joined(found, failing=failing, included={"src/part.c"})
    assert one.severity is Severity.REVIEW


def test_an_emulation_at_hand_is_a_way():
    found = one_each(["src/a.c"], rule="chip.intrinsics.x86")
    (one,), _ = joined(found, emulated={"src/a.c"})
    assert one.severity is Severity.DEGRADES
    assert "includes SIMDe" in one.message


@pytest.mark.parametrize("path", ["tests/a.c", "docs/examples/a.c", "src/sum_test.cc"])
def test_no_user_waits_for_tests_and_examples(path):
    (one,), _ = joined(one_each([path]))
    assert (one.severity, one.confidence) == (Severity.DEGRADES, round(0.8 * ASIDE, 3))


def test_what_only_tests_come_to_does_not_block_unless_there_is_nothing_else():
    found = one_each(["src/timer.h"])
    failing = {"src/timer_benchmark.cc": {"0" * 16}}
    followed = {"src/timer_benchmark.cc", "src/main.cc"}
    (one,), _ = joined(found, failing=failing, followed=followed)
    assert one.severity is Severity.DEGRADES
    assert "only tests and examples" in one.message
    alone = joined(found, failing=failing, followed={"src/timer_benchmark.cc"})
    assert alone[0] == found["src/timer.h"]


def test_binaries_of_other_systems_are_not_missed():
    paths = ("native/FreeBSD/x86_64/libx.so", "native/Linux/x86_64/libx.so")
    found = [finding(path=path, layer=Layer.CHIP) for path in paths]
    assert without_other_systems(found) == found[1:]
    library = finding(path="win32/requirements.txt", layer=Layer.LIBRARY)
    assert without_other_systems([library]) == [library]


@pytest.mark.parametrize(
    ("paths", "mostly"),
    [
        (["e3.asm", "e3.h", "Makefile"], True),
        (["a.asm", "b.s", "main.c"], True),
        (["a.S", "main.c"], False),
        (["a.S", "b.S", "src/lib.rs", "src/x.rs"], False),
        (["a.S", "tests/a.c", "tests/b.c"], True),
        ([], False),
    ],
)
def test_a_tree_that_is_mostly_assembler(paths, mostly):
    assert is_assembler(paths) is mostly


def test_assembler_counts_in_full_where_nothing_in_c_can_stand_in():
    found = one_each(["e3.asm"], rule="chip.asm.nasm-file")
    (alone,), _ = joined(found, is_assembler=True)
    assert (alone.circumstance, alone.severity) == ("assembler tree", Severity.BLOCKS)
    (beside,), _ = joined(found)
    assert beside.circumstance == ""
