"""Judges an inventory against one target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from duanban.inventory.interface import Inventory, Tie
from duanban.inventory.knowledge import Evidence
from duanban.inventory.npm_ties import InstallScripts
from duanban.model import Finding, Layer, UnknownFact
from duanban.targets.interface import Target

PAYLOAD = "chip.payload.elf"
"""Binaries in one directory, or in archives of one, come from one place and want one answer."""


def judge_inventory(
    inventory: Inventory, target: Target
) -> tuple[list[Finding], list[UnknownFact]]:
    """Return what the inventory's ties mean for `target`: findings and missing facts.

    A package that several lock files name is one finding, at the first of them. Both come in a
    fixed order: findings by path, line, rule and id.
    """
    findings: dict[tuple[str, str], Finding] = {}
    unknown: dict[UnknownFact, None] = {}
    for tie in inventory.ties:
        said = tie.judge(target)
        if isinstance(said, Finding):
            key = _key(said)
            findings[key] = _joined(findings[key], said) if key in findings else said
        elif said is not None:
            unknown.setdefault(said)
    return (
        sorted(findings.values(), key=lambda one: (one.path, one.line, one.rule, one.id)),
        sorted(unknown, key=lambda one: (one.fact, one.how)),
    )


def _key(finding: Finding) -> tuple[str, str]:
    """Return what makes two findings one: rule and package or directory, or else the id."""
    if finding.rule == PAYLOAD:
        file = finding.path.partition("!")[0]
        return finding.rule, file.rpartition("/")[0] or file
    if finding.component and finding.layer in (Layer.LIBRARY, Layer.RUNTIME):
        return finding.rule, finding.component
    return finding.rule, finding.id


def _joined(first: Finding, second: Finding) -> Finding:
    """Return one of two findings of the same cause, standing for both."""
    kept = min(first, second, key=lambda one: (one.path, one.line))
    return replace(kept, occurrences=first.occurrences + second.occurrences)


def tied_parts(ties: Iterable[Tie]) -> set[str]:
    """Return the package URLs of the parts that ties are about."""
    found: set[str] = set()
    for tie in ties:
        evidence = getattr(tie, "evidence", None)
        if isinstance(evidence, Evidence) and evidence.component:
            found.add(evidence.component)
        found.update(getattr(tie, "parts", ()) if isinstance(tie, InstallScripts) else ())
    return found
