"""The parts of the page of staves. Every text of the input is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from duanban.report import bands, blockers, curve
from duanban.report.html_parts import barrel
from duanban.report.summary import Stave
from duanban.report.text import plural, visible
from duanban.report.words import say
from duanban.staves.picture import Picture


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a list is shown."""

    drawn: int
    """Staves whose graph is drawn."""
    names: tuple[tuple[int, int], ...]
    """Up to which place of the ranking how many names of what waits are listed."""

    @property
    def listed(self) -> int:
        """Return how many staves are listed."""
        return self.names[-1][0]


_SIGNS = "Filled: held back; hollow: in between; a number: so many wait behind it."
PAGE = Limits(20, ((20, 300), (200, 20), (1_000, 5)))
_CAUSES = (
    "Causes that block, by how many files and parts wait for them. Alone: what stays blocked if "
    "all the others are solved."
)
SECTION_DRAWN = 6
"""Graphs of a section of another page, over all its targets; one of each at least."""
_BUDGETS = {size * 10**power for power in range(7) for size in (1, 2, 5)}


def escaped(text: str) -> str:
    """Return `text` visible and safe between tags and in attributes."""
    return escape(visible(text))


def lead(picture: Picture) -> str:
    """Return one line on what was compared."""
    items = sum(node.item for node in picture.nodes)
    return (
        f"{escaped(picture.basis)}: {items:,} held back by {plural(len(picture.staves), 'stave')}"
    )


def picture(one: Picture, key: str) -> str:
    """Return the barrel, the curve and the overview of one target."""
    layers = [Stave(each.layer, each.parts, each.held, each.held, each.open) for each in one.layers]
    drawn = barrel(layers, one.target, f"{key}b")
    drawn += _curve(one, key)
    overview = bands.svg(one, key)
    return (
        f'<section aria-labelledby="{key}h"><h2 id="{key}h">{escaped(one.target)}: what stands</h2>'
        '<p class="hint">A barrel holds only as much as its shortest stave. Each stave is a layer; '
        "the higher it stands, the fewer of its parts are held back (the number above it). Each "
        "mark of the scale is a factor of ten, and the water stands at the shortest stave. What is "
        "dashed is not known and holds no water.</p>"
        f'<div class="two">{drawn}</div></section>{_overview(overview, key) if overview else ""}'
    )


def _overview(drawn: str, key: str) -> str:
    return (
        f'<section aria-labelledby="{key}o"><h2 id="{key}o">The shortest staves</h2>'
        '<p class="hint">What each of them holds back, by layer. What waits for several staves is '
        "counted for each. A stave leads to its graph.</p>"
        f'<figure class="wide-figure">{drawn}<ul class="legend">'
        '<li class="chosen"><i></i>chosen by the plan</li><li><i></i>not chosen</li>'
        '<li class="doubtful"><i></i>doubtful</li></ul></figure></section>'
    )


def _curve(one: Picture, key: str) -> str:
    if not one.curve:
        return ""
    items = sum(node.item for node in one.nodes)
    proof = (
        "no other choice unlocks more"
        if one.unlocked == one.bound
        else f"no choice unlocks more than {one.bound:,}"
    )
    points = [p for p in one.curve if p.budget in _BUDGETS or p is one.curve[-1]]
    cells = "".join(
        f'<tr><td class="num">{p.budget:,}</td><td class="num">{p.unlocked:,}</td>'
        f'<td class="num">{p.bound:,}</td></tr>'
        for p in points
    )
    words = plural(one.budget, "stave unlocks", "staves unlock")
    return (
        f"<figure>{curve.svg(one.curve, items, one.budget, f'{key}c')}<figcaption>"
        f"<h3>What a budget buys</h3><p>The best {words} "
        f"{one.unlocked:,} of {items:,}; {proof}.</p><details><summary>As a table</summary>"
        '<table><thead><tr><th scope="col">Staves solved</th><th scope="col">Unlocked</th>'
        f'<th scope="col">Bound</th></tr></thead><tbody>{cells}</tbody></table></details>'
        "</figcaption></figure>"
    )


def section(pictures: Sequence[Picture]) -> str:
    """Return the section of a check's page: what holds back what; nothing if nothing is."""
    drawn = max(SECTION_DRAWN // max(len(pictures), 1), 1)
    limits = Limits(drawn, ((drawn, 60), (20, 10)))
    made = "".join(
        f"<h3>{escaped(one.target)}</h3>{staves(one, f'w{n}', limits)}"
        for n, one in enumerate(pictures)
    )
    if not made:
        return ""
    return (
        f'<section aria-labelledby="h-waits"><h2 id="h-waits">{say("What holds back what")}</h2>'
        f'<p class="hint">{say(_CAUSES)}</p>'
        f"{made}</section>"
    )


def staves(one: Picture, key: str, limits: Limits = PAGE) -> str:
    """Return the list of staves, each with what waits for it."""
    if not one.staves:
        return f"<p>{say('Nothing is held back.')}</p>"
    made = _List(one, key, limits)
    rows = "".join(made.row(number) for number in range(min(len(one.staves), limits.listed)))
    left = len(one.staves) - limits.listed
    more = f'<p class="soft">… {left:,} more in the JSON report</p>' if left > 0 else ""
    return (
        '<div class="stave-head" aria-hidden="true"><span class="num">#</span>'
        f'<span>{say("Stave")}</span><span class="m"></span><span class="num">{say("Alone")}</span>'
        f'<span class="num">{say("Holds back")}</span></div><div class="list">{rows}</div>{more}'
    )


class _List:
    """The rows of one target."""

    def __init__(self, picture: Picture, key: str, limits: Limits) -> None:
        self._picture = picture
        self._limits = limits
        self._key = key
        self._waiters = blockers.Waiters(picture)
        self._most = max(stave.alone for stave in picture.staves) or 1

    def row(self, number: int) -> str:
        """Return the entry of the stave at this place of the ranking."""
        stave = self._picture.staves[number]
        layer = stave.layer.value if stave.layer else ""
        flags = '<span class="badge flag chosen">chosen</span> ' if stave.chosen else ""
        flags += '<span class="badge flag doubtful">doubtful</span> ' if stave.doubt else ""
        why = [*stave.details, *([f"doubtful: {stave.doubt}"] if stave.doubt else [])]
        told = f'<span class="why">{escaped("; ".join(why))}</span>' if why else ""
        return (
            f'<details class="stave-row" id="{self._key}s{number}" '
            f'data-cause="{escaped(stave.cause)}" data-layer="{layer}" '
            f'data-chosen="{"1" if stave.chosen else ""}" '
            f'data-doubt="{"1" if stave.doubt else ""}"><summary>'
            f'<span class="num">{number + 1}</span><span><b>{escaped(stave.name)}</b> {flags}'
            f'<span class="cause">{escaped(stave.cause)}</span></span>'
            f'<meter min="0" max="{self._most}" value="{stave.alone}" aria-hidden="true"></meter>'
            f'<span class="num">{stave.alone:,}</span><span class="num">{stave.holds_back:,}</span>'
            f'{told}</summary><div class="body">{self._graph(number)}'
            f"{self._names(number)}</div></details>"
        )

    def _graph(self, number: int) -> str:
        stave = self._picture.staves[number]
        if number >= self._limits.drawn or not stave.blocks or not stave.at:
            return ""
        tree = self._waiters.tree(stave)
        graph = blockers.svg(self._picture, stave, tree, f"{self._key}g{number}")
        return (
            '<div class="zoom"><button type="button" class="js" data-zoom="in" aria-label="Larger">'
            '+</button><button type="button" class="js" data-zoom="out" aria-label="Smaller">−'
            '</button><button type="button" class="js" data-zoom="natural" aria-label="Natural '
            f'size">1:1</button><span class="soft">{say(_SIGNS)}</span></div>'
            f'<div class="graph-box">{graph}</div>'
        )

    def _names(self, number: int) -> str:
        names = blockers.names(self._picture, self._picture.staves[number].blocks)
        most = next(count for place, count in self._limits.names if number < place)
        listed = "".join(f"<li>{escaped(name)}</li>" for name in names[:most])
        left = len(names) - most
        more = f'<li class="soft">… {say("{count} more", count=left)}</li>' if left > 0 else ""
        return f'<ul class="names">{listed}{more}</ul>'
