"""Runs a rule's examples through the real engine."""

from __future__ import annotations

from functools import cache

from duanban.rules import Example, Rule
from duanban.scan.examine import Examiner
from duanban.scan.setup import make_examiner
from duanban.targets.loader import load_target

DEFAULT_TARGET = "debian-sid-loong64"


@cache
def _examiner(target: str, engine: str) -> Examiner:
    return make_examiner([load_target(target)], engine)


def hits(example: Example, engine: str = "") -> list[str]:
    """Return the ids of all rules that find something in the example."""
    examiner = _examiner(example.target or DEFAULT_TARGET, engine)
    record = examiner.examine(example.name, example.text.encode())
    return [] if record is None else sorted({hit.rule for hit in record.hits[0]})


def examples_of(rules: tuple[Rule, ...]) -> list[tuple[Rule, Example, bool]]:
    return [
        (rule, example, expected)
        for rule in rules
        for expected, examples in ((True, rule.positive), (False, rule.negative))
        for example in examples
    ]
