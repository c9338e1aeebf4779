"""Hits of the scan, made into findings."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from duanban.model import Finding, Severity
from duanban.rules.interface import Rule
from duanban.scan.record import FileRecord, Hit
from duanban.targets.interface import Target

UNCERTAIN = 0.25
"""Factor on the confidence of a place that may or may not be compiled on the target."""

COMPILED = "compiled"
"""Circumstance of a place that a unit, followed whole, comes to."""

PORTED = 0.4
"""Factor on that of a list without the target where other lists of the tree name it: whoever
brought the target in passed this list by."""


def weight_of_lists(
    records: Sequence[FileRecord], index: int, served: Set[str] = frozenset()
) -> float:
    """Return the factor on lists that lack a target: less than 1 where others name it.

    Args:
        records: of the scan.
        index: of the target among those that the scan was for.
        served: files that the target has a counterpart of, which say nothing of it.
    """
    is_ported = any(
        record.listed and record.listed[index] and record.path not in served for record in records
    )
    return PORTED if is_ported else 1.0


def findings_of(
    records: Sequence[FileRecord],
    index: int,
    target: Target,
    rules: Mapping[str, Rule],
    served: Set[str] = frozenset(),
) -> dict[str, list[Finding]]:
    """Return the findings of a scan for one target, by path, in the order of their lines.

    Args:
        records: of the scan.
        index: of the target among those that the scan was for.
        target: the target itself.
        rules: by id.
        served: files that the target has a counterpart of.
    """
    ported = weight_of_lists(records, index, served)
    found: dict[str, list[Finding]] = {}
    for record in records:
        if not record.hits or not record.hits[index]:
            continue
        seen: Counter[str] = Counter()
        findings = []
        for hit in record.hits[index]:
            key = f"{hit.rule}\n{record.path}\n{hit.snippet}"
            seen[key] += 1
            rule = rules[hit.rule]
            finding = _finding(rule, hit, record.path, target, f"{key}\n{seen[key]}")
            if rule.ending and ported < 1:
                finding = replace(
                    finding,
                    confidence=round(finding.confidence * ported, 3),
                    circumstance=finding.circumstance or "others name it",
                )
            findings.append(finding)
        found[record.path] = findings
    return found


def finding_at(
    rule: Rule, place: tuple[str, int], target: Target, snippet: str, match: str = ""
) -> Finding:
    """Return the finding for one line that no pattern alone could tell, but a whole unit did.

    Args:
        rule: that it is one of.
        place: path and line.
        target: that it is for.
        snippet: the line.
        match: what the message shows; the line if empty.
    """
    path, line = place
    match = match or snippet
    hit = Hit(rule.id, line, line, 1, certain=True, guard="", match=match, snippet=snippet)
    finding = _finding(rule, hit, path, target, f"{rule.id}\n{path}\n{match}\nunit")
    return replace(finding, circumstance=COMPILED)


def breaks(finding: Finding, rules: Mapping[str, Rule]) -> bool:
    """Return whether a finding keeps whatever compiles its place from being compiled."""
    return finding.severity is Severity.BLOCKS and rules[finding.rule].breaks_compile


def confirmed(finding: Finding, rule: Rule) -> Finding:
    """Return `finding` as it weighs where its place is known to be compiled."""
    return replace(
        finding, severity=rule.severity, confidence=rule.confidence, circumstance=COMPILED
    )


def _finding(rule: Rule, hit: Hit, path: str, target: Target, key: str) -> Finding:
    severity = rule.severity
    confidence = rule.confidence * hit.weight
    if not hit.certain:
        # Whether the place counts depends on a fact that is missing, so someone must look.
        severity = Severity.REVIEW
        confidence *= UNCERTAIN
    effort = rule.effort + rule.effort_each.times(hit.occurrences - 1)
    return Finding(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        rule=rule.id,
        layer=rule.layer,
        severity=severity,
        confidence=round(confidence, 3),
        path=path,
        line=hit.line,
        end_line=hit.end_line,
        message=_filled(rule.message, hit.match, target),
        remedy=_filled(rule.remedy, hit.match, target),
        effort_hours=effort.rounded(),
        snippet=hit.snippet,
        occurrences=hit.occurrences,
        guard=hit.guard,
        circumstance="" if hit.certain else "undecided",
    )


def _filled(text: str, match: str, target: Target) -> str:
    """Fill the placeholders of `text`; not by `format`, since code has braces of its own."""
    return text.replace("{target}", target.architecture.name).replace("{match}", match)
