"""The staves of an estate as text and as JSON (schema `duanban.estate-staves/1`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duanban.model import Blocker, Effort
from duanban.model.purl import title_of
from duanban.report.text import hours, plural, visible
from duanban.staves.estate import EstateStave, EstateTarget
from duanban.staves.interface import CurvePoint

SCHEMA = "duanban.estate-staves/1"
SHOWN = 20


def as_json(found: Sequence[EstateTarget]) -> dict[str, object]:
    """Return the analysis of all targets."""
    return {"schema": SCHEMA, "targets": [_target(one) for one in found]}


def _target(one: EstateTarget) -> dict[str, object]:
    return {
        "target": one.target,
        "systems": one.systems,
        "weight": one.weight,
        "free": one.free,
        "held": [
            {
                "name": system.name,
                "weight": system.weight,
                "options": [[_blocker(b) for b in option] for option in system.options],
            }
            for system in one.held
        ],
        "staves": [
            {
                **_blocker(stave.blocker),
                "layer": stave.layer,
                "holds_back": stave.holds_back,
                "alone": stave.alone,
                "systems": list(stave.systems),
                "parts": list(stave.parts),
                "effort_hours": {
                    "low": stave.effort_hours.low,
                    "likely": stave.effort_hours.likely,
                    "high": stave.effort_hours.high,
                },
            }
            for stave in one.staves
        ],
        "plan": {
            "budget": one.plan.budget,
            "chosen": [_blocker(blocker) for blocker in one.plan.chosen],
            "unlocked": one.plan.unlocked,
            "bound": one.plan.bound,
        },
        "curve": [
            {"budget": point.budget, "unlocked": point.unlocked, "bound": point.bound}
            for point in one.curve
        ],
    }


def _blocker(blocker: Blocker) -> dict[str, str]:
    return {"name": blocker.name, "cause": blocker.cause}


def as_text(found: Sequence[EstateTarget], *, everything: bool) -> Iterator[str]:
    """Yield the lines of the analysis, target by target."""
    for number, one in enumerate(found):
        if number:
            yield ""
        yield from _target_lines(one, everything=everything)


def _target_lines(one: EstateTarget, *, everything: bool) -> Iterator[str]:
    yield (
        f"{visible(one.target)}: {len(one.held):,} of {plural(one.systems, 'system')} held back "
        f"(weight {one.weight - one.free:,} of {one.weight:,})"
    )
    if not one.held:
        return
    yield f"{'alone':>6} {'holds back':>10}  stave"
    shown = one.staves if everything else one.staves[:SHOWN]
    for stave in shown:
        yield f"{stave.alone:>6,} {stave.holds_back:>10,}  {_named(stave.blocker)}"
        yield f"{'':>18}{_details(stave)}"
    if len(shown) < len(one.staves):
        yield f"{'':>18}... and {len(one.staves) - len(shown):,} more (--all shows them)"
    plan = one.plan
    proof = "the optimum, proven" if plan.unlocked == plan.bound else f"at most {plan.bound:,}"
    yield (f"Best to solve, of {plan.budget:,} at most (frees weight {plan.unlocked:,}; {proof}):")
    for blocker in plan.chosen:
        yield f"  {_named(blocker)}"
    yield "Weight freed by so many solved: " + ", ".join(_steps(one.curve))


def _named(blocker: Blocker) -> str:
    return visible(f"{blocker.name}: {blocker.cause}")


def _details(stave: EstateStave) -> str:
    """Return the systems, the parts through which it holds them, and the hours."""
    told = [] if stave.systems == (stave.blocker.name,) else [_listed(stave.systems, 3)]
    titles = [title_of(part) if part.startswith("pkg:") else part for part in stave.parts]
    if titles:
        told.append(f"by way of {_listed(titles, 3)}")
    if stave.effort_hours != Effort():
        told.append(hours(stave.effort_hours, "h"))
    return visible(" · ".join(filter(None, told)))


def _listed(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _steps(curve: Sequence[CurvePoint]) -> Iterator[str]:
    """Yield the points of the curve at which it rises."""
    before = -1
    for point in curve:
        if point.budget and point.unlocked > before:
            gap = "" if point.unlocked == point.bound else f" (at most {point.bound:,})"
            yield f"{point.budget:,} → {point.unlocked:,}{gap}"
        before = max(before, point.unlocked)
