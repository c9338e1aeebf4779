"""The value of every budget as an SVG: how many items the best choice of so many staves unlocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from duanban.report.text import plural
from duanban.staves.interface import CurvePoint

_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 624.0, 24.0, 244.0
_APART = 26.0
"""Pixels between two marks of the scale."""
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def svg(curve: Sequence[CurvePoint], missing: int, budget: int, key: str) -> str:
    """Return the curve; budgets stand on a scale of square roots, since the first ones buy most.

    Args:
        curve: a point for every budget from 0 on.
        missing: items in all.
        budget: that the plan has.
        key: makes the ids unique in the page.
    """
    most = max(missing, 1)
    last = max(curve[-1].budget, 1)

    def x(at: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * math.sqrt(at / last)

    def y(value: int) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / most

    points = " ".join(f"{x(p.budget):.1f},{y(p.unlocked):.1f}" for p in curve)
    bounds = " ".join(f"{x(p.budget):.1f},{y(p.bound):.1f}" for p in curve)
    plan = curve[min(budget, len(curve) - 1)]
    px, py = x(plan.budget), y(plan.unlocked)
    late = px > (_LEFT + _RIGHT) / 2
    ticks, before = "", 0.0
    for tick in (*(t for t in _TICKS if x(last) - x(min(t, last)) > _APART), last):
        if x(tick) - before > _APART:
            before = x(tick)
            ticks += f'<text class="mark" x="{before:.0f}" y="{_BOTTOM + 18:.0f}">{tick:,}</text>'
    marks = "".join(
        f'<line class="rule" x1="{_LEFT}" x2="{_RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text class="mark end" x="{_LEFT - 8}" y="{y(v) + 4:.1f}">{v:,}</text>'
        for v in sorted({0, missing // 4, missing // 2, 3 * missing // 4, missing})
    )
    proven = all(point.unlocked == point.bound for point in curve)
    words = plural(plan.budget, "stave unlocks", "staves unlock")
    told = f"{words} {plan.unlocked:,} of {missing:,}" + (
        "; proven to be the optimum for every number." if proven else "."
    )
    return (
        f'<svg class="curve" viewBox="0 0 648 290" role="img" aria-labelledby="{key}t {key}d">'
        f'<title id="{key}t">What a budget buys</title><desc id="{key}d">{told}</desc>{marks}'
        f'<polyline class="bound" points="{bounds}"/><polyline class="value" points="{points}"/>'
        f'<circle class="plan" cx="{px:.1f}" cy="{py:.1f}" r="6"/>'
        # Beside the point where there is room: the curve rises to it from the left.
        f'<text class="plan-name{" end" if late else ""}" x="{px + (-12 if late else 12):.1f}" '
        f'y="{py - 10 if late else min(py + 20, _BOTTOM - 8):.1f}">'
        f"plan: {plan.budget:,} → {plan.unlocked:,}</text>{ticks}"
        f'<text class="mark" x="{(_LEFT + _RIGHT) / 2:.0f}" y="{_BOTTOM + 38:.0f}">'
        "staves solved</text></svg>"
    )
