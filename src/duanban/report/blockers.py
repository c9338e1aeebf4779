"""What waits for a stave, as an SVG: the stave on the left, what waits for it to its right.

Each node stands at its shortest way from the stave. Of a column with many nodes those are drawn
that the most items wait for, and how many more there are is written under them, so that a thousand
items stay readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from duanban.report.text import plural, visible
from duanban.staves.picture import Picture, PictureStave

_ROWS = 16
"""Nodes that a column shows."""
_COLUMNS = 5
_WIDTH, _HEIGHT, _LABEL = 236.0, 24.0, 26
"""Of a column, of a row, and the characters of a label."""


@dataclass(slots=True)
class Waiting:
    """A node that waits for the stave."""

    node: int
    parent: int
    """The node on the way to the stave; -1 where it waits for the stave itself."""
    distance: int
    items: int = 0
    """Items that wait in it and behind it."""


class Waiters:
    """Who waits for whom in a picture, the other way round than its edges."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._after: list[list[int]] = [[] for _ in picture.nodes]
        for waiting, awaited in picture.edges:
            self._after[awaited].append(waiting)

    def tree(self, stave: PictureStave) -> dict[int, Waiting]:
        """Return what waits for a stave, each on its shortest way; nothing that leads nowhere."""
        found = {node: Waiting(node, -1, 0) for node in stave.at}
        order = list(found)
        for node in order:
            for following in self._after[node]:
                if following not in found:
                    found[following] = Waiting(following, node, found[node].distance + 1)
                    order.append(following)
        blocked = set(stave.blocks)
        for node in reversed(order):
            one = found[node]
            one.items += node in blocked
            if not one.items:
                del found[node]
            elif one.parent >= 0:
                found[one.parent].items += one.items
        return {node: found[node] for node in order if node in found}


def svg(picture: Picture, stave: PictureStave, tree: dict[int, Waiting], key: str) -> str:
    """Return the graph of a stave; `key` makes its ids unique in the page."""
    columns, more = _columns(tree, picture)
    if columns and [picture.nodes[node].name for node in columns[0]] == [stave.name]:
        del columns[0], more[0]  # the stave itself is held back: its own node stands for it
    rows = max((len(column) for column in columns), default=0)
    place = {
        node: (at * _WIDTH + 16, row * _HEIGHT + 24)
        for at, column in enumerate(columns, 1)
        for row, node in enumerate(column)
    }
    root = (16.0, 24.0)
    width, height = (len(columns) + 1) * _WIDTH, (rows + 1) * _HEIGHT + 20
    edges, nodes = [], []
    for node, (x, y) in place.items():
        one = tree[node]
        start = place.get(one.parent, root)
        label = picture.nodes[one.parent].name if one.parent in place else stave.name
        edges.append(f'<path data-n="{node}" d="{_curve(start, (x, y), len(label))}"/>')
        nodes.append(_node(picture, one, x, y))
    for at, count in enumerate(more, 1):
        if count:
            y = len(columns[at - 1]) * _HEIGHT + 24 if at <= len(columns) else 24.0
            nodes.append(
                f'<text class="more" x="{at * _WIDTH + 24}" y="{y + 4}">+ {count:,}</text>'
            )
    name = escape(visible(stave.name))
    waits = plural(stave.holds_back, "item waits", "items wait")
    told = f"{waits} for it, {stave.alone:,} for nothing else."
    return (
        f'<svg class="graph" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'role="img" aria-labelledby="{key}t {key}d"><title id="{key}t">What waits for {name}'
        f'</title><desc id="{key}d">{told} The list below names them.</desc>'
        f'<g class="edges">{"".join(edges)}</g><g class="node root"><circle cx="16" cy="24" r="8"/>'
        f'<text x="30" y="28">{_short(name)}</text></g>'
        f"{''.join(nodes)}</svg>"
    )


def _columns(tree: dict[int, Waiting], picture: Picture) -> tuple[list[list[int]], list[int]]:
    """Return the nodes that each column shows, and how many more stand there."""
    columns: list[list[int]] = []
    more: list[int] = []
    order: dict[int, int] = {-1: 0}
    for distance in range(_COLUMNS):
        standing = [one for one in tree.values() if one.distance == distance]
        if not standing:
            break
        within = [one for one in standing if one.parent in order]
        names = picture.nodes
        within.sort(key=lambda one: (-one.items, names[one.node].name))
        shown = within[:_ROWS]
        shown.sort(key=lambda one: (order[one.parent], -one.items, names[one.node].name))
        if not shown:
            break
        order = {-1: 0} | {one.node: row for row, one in enumerate(shown)}
        columns.append([one.node for one in shown])
        more.append(len(standing) - len(shown))
    further = sum(one.distance >= len(columns) for one in tree.values())
    return columns, [*more, further]


def _node(picture: Picture, one: Waiting, x: float, y: float) -> str:
    node = picture.nodes[one.node]
    name = escape(visible(node.name))
    kind = "item" if node.item else "between"
    behind = one.items - node.item
    count = f' <tspan class="soft">{behind:,}</tspan>' if behind else ""
    wait = f", {plural(behind, 'item')} behind it" if behind else ""
    return (
        f'<g class="node {kind}" data-n="{one.node}" data-p="{one.parent}" tabindex="-1">'
        f"<title>{name}: {escape(node.kind)}{wait}</title>"
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5"/>'
        f'<text x="{x + 10:.0f}" y="{y + 4:.0f}">{_short(name)}{count}</text></g>'
    )


def _curve(start: tuple[float, float], end: tuple[float, float], label: int) -> str:
    """Return a path from behind a label of so many characters to the next node."""
    x = min(start[0] + 16 + 7.2 * (min(label, _LABEL) + 4), end[0] - 20)
    middle = (x + end[0]) / 2
    return (
        f"M{x:.0f},{start[1]:.0f}C{middle:.0f},{start[1]:.0f} {middle:.0f},{end[1]:.0f} "
        f"{end[0] - 7:.0f},{end[1]:.0f}"
    )


def _short(name: str) -> str:
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"


def names(picture: Picture, nodes: Sequence[int]) -> list[str]:
    """Return the names of nodes in order, each once."""
    return sorted({picture.nodes[node].name for node in nodes})
