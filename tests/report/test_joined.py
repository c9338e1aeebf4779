"""What several targets have in common is told once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import report_sample as sample

from duanban.model import Scanned, SystemReport, TargetResult, UnknownFact, Verdict
from duanban.report.html_data import page_data
from duanban.report.joined import findings_of, joined_text, unknown_facts


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (["a b"], "a b"),
        (["a b", "a b"], "a b"),
        (["arm64 has none", "riscv64 has none"], "arm64/riscv64 has none"),
        (
            ["none for arm64", "none for riscv64", "none for loong64"],
            "none for arm64/riscv64/loong64",
        ),
        (["x a y", "x b y"], "x a/b y"),
        (["x y", "x a y"], None),
        (["one thing", "another matter"], None),
        (["start a b c d end", "start e f g h end"], None),
    ],
)
def test_texts_that_differ_in_a_machine_are_one(texts, joined):
    assert joined_text(texts) == joined


def system_of(*results):
    return SystemReport("l", "s", "", Scanned(1, 1), (), results)


def found(machine, **more):
    made = sample.finding("chip.intrinsics.x86", "a.c", 3, "x", f"{machine} has no such name")
    return replace(made, **more)


def test_a_place_is_one_finding_with_its_targets():
    system = system_of(
        TargetResult("t1", Verdict.BLOCKED, findings=(found("arm64"),)),
        TargetResult("t2", Verdict.BLOCKED, findings=(found("riscv64", confidence=0.95),)),
    )
    ((one, targets),) = findings_of(system).items()
    assert (one.message, one.confidence) == ("arm64/riscv64 has no such name", 0.95)
    assert targets == ["t1", "t2"]
    report = replace(sample.report(), systems=(system,))
    data = json.loads(page_data(report, sample.RULES))
    assert len(data["columns"][0]) == 1
    assert data["sets"] == [[0, 1]]


def test_what_differs_in_severity_or_line_stays_apart():
    for other in (found("riscv64", severity=sample.Severity.REVIEW), found("riscv64", line=9)):
        system = system_of(
            TargetResult("t1", Verdict.BLOCKED, findings=(found("arm64"),)),
            TargetResult("t2", Verdict.BLOCKED, findings=(other,)),
        )
        assert len(findings_of(system)) == 2


def test_a_question_about_the_same_parts_is_asked_once():
    def fact(machine, *parts):
        return UnknownFact(f"whether it builds on {machine}", f"build on {machine}", parts)

    system = system_of(
        TargetResult("t1", Verdict.UNKNOWN, unknown=(fact("arm64", "pkg:npm/a@1"), fact("arm64"))),
        TargetResult("t2", Verdict.UNKNOWN, unknown=(fact("loong64", "pkg:npm/a@1"), fact("z"))),
    )
    assert unknown_facts(system) == {
        UnknownFact("whether it builds on arm64/loong64", "build on arm64", ("pkg:npm/a@1",)): [
            "t1",
            "t2",
        ],
        fact("arm64"): ["t1"],
        fact("z"): ["t2"],
    }
