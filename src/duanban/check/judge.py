"""One system on one target: what counts, what is set aside, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from duanban.check.baseline import Baseline
from duanban.check.calibration import calibrated
from duanban.check.config import Config
from duanban.check.copies import with_parts
from duanban.check.effort import total_effort
from duanban.check.supply import Supplied
from duanban.check.suppress import apply_suppressions
from duanban.check.verdict import verdict_of
from duanban.model import (
    Component,
    Failure,
    Finding,
    Suppressed,
    TargetResult,
    UnknownFact,
)
from duanban.targets.interface import Target, Waiver
from duanban.targets.objectives import evaluate, facts_of
from duanban.targets.waivers import expired_waivers


@dataclass(frozen=True, slots=True)
class Judge:
    """What stays the same from one target to the next."""

    system: str
    """The system's name."""
    config: Config
    baseline: Baseline | None
    today: date

    def result(
        self,
        target: Target,
        supplied: Supplied,
        fails: Sequence[Failure],
        components: Sequence[Component],
        withdrawn: Sequence[Suppressed] = (),
    ) -> TargetResult:
        """Return what all that is known of a system comes to on `target`."""
        unknown = supplied.unknown
        weighted = [_weighted(finding, target) for finding in calibrated(supplied.findings)]
        kept, waived = _waive(weighted, target, self.today)
        rest, suppressed, expired = apply_suppressions(
            kept, self.config.suppressions, target.id, self.today
        )
        known: Sequence[Suppressed] = ()
        if self.baseline is not None:
            rest, known = self.baseline.apply(rest, self.system, target.id)
        ids = {finding.id for finding in rest}
        counting = sorted(with_parts(rest), key=_order)
        return TargetResult(
            target=target.id,
            verdict=verdict_of(counting, unknown),
            fails=tuple(_still(failure, ids) for failure in fails if ids & {*failure.because}),
            effort_hours=total_effort(counting),
            findings=tuple(counting),
            unknown=(*unknown, *expired, *_expired(target, self.today)),
            suppressed=(*withdrawn, *waived, *suppressed, *known),
            objectives=evaluate(target, facts_of(components, counting, unknown)),
            parts=supplied.parts,
            indexes=supplied.indexes,
        )


def _order(finding: Finding) -> tuple[int, float, str, int, str, str]:
    weight = (finding.severity.rank, -finding.confidence)
    return (*weight, finding.path, finding.line, finding.rule, finding.id)


def _still(failure: Failure, counted: set[str]) -> Failure:
    """Return `failure` with only those of its causes that still count."""
    return replace(failure, because=tuple(i for i in failure.because if i in counted))


def _weighted(finding: Finding, target: Target) -> Finding:
    """Return `finding` with the severity that the target gives its rule, if it gives one."""
    for pattern, severity in target.severity.items():
        if fnmatchcase(finding.rule, pattern):
            return replace(finding, severity=severity)
    return finding


def _waive(
    findings: Sequence[Finding], target: Target, today: date
) -> tuple[list[Finding], list[Suppressed]]:
    kept, waived = [], []
    for finding in findings:
        waiver = _waiver_for(finding, target, today)
        if waiver is None:
            kept.append(finding)
        else:
            waived.append(Suppressed(finding, waiver.reason, target.id, waiver.expires.isoformat()))
    return kept, waived


def _expired(target: Target, today: date) -> tuple[UnknownFact, ...]:
    return tuple(
        UnknownFact(
            f"whether the exception for {waiver.rule} at {waiver.match}, expired on "
            f"{waiver.expires}, still holds",
            f"ask {waiver.owner} to renew or remove it in the target {target.id}",
        )
        for waiver in expired_waivers(target, today)
    )


def _waiver_for(finding: Finding, target: Target, today: date) -> Waiver | None:
    for waiver in target.waivers:
        about = finding.component or finding.path
        if (
            waiver.expires >= today
            and fnmatchcase(finding.rule, waiver.rule)
            and fnmatchcase(about, waiver.match)
        ):
            return waiver
    return None
