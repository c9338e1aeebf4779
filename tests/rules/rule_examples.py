"""Runs a rule's examples through the real engine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from duanban.rules import Example, Rule
from duanban.scan.examine import Examiner
from duanban.scan.setup import make_examiner
from duanban.targets.interface import Target
from duanban.targets.loader import load_target

DEFAULT_TARGET = "debian-sid-loong64"
WIDE_CACHE_LINE = "wide-cache-line"
"""No shipped target has a cache line other than 64 bytes; rules about it get one of their own."""


@cache
def target_of(name: str) -> Target:
    if name != WIDE_CACHE_LINE:
        return load_target(name)
    target = load_target("debian-sid-arm64")
    architecture = replace(target.architecture, cache_line=128)
    return replace(target, platform=replace(target.platform, architecture=architecture))


@cache
def _examiner(target: str, engine: str) -> Examiner:
    return make_examiner([target_of(target)], engine)


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
