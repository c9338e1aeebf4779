"""The levels of a target's objectives, from facts that may be unknown.

Levels follow the rule of the EU Cloud Sovereignty Framework's tenders: an objective has the
highest level at which all criteria up to it are met; each objective has a floor; above the floors
the weighted share of the levels is the score.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from duanban.model import (
    Component,
    ComponentState,
    Finding,
    Layer,
    ObjectiveResult,
    Severity,
    Truth,
    UnknownFact,
    all_of,
)
from duanban.targets.interface import Criterion, Objective, Target

FACTS: Mapping[str, str] = {
    "no_blocking_findings": "No finding blocks the system on the target; unknown while a fact is "
    "missing that could reveal one.",
    "no_degrading_findings": "No finding blocks or degrades the system on the target; unknown "
    "while a fact is missing that could reveal one.",
    "no_prebuilt_native_code": "The tree holds no machine code: everything native is built from "
    "source.",
    "no_undeclared_native_code": "Every native payload in the tree belongs to a component that a "
    "manifest, lock file or package database names.",
    "nothing_unknown": "No fact is missing that the verdict on the target needs.",
    "components_known": "At least one component was read; without any, the inventory is unknown.",
    "all_components_have_purl": "Every component has a package URL with a type and a name.",
    "all_components_pinned": "Every component has a version.",
    "all_components_locked": "Every component is locked, installed or embedded: none is only "
    "declared.",
    "all_components_from_distribution": "Every component comes from a system distribution's "
    "package archive (deb, rpm, apk, alpm), so one mirror holds all of it.",
    "no_database_or_middleware_ties": "No finding ties the system to a database or middleware "
    "that the target lacks.",
    "no_crypto_ties": "No finding ties the system to cryptography that the target lacks.",
}
"""The computed facts, name to what it says."""

DISTRIBUTION_TYPES = frozenset({"deb", "rpm", "apk", "alpm"})
"""Package URL types of system distributions (package-url/purl-spec, PURL-TYPES)."""


@dataclass(frozen=True, slots=True)
class Score:
    """The weighted score of all objectives, 0 to 1."""

    low: float
    """What is certain."""
    high: float
    """What would be reached if every unknown fact turned out well."""
    floor_met: Truth
    """Whether every objective reaches its floor."""


def facts_of(
    components: Collection[Component],
    findings: Iterable[Finding],
    unknown: Iterable[UnknownFact],
) -> dict[str, Truth]:
    """Return the value of every fact in `FACTS` for one system on one target."""
    ties = list(findings)
    complete = not any(True for _ in unknown)
    nothing_missing = Truth.TRUE if complete else Truth.UNKNOWN
    grave = {Severity.BLOCKS, Severity.DEGRADES}
    embedded = [
        part for part in components if part.state is ComponentState.EMBEDDED and part.architectures
    ]
    declared = {
        part.purl for part in components if part.purl and part.state is not ComponentState.EMBEDDED
    }
    known = Truth.TRUE if components else Truth.UNKNOWN

    def without(severities: set[Severity]) -> Truth:
        found = any(tie.severity in severities for tie in ties)
        return Truth.FALSE if found else nothing_missing

    def untied(layers: set[Layer]) -> Truth:
        found = any(tie.layer in layers and tie.severity in grave for tie in ties)
        return Truth.FALSE if found else nothing_missing

    def every(holds: Iterable[bool]) -> Truth:
        return Truth.of(all(holds)) if components else Truth.UNKNOWN

    return {
        "no_blocking_findings": without({Severity.BLOCKS}),
        "no_degrading_findings": without(grave),
        "no_prebuilt_native_code": Truth.of(not embedded),
        "no_undeclared_native_code": Truth.of(all(part.purl in declared for part in embedded)),
        "nothing_unknown": Truth.of(complete),
        "components_known": known,
        "all_components_have_purl": every(_is_purl(part.purl) for part in components),
        "all_components_pinned": every(_has_version(part.purl) for part in components),
        "all_components_locked": every(
            part.state is not ComponentState.DECLARED for part in components
        ),
        "all_components_from_distribution": every(
            _type(part.purl) in DISTRIBUTION_TYPES for part in components
        ),
        "no_database_or_middleware_ties": untied({Layer.DATABASE, Layer.MIDDLEWARE}),
        "no_crypto_ties": untied({Layer.CRYPTO}),
    }


def evaluate(target: Target, facts: Mapping[str, Truth]) -> tuple[ObjectiveResult, ...]:
    """Return the level of each of the target's objectives.

    `facts` holds computed facts under their own names and, where there are records, the values of
    `evidence` and `asserted` criteria under the criterion's id; what is not there is unknown.
    """
    return tuple(_level(objective, target.criteria, facts) for objective in target.objectives)


def score(results: Collection[ObjectiveResult]) -> Score:
    """Return the score of `results`; without objectives it is 1 and the floor is met."""
    total = sum(item.weight for item in results)
    if not results or total <= 0:
        return Score(1.0, 1.0, Truth.TRUE)
    low = sum(item.weight * _share(item.level_at_least, item) for item in results)
    high = sum(item.weight * _share(item.level_at_most, item) for item in results)
    return Score(low / total, high / total, all_of(floor_met(item) for item in results))


def floor_met(result: ObjectiveResult) -> Truth:
    """Return whether an objective reaches its floor."""
    if result.level_at_least >= result.floor:
        return Truth.TRUE
    return Truth.FALSE if result.level_at_most < result.floor else Truth.UNKNOWN


def value_of(criterion: Criterion, facts: Mapping[str, Truth]) -> Truth:
    """Return whether `criterion` is met."""
    name = criterion.fact if criterion.kind == "computed" else criterion.id
    return facts.get(name, Truth.UNKNOWN)


def _level(
    objective: Objective, criteria: Mapping[str, Criterion], facts: Mapping[str, Truth]
) -> ObjectiveResult:
    certain = possible = 0
    so_far = Truth.TRUE
    for level in sorted(objective.levels):
        names = objective.levels[level]
        so_far = min(so_far, all_of(value_of(criteria[name], facts) for name in names))
        if so_far is Truth.TRUE:
            certain = level
        if so_far is not Truth.FALSE:
            possible = level
    return ObjectiveResult(
        id=objective.id,
        title=objective.title,
        weight=objective.weight,
        floor=objective.floor,
        level_at_least=certain,
        level_at_most=possible,
        highest=max(objective.levels, default=0),
    )


def _share(level: int, result: ObjectiveResult) -> float:
    return level / result.highest if result.highest else 1.0


def _type(purl: str) -> str:
    """Return the type of a package URL, empty if it has none (cheaper than parsing it whole)."""
    scheme, _, rest = purl.partition(":")
    kind, separator, name = rest.lstrip("/").partition("/")
    return kind.lower() if scheme == "pkg" and separator and name else ""


def _is_purl(purl: str) -> bool:
    return bool(_type(purl))


def _has_version(purl: str) -> bool:
    """Return whether a package URL names a version; a literal `@` only ever stands before one."""
    name = purl.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return bool(_type(purl)) and bool(name.partition("@")[2])
