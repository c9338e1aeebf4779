"""What holds back what in a check."""

from __future__ import annotations

from dataclasses import replace

import report_sample as sample

from duanban.model import (
    Answer,
    Failure,
    Offer,
    Provenance,
    Severity,
    ShortPart,
    TargetResult,
    Verdict,
)
from duanban.report.summary import staves
from duanban.report.waits import pictures


def test_units_wait_for_headers_and_these_for_causes():
    (loong, *_) = pictures(sample.report(), sample.RULES)
    names = [node.name for node in loong.nodes]
    stave = next(one for one in loong.staves if one.cause == "chip.intrinsics.x86")
    assert stave.name == sample.RULES["chip.intrinsics.x86"].title
    waiting = {names[one] for one in stave.blocks}
    assert any(name.endswith("dispatch.c") for name in waiting)
    (edge,) = [e for e in loong.edges if names[e[0]].endswith("dispatch.c")]
    assert edge[1] in stave.at
    assert stave.holds_back == len(waiting)
    assert [one.alone for one in loong.staves] == sorted(
        (one.alone for one in loong.staves), reverse=True
    )


def test_targets_that_look_the_same_share_a_picture():
    report = sample.report()
    systems = tuple(
        replace(
            system,
            targets=tuple(
                replace(system.targets[0], target=name) for name in ("one", "two", "three")
            ),
        )
        for system in report.systems
    )
    made = pictures(replace(report, systems=systems), sample.RULES)
    assert [one.target for one in made] == ["one, two, three"]


def test_a_short_part_holds_back_what_reaches_it():
    report = sample.report()
    system = next(s for s in report.systems if any(f.component for f in s.targets[0].findings))
    result = system.targets[0]
    finding = next(f for f in result.findings if f.component)
    finding = replace(finding, severity=Severity.BLOCKS)
    route = ("pkg:pypi/shop@1", "pkg:pypi/models@2", finding.component)
    part = ShortPart(
        finding.component,
        (Offer(Answer.NONE, Provenance("pypi", "2026-11-25", "0" * 64)),),
        route,
        finding=finding.id,
    )
    result = replace(result, findings=(finding,), fails=(), parts=(part,))
    system = replace(system, targets=(result,))
    (made,) = pictures(replace(report, systems=(system,)), sample.RULES)
    (stave,) = made.staves
    names = [node.name for node in made.nodes]
    assert stave.name == "lightgbm 4.6.0"
    assert [names[one] for one in stave.blocks] == ["lightgbm 4.6.0", "models 2", "shop 1"]
    assert [tuple(names[one] for one in edge) for edge in made.edges] == [
        ("models 2", "lightgbm 4.6.0"),
        ("shop 1", "models 2"),
    ]


def test_nothing_that_blocks_is_no_picture():
    report = sample.report()
    systems = tuple(
        replace(s, targets=tuple(replace(r, findings=(), fails=()) for r in s.targets))
        for s in report.systems
    )
    assert pictures(replace(report, systems=systems), {}) == []


def test_what_only_degrades_holds_no_file_back():
    """A file that the build leaves out there may not compile, and still nothing waits for it."""
    found = sample.finding("chip.page-size.fixed", "left/out.c", 1, "x", "y")
    assert found.severity is Severity.DEGRADES
    result = TargetResult(
        sample.LOONG, Verdict.RUNS, fails=(Failure("left/out.c", (found.id,)),), findings=(found,)
    )
    report = sample.report()
    report = replace(report, systems=(replace(report.systems[0], targets=(result,)),))
    assert pictures(report, sample.RULES) == []
    assert staves(report.systems, sample.LOONG)[0].blocked == 0
