"""The barrel: an SVG in which each layer is a stave, and the shortest one sets the water level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from duanban.report.summary import Stave
from duanban.report.text import plural, visible
from duanban.report.words import say

_LEFT, _RIGHT, _TOP, _BOTTOM = 92.0, 408.0, 44.0, 244.0
_BULGE = 0.10
"""How much wider the barrel is at half its height."""
_STEPS = 8
_DECADES = 4
"""The scale reaches from all parts held back (bottom) to one in ten to this power (top)."""


def height(stave: Stave, *, sure: bool = False) -> float:
    """Return how high a stave stands, 0 to 1, on a logarithmic scale.

    With `sure`, what is not known counts as held back: so high it stands at least.


    A share of one part in a hundred would be invisible on a linear scale, yet it stops a build.
    So each quarter of the height is a factor of ten: all held back 0, one in ten 0.25, one in a
    hundred 0.5, ... and 1 only where nothing is held back.
    """
    held = stave.blocked + (stave.open if sure else 0)
    if not held:
        return 1.0
    share = held / stave.parts
    return min(max(-math.log10(share) / _DECADES, 0.0), 0.97)


def svg(staves: Sequence[Stave], target: str, key: str) -> str:
    """Return the barrel of `target` as an inline SVG; `key` makes its ids unique in the page.

    What is not known is an outline, which holds no water: all of a layer without parts, and the
    stretch between how high a layer stands at least and at most.
    """
    known = [n for n, stave in enumerate(staves) if stave.parts]
    sure = [height(stave, sure=True) for stave in staves]
    level = min((sure[n] for n in known), default=0.0)
    shortest = min((height(staves[n]) for n in known), default=0.0)
    told = "; ".join(_told(s) for s in staves if s.blocked or s.open or not s.parts)
    parts = [
        f'<svg viewBox="0 0 440 330" role="img" aria-labelledby="{key}t {key}d" class="barrel">',
        f'<title id="{key}t">{say("Barrel for {target}", target=escape(visible(target)))}</title>',
        f'<desc id="{key}d">{escape(told or say("Nothing is held back."))}</desc>',
        _scale(),
    ]
    width = 2.0 / max(len(staves), 1)
    for number, (stave, low) in enumerate(zip(staves, sure, strict=True)):
        left = -1.0 + number * width
        short = stave.blocked > 0 and height(stave) == shortest
        parts.append(_stave(stave, left, left + width, low, short))
    parts += [_water(level, -1.0 + n * width, -1.0 + (n + 1) * width) for n in known]
    parts.append("</svg>")
    return "".join(parts)


def _told(stave: Stave) -> str:
    if not stave.parts:
        return f"{say(stave.layer.value)}: {say('no data')}"
    parts = plural(stave.parts, "part")
    told = say("{blocked} of {parts} held back", blocked=stave.blocked, parts=parts)
    told = f"{say(stave.layer.value)}: {told}"
    return f"{told}, {say('{count} not known', count=stave.open)}" if stave.open else told


def _x(across: float, up: float) -> float:
    middle = (_LEFT + _RIGHT) / 2
    half = (_RIGHT - _LEFT) / 2 * (1 - _BULGE + _BULGE * math.sin(math.pi * up))
    return middle + across * half


def _y(up: float) -> float:
    return _BOTTOM - up * (_BOTTOM - _TOP)


def _polygon(left: float, right: float, low: float, high: float) -> str:
    steps = [low + (high - low) * step / _STEPS for step in range(_STEPS + 1)]
    edge = [(_x(left, up), _y(up)) for up in steps]
    edge += [(_x(right, up), _y(up)) for up in reversed(steps)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in edge)


def _stave(stave: Stave, left: float, right: float, low: float, short: bool) -> str:
    """Draw a stave, solid up to `low` and as an outline from there to where it may stand."""
    drawn, high = max(low, 0.03), height(stave)
    kind = "short" if short else "cut" if stave.blocked else "whole" if stave.findings else "quiet"
    if not stave.parts:
        kind, drawn = "unknown", high
    made = f'<g class="stave {kind}">'
    if drawn < high:
        made += f'<polygon class="open" points="{_polygon(left, right, drawn, high)}"/>'
    made += f'<polygon class="wood" points="{_polygon(left, right, 0, drawn)}"/>'
    for hoop in (0.14, 0.80):
        if drawn > hoop + 0.03 and stave.parts:
            points = _polygon(left, right, hoop, hoop + 0.035)
            made += f'<polygon class="hoop" points="{points}"/>'
    middle = (left + right) / 2
    if stave.blocked:
        top = max(high, drawn)
        made += f'<text x="{_x(middle, top):.1f}" y="{_y(top) - 6:.1f}">{stave.blocked:,}</text>'
    if drawn < high or not stave.parts:
        up = (drawn + high) / 2 if stave.parts else 0.5
        made += f'<text class="ask" x="{_x(middle, up):.1f}" y="{_y(up) + 4:.1f}">?</text>'
    x, y = _x(middle, 0), _BOTTOM + 14
    made += (
        f'<text class="name" x="{x:.1f}" y="{y:.1f}" '
        f'transform="rotate(-45 {x:.1f} {y:.1f})">{say(stave.layer.value)}</text></g>'
    )
    return made


def _scale() -> str:
    """Draw the target line at full height and the marks of the logarithmic scale."""
    marks = "".join(
        f'<text class="mark" x="{_LEFT - 18:.0f}" y="{_y(power / _DECADES) + 4:.1f}">'
        f"{say(text)}</text>"
        for power, text in enumerate(("all", "1 in 10", "1 in 100", "1 in 1000"))
    )
    line = (
        f'<line class="aim" x1="{_LEFT - 14:.0f}" x2="{_RIGHT + 18:.0f}" y1="{_TOP}" y2="{_TOP}"/>'
    )
    return (
        f'{marks}<text class="mark" x="{_LEFT - 18:.0f}" y="{_TOP + 4}">{say("none")}</text>'
        f'<text class="mark" x="{_LEFT - 18:.0f}" y="18">{say("held back")}</text>{line}'
        f'<text class="aim-name" x="{_RIGHT + 18:.0f}" y="{_TOP - 8}">{say("target")}</text>'
    )


def _water(level: float, left: float, right: float) -> str:
    drawn = max(level, 0.015)
    y = _y(drawn)
    return (
        f'<polygon class="water" points="{_polygon(left, right, 0, drawn)}"/>'
        f'<line class="surface" x1="{_x(left, drawn):.1f}" x2="{_x(right, drawn):.1f}" '
        f'y1="{y:.1f}" y2="{y:.1f}"/>'
    )
