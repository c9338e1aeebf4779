"""What several formats say of a report: counts, findings grouped by rule, what stands per layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from duanban.model import (
    Effort,
    Finding,
    Layer,
    Severity,
    Suppressed,
    SystemReport,
    TargetResult,
    Verdict,
)

_OF_SYSTEMS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/")


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """All findings of one rule in one system, over its targets."""

    rule: str
    layer: Layer
    severity: Severity
    """The gravest on any target."""
    places: tuple[Finding, ...]
    """One finding for each place (path, line and part), in the order gravest, path, line."""
    targets: tuple[str, ...]
    """Targets on which it was found."""
    effort: Effort
    """What the rule adds to the target's total on which it costs most: work for one target mostly
    serves the others too. The likely hours of all rules on a target add up to its total."""

    @property
    def files(self) -> int:
        """How many files the places are in."""
        return len({place.path for place in self.places})

    @property
    def occurrences(self) -> int:
        """How many places of the source the findings stand for."""
        return sum(place.occurrences for place in self.places)


@dataclass(frozen=True, slots=True)
class Stave:
    """One layer of one target: how many parts were looked at and how many of them are blocked."""

    layer: Layer
    parts: int
    """Files read plus components found."""
    blocked: int
    """Parts with a blocking finding of this layer, and translation units that fail for one."""
    findings: int
    """All findings of the layer, of any severity."""
    open: int = 0
    """Further parts of which it is not known whether something of this layer holds them back."""

    @property
    def standing(self) -> float:
        """The share of parts that nothing of this layer blocks, 0 to 1."""
        return 1.0 if not self.parts else 1.0 - self.blocked / self.parts


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Return how many findings that count there are of each severity, zeros included."""
    counts = Counter(finding.severity for finding in findings if finding.counts)
    return {severity: counts[severity] for severity in Severity}


def order(finding: Finding) -> tuple[int, str, int, str, str]:
    """Return the key that sorts findings as they are shown: gravest first, then by place."""
    return (finding.severity.rank, finding.path, finding.line, finding.rule, finding.id)


def by_rule(system: SystemReport) -> list[RuleGroup]:
    """Group a system's findings by rule: gravest first, then the most work, then by name."""
    found: dict[str, list[tuple[str, Finding]]] = {}
    for result in system.targets:
        for finding in result.findings:
            if finding.counts:
                found.setdefault(finding.rule, []).append((result.target, finding))
    groups = [_group(rule, pairs) for rule, pairs in found.items()]
    return sorted(groups, key=lambda g: (g.severity.rank, -g.effort.likely, g.rule))


def _group(rule: str, pairs: list[tuple[str, Finding]]) -> RuleGroup:
    places: dict[tuple[str, int, str], Finding] = {}
    effort: dict[str, Effort] = {}
    for target, finding in pairs:
        effort[target] = effort.get(target, Effort()) + finding.expected_hours
        place = (finding.path, finding.line, finding.component)
        if place not in places or order(finding) < order(places[place]):
            places[place] = finding
    ordered = tuple(sorted(places.values(), key=order))
    return RuleGroup(
        rule=rule,
        layer=ordered[0].layer,
        severity=ordered[0].severity,
        places=ordered,
        targets=tuple(effort),
        effort=max(effort.values(), key=lambda each: each.likely),
    )


def staves(systems: Iterable[SystemReport], target: str) -> list[Stave]:
    """Return the layers' staves for `target` over `systems`, from the chip up."""
    parts = 0
    blocked: Counter[Layer] = Counter()
    unknown: Counter[Layer] = Counter()
    findings: Counter[Layer] = Counter()
    for system in systems:
        for result in system.targets:
            if result.target == target:
                own = system.scanned.files + len(system.components)
                short = Counter(layer for layer, _ in _blocked_parts(result))
                parts += own
                blocked += short
                unknown += _open_parts(result, own, short)
                findings.update(finding.layer for finding in result.findings if finding.counts)
    return [
        Stave(
            layer,
            max(parts, blocked[layer] + unknown[layer]),
            blocked[layer],
            findings[layer],
            unknown[layer],
        )
        for layer in Layer
    ]


def _open_parts(result: TargetResult, own: int, blocked: Counter[Layer]) -> Counter[Layer]:
    """Return for how many parts of a system each layer is not known.

    A missing fact that names no parts leaves all of them open, if the verdict waits for it.
    """
    facts = result.unknown
    if result.verdict is Verdict.UNKNOWN and any(not fact.parts for fact in facts):
        return Counter({layer: own - blocked[layer] for layer in Layer})
    named = {part for fact in facts for part in fact.parts}
    return Counter(Layer.OS if part.startswith(_OF_SYSTEMS) else Layer.LIBRARY for part in named)


def _blocked_parts(result: TargetResult) -> set[tuple[Layer, str]]:
    parts = set()
    layers = {}
    for finding in result.findings:
        if finding.severity is Severity.BLOCKS:
            layers[finding.id] = finding.layer
            parts.add((finding.layer, finding.component or finding.path))
    for failure in result.fails:
        parts.update((layers[cause], failure.path) for cause in failure.because if cause in layers)
    return parts


def skipped(system: SystemReport) -> dict[str, list[str]]:
    """Return the reasons for which files were left out, the most frequent first, with the paths."""
    reasons: dict[str, list[str]] = {}
    for each in system.scanned.skipped:
        reasons.setdefault(each.reason, []).append(each.path)
    return dict(sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])))


def set_aside(system: SystemReport) -> list[tuple[Suppressed, list[str]]]:
    """Return what was set aside, each place and reason once, with the targets."""
    found: dict[tuple[str, ...], tuple[Suppressed, list[str]]] = {}
    for result in system.targets:
        for each in result.suppressed:
            key = (each.finding.id, each.reason, each.source, each.expires)
            found.setdefault(key, (each, []))[1].append(result.target)
    return list(found.values())


def suppressed(system: SystemReport) -> dict[str, int]:
    """Return how many findings each source (baseline, configuration, target) set aside."""
    counts = Counter(each.source for each, _ in set_aside(system))
    return dict(sorted(counts.items()))
