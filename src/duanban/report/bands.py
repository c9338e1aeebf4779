"""The overview of the shortest staves as an SVG: from each, bands to the layers it holds back."""

from __future__ import annotations

from collections import Counter
from html import escape

from duanban.model import Layer
from duanban.report.text import visible
from duanban.staves.picture import Picture

SHOWN = 12
"""Staves that have a band."""
_LEFT, _RIGHT, _WIDTH = 290.0, 610.0, 760
_HEIGHT, _EACH, _GAP, _LEAST = 380.0, 60.0, 8.0, 16.0
"""Pixels for all items, at most for each stave, between blocks, and of the smallest block."""


def svg(picture: Picture, key: str) -> str:
    """Return the bands; each stave leads to its entry in the list, `#<key>s<number>`."""
    staves = picture.staves[:SHOWN]
    counts = [
        Counter(picture.nodes[node].layer for node in stave.blocks) or Counter({stave.layer: 1})
        for stave in staves
    ]
    total = sum(sum(count.values()) for count in counts)
    if not total:
        return ""
    unit = min(_HEIGHT, _EACH * len(staves)) / total
    layers = [one for one in (*Layer, None) if any(count[one] for count in counts)]
    ends, height = {}, 24.0
    for layer in layers:
        size = sum(count[layer] for count in counts) * unit
        ends[layer] = (height, size)
        height += max(size, _LEAST) + _GAP
    filled = dict.fromkeys(layers, 0.0)
    made, top = [], 24.0
    for number, (stave, count) in enumerate(zip(staves, counts, strict=True)):
        size = sum(count.values()) * unit
        start, bands = top, []
        for layer in layers:
            thick = count[layer] * unit
            if thick:
                end = ends[layer][0] + filled[layer]
                filled[layer] += thick
                bands.append(_band(start, end, thick))
                start += thick
        kind = "chosen" if stave.chosen else "doubtful" if stave.doubt else "plain"
        name = escape(visible(stave.name))
        made.append(
            f'<a href="#{key}s{number}" class="flow {kind}"><title>{name}: '
            f"{escape(visible(stave.cause))}</title>{''.join(bands)}"
            f'<rect x="{_LEFT - 8}" y="{top:.1f}" width="8" height="{max(size, 2):.1f}"/>'
            f'<text class="end" x="{_LEFT - 16}" y="{top + max(size, _LEAST) / 2 + 4:.1f}">'
            f"{name if len(name) < 31 else name[:30] + '…'} {stave.holds_back:,}</text></a>"
        )
        top += max(size, _LEAST) + _GAP
    right = "".join(
        f'<rect class="layer" x="{_RIGHT}" y="{y:.1f}" width="8" height="{max(size, 2):.1f}"/>'
        f'<text x="{_RIGHT + 16}" y="{y + max(size, _LEAST) / 2 + 4:.1f}">'
        f"{layer.value if layer else 'not known'} {sum(count[layer] for count in counts):,}</text>"
        for layer, (y, size) in ends.items()
    )
    return (
        f'<svg class="bands" viewBox="0 0 {_WIDTH} {max(top, height) + 8:.0f}" role="group" '
        f'aria-label="The shortest staves and the layers that they hold back">{"".join(made)}'
        f"{right}</svg>"
    )


def _band(start: float, end: float, thick: float) -> str:
    middle = (_LEFT + _RIGHT) / 2
    return (
        f'<path d="M{_LEFT},{start:.1f}C{middle},{start:.1f} {middle},{end:.1f} {_RIGHT},{end:.1f}'
        f"V{end + thick:.1f}C{middle},{end + thick:.1f} {middle},{start + thick:.1f} "
        f'{_LEFT},{start + thick:.1f}Z"/>'
    )
