"""Judges an inventory against one target."""

from __future__ import annotations

from duanban.inventory.interface import Inventory
from duanban.model import Finding, UnknownFact
from duanban.targets.interface import Target


def judge_inventory(
    inventory: Inventory, target: Target
) -> tuple[list[Finding], list[UnknownFact]]:
    """Return what the inventory's ties mean for `target`: findings and missing facts.

    Both come without duplicates and in a fixed order: findings by path, line, rule and id.
    """
    findings: dict[str, Finding] = {}
    unknown: dict[UnknownFact, None] = {}
    for tie in inventory.ties:
        said = tie.judge(target)
        if isinstance(said, Finding):
            findings.setdefault(said.id, said)
        elif said is not None:
            unknown.setdefault(said)
    return (
        sorted(findings.values(), key=lambda one: (one.path, one.line, one.rule, one.id)),
        sorted(unknown, key=lambda one: (one.fact, one.how)),
    )
