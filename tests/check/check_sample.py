"""Parts that the tests of the judgement put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from duanban.model import Effort, Finding, Layer, Severity
from duanban.rules.interface import Condition, Rule, View
from duanban.scan.record import FileRecord, Hit
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")

RULE = Rule(
    id="chip.a",
    title="title",
    layer=Layer.CHIP,
    severity=Severity.BLOCKS,
    confidence=0.8,
    languages=("c",),
    view=View.CODE,
    patterns=("x",),
    prefilter=(),
    excludes=(),
    condition=Condition(),
    guard="",
    breaks_compile=True,
    message="{match} on {target}",
    why="why",
    remedy="for {target} replace {match}",
    effort=Effort(1, 2, 4),
    effort_each=Effort(0.1, 0.25, 0.5),
    sources=("https://example.org/",),
    positive=(),
    negative=(),
)

FINDING = Finding(
    id="0" * 16,
    rule="chip.a",
    layer=Layer.CHIP,
    severity=Severity.BLOCKS,
    confidence=0.8,
    path="src/a.c",
    line=3,
    end_line=3,
    message="m",
    remedy="r",
    effort_hours=Effort(1, 2, 4),
)


def rule(**changes: Any) -> Rule:
    return replace(RULE, **changes)


def finding(**changes: Any) -> Finding:
    return replace(FINDING, **changes)


def hit(**changes: Any) -> Hit:
    fields = {
        "rule": "chip.a",
        "line": 3,
        "end_line": 3,
        "occurrences": 1,
        "certain": True,
        "guard": "",
        "match": "x()",
        "snippet": "x();",
    }
    return Hit(**{**fields, **changes})


def record(*hits: Hit, path: str = "src/a.c") -> FileRecord:
    return FileRecord(path, language="c", hits=(hits,))
