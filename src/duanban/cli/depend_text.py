"""What `duanban depend` writes: JSON as the contract has it, and text for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from duanban.depend.check import Broken, DependReport, NamedImpact
from duanban.report.text import plural, visible
from duanban.staves.interface import CurvePoint, ItemKind, StavesReport

CHECK_SCHEMA = "duanban.depend/1"
IMPACT_SCHEMA = "duanban.impact/1"
STAVES_SCHEMA = "duanban.staves/1"

SHOWN = 20
"""Rows of each kind that are shown unless all are asked for."""


def check_as_json(report: DependReport) -> dict[str, object]:
    """Return the report of a check as the contract has it."""

    def listed(broken: tuple[Broken, ...], kind: str) -> list[dict[str, str]]:
        return [
            {kind: one.name, **{k: v for k, v in asdict(one).items() if k != "name"}}
            for one in broken
        ]

    return {
        "schema": CHECK_SCHEMA,
        "arch": report.architecture,
        "packages": report.packages,
        "broken": listed(report.broken, "package"),
        "sources": report.sources,
        "unbuildable": listed(report.unbuildable, "source"),
    }


def check_as_text(report: DependReport, *, with_sources: bool, everything: bool) -> Iterator[str]:
    """Yield the lines of a check's summary."""
    arch = visible(report.architecture)
    yield f"{arch}: {len(report.broken):,} of {report.packages:,} packages cannot be installed"
    yield from _broken(report.broken, everything)
    if with_sources:
        count = len(report.unbuildable)
        yield f"{arch}: {count:,} of {report.sources:,} sources cannot be built"
        yield from _broken(report.unbuildable, everything)


def _broken(broken: tuple[Broken, ...], everything: bool) -> Iterator[str]:
    shown = broken if everything else broken[:SHOWN]
    for one in shown:
        yield f"  {visible(one.name)} {visible(one.version)}: {visible(one.reason)}"
    if len(shown) < len(broken):
        yield f"  ... and {len(broken) - len(shown):,} more (--all shows them)"


def impact_as_json(arch: str, found: list[NamedImpact]) -> dict[str, object]:
    """Return the removal impact of every package."""
    impacts = [
        {"package": one.name, "version": one.version, "packages": one.packages}
        | {"sources": one.sources}
        for one in found
    ]
    return {"schema": IMPACT_SCHEMA, "arch": arch, "impacts": impacts}


def impact_as_text(found: list[NamedImpact], *, everything: bool) -> Iterator[str]:
    """Yield the packages whose loss costs most."""
    yield f"{'packages':>8} {'sources':>8}  lost without"
    shown = found if everything else found[:SHOWN]
    for one in shown:
        name = f"{visible(one.name)} {visible(one.version)}"
        yield f"{one.packages:>8,} {one.sources:>8,}  {name}"
    if len(shown) < len(found):
        yield f"{'':>17}  ... and {len(found) - len(shown):,} more (--all shows them)"


def staves_as_json(report: StavesReport) -> dict[str, object]:
    """Return the analysis as the contract has it, with the items and the curve besides."""
    return {
        "schema": STAVES_SCHEMA,
        "arch": report.architecture,
        "reference": report.reference,
        "missing": report.missing,
        "out_of_reach": report.out_of_reach,
        "free": report.free,
        "items": {kind.value: _count(report, kind) for kind in ItemKind},
        "staves": [
            {
                "name": stave.root.name,
                "cause": stave.root.cause,
                "holds_back": stave.holds_back,
                "alone": stave.alone,
                "detail": stave.detail,
                "doubt": stave.doubt,
            }
            for stave in report.staves
        ],
        "plan": {
            "budget": report.plan.budget,
            "chosen": [root.name for root in report.plan.chosen],
            "causes": [root.cause for root in report.plan.chosen],
            "unlocked": report.plan.unlocked,
            "bound": report.plan.bound,
        },
        "curve": [
            {"budget": point.budget, "unlocked": point.unlocked, "bound": point.bound}
            for point in report.curve
        ],
    }


def staves_as_text(report: StavesReport, *, everything: bool) -> Iterator[str]:
    """Yield the lines of the analysis."""
    kinds = ", ".join(plural(_count(report, kind), kind.value) for kind in ItemKind)
    yield (
        f"{visible(report.architecture)} against {visible(report.reference)}: "
        f"{report.missing:,} held back ({kinds})"
    )
    if report.out_of_reach:
        yield f"  {report.out_of_reach:,} of them stay blocked whatever is solved"
    if report.free:
        yield f"  {report.free:,} of them only wait for packages of architecture all to be newer"
    yield ""
    yield f"{'alone':>6} {'holds back':>10}  stave"
    shown = report.staves if everything else report.staves[:SHOWN]
    for stave in shown:
        name = f"{visible(stave.root.name)}: {stave.root.cause}"
        yield f"{stave.alone:>6,} {stave.holds_back:>10,}  {name}"
        yield f"{'':>19}{visible(stave.detail)}"
        if stave.doubt:
            yield f"{'':>19}doubtful: {visible(stave.doubt)}"
    if len(shown) < len(report.staves):
        yield f"{'':>18} ... and {len(report.staves) - len(shown):,} more (--all shows them)"
    yield ""
    plan = report.plan
    proof = "the optimum, proven" if plan.unlocked == plan.bound else f"at most {plan.bound:,}"
    yield f"Best {plan.budget:,} to solve: {plan.unlocked:,} unlocked ({proof})"
    for root in plan.chosen:
        yield f"  {visible(root.name)}: {root.cause}"
    yield ""
    yield "What a budget buys: " + ", ".join(_steps(report.curve))


def _steps(curve: tuple[CurvePoint, ...]) -> Iterator[str]:
    """Yield the curve at 1, 2, 5, 10, 20, 50 ... and at its end."""
    wanted = {size * 10**power for power in range(7) for size in (1, 2, 5)}
    for point in curve:
        if point.budget in wanted or point is curve[-1]:
            gap = "" if point.unlocked == point.bound else f" (at most {point.bound:,})"
            yield f"{point.budget:,} → {point.unlocked:,}{gap}"


def _count(report: StavesReport, kind: ItemKind) -> int:
    return sum(item.kind is kind for item in report.items)
