"""From what the scan saw to findings: ids that last, weights, words, effort."""

from __future__ import annotations

import re

import pytest
from check_sample import LOONG, RULE, hit, record, rule
from hypothesis import given
from hypothesis import strategies as st

from duanban.check.findings import UNCERTAIN, confirmed, finding_at, findings_of
from duanban.model import Effort, Severity

RULES = {each.id: each for each in (RULE, rule(id="chip.b", severity=Severity.REVIEW))}


def made(*hits, path="src/a.c"):
    return findings_of([record(*hits, path=path)], 0, LOONG, RULES)[path]


def ids(*hits, path="src/a.c"):
    return [finding.id for finding in made(*hits, path=path)]


def test_an_id_is_sixteen_hex_digits_and_does_not_depend_on_lines():
    (before,) = ids(hit(line=3, end_line=3))
    (after,) = ids(hit(line=300, end_line=307, occurrences=4, certain=False, weight=0.5))
    assert before == after
    assert re.fullmatch("[0-9a-f]{16}", before)


def test_an_id_stays_from_release_to_release():
    # Baselines and suppressions of users hold these: whoever changes the formula breaks them.
    assert ids(hit()) == ["229b6a9e9a0c8d3e"]


@pytest.mark.parametrize("change", [{"snippet": "x(1);"}, {"rule": "chip.b"}])
def test_an_id_changes_with_the_rule_and_the_text(change):
    assert ids(hit(**change)) != ids(hit())


def test_an_id_changes_with_the_path():
    assert ids(hit(), path="src/b.c") != ids(hit())


def test_equal_lines_of_one_file_have_ids_of_their_own():
    three = ids(hit(line=1), hit(line=40), hit(line=80))
    assert len(set(three)) == 3
    # One that goes away at the end leaves the others as they were.
    assert ids(hit(line=1), hit(line=40)) == three[:2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(RULES)), st.sampled_from(["x();", "y();", ""]), st.integers(1, 9)
        ),
        max_size=8,
    )
)
def test_no_two_findings_of_a_tree_share_an_id(places):
    hits = [hit(rule=name, snippet=snippet, line=line) for name, snippet, line in places]
    records = [record(*hits, path=path) for path in ("a.c", "b.c")]
    found = findings_of(records, 0, LOONG, RULES)
    every = [finding.id for findings in found.values() for finding in findings]
    assert len(every) == len(set(every)) == 2 * len(hits)


def test_files_without_a_place_for_this_target_have_no_findings():
    nothing = record(path="none.c")
    elsewhere = record(hit(), path="other.c")
    assert findings_of([nothing], 0, LOONG, RULES) == {}
    two = type(elsewhere)("b.c", language="c", hits=((), (hit(),)))
    assert findings_of([two], 0, LOONG, RULES) == {}
    assert list(findings_of([two], 1, LOONG, RULES)) == ["b.c"]


def test_messages_name_the_match_and_the_target_and_take_braces_as_they_are():
    (finding,) = made(hit(match="{target} {0} {x.y}"))
    assert finding.message == "{target} {0} {x.y} on loongarch64"
    assert finding.remedy == "for loongarch64 replace {target} {0} {x.y}"


def test_a_place_that_may_not_be_compiled_is_to_be_looked_at_and_never_blocks():
    (finding,) = made(hit(certain=False, guard="defined(HAVE_X)"))
    assert finding.severity is Severity.REVIEW
    assert finding.confidence == RULE.confidence * UNCERTAIN
    assert finding.guard == "defined(HAVE_X)"
    whole = confirmed(finding, RULE)
    assert (whole.severity, whole.confidence, whole.id) == (Severity.BLOCKS, 0.8, finding.id)


def test_what_the_place_says_weighs_too():
    assert made(hit(weight=0.25))[0].confidence == 0.2


@pytest.mark.parametrize(
    ("places", "effort"),
    [(1, Effort(1, 2, 4)), (2, Effort(1.1, 2.25, 4.5)), (11, Effort(2, 4.5, 9))],
)
def test_further_places_of_a_finding_cost_less_each(places, effort):
    assert made(hit(occurrences=places))[0].effort_hours == effort


def test_what_only_a_whole_unit_tells_has_an_id_of_its_own():
    told = finding_at(RULE, ("src/a.c", 3), LOONG, "x();")
    assert told.id not in ids(hit())
    assert told.id == finding_at(RULE, ("src/a.c", 9), LOONG, "x();").id
    assert (told.line, told.severity, told.message) == (3, Severity.BLOCKS, "x(); on loongarch64")
