"""The picture of a distribution's staves, from the analysis of its indexes."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources

from duanban.depend.control import Stanza
from duanban.model import Layer
from duanban.staves.analyse import Analysis
from duanban.staves.options import bits
from duanban.staves.picture import LayerCount, Node, Picture, PictureStave

_KINDS = {"source": "source", "build": "source", "have": "package", "new": "package"}


def picture_of(analysis: Analysis) -> Picture:
    """Return what a page shows of an analysis."""
    report = analysis.report
    graph, name_of = analysis.builder.graph, analysis.builder.name
    edges = graph.edges()
    numbers = _reachable([node for _, _, node in analysis.nodes], edges)
    kinds = {node: kind for kind, _, node in analysis.nodes}
    nodes = tuple(
        Node(
            name_of(old).decode("utf-8", "replace"),
            kinds[old] if old in kinds else _KINDS[graph.keys[old].kind],
            _layer(analysis, _source_of(analysis, old)),
            old in kinds,
        )
        for old in numbers
    )
    held: list[list[int]] = [[] for _ in report.roots]
    for item, (_, _, old) in zip(report.items, analysis.nodes, strict=True):
        some = 0
        for option in item.options:
            some |= option
        for root in bits(some):
            held[root].append(numbers[old])
    sits = _places(analysis, numbers)
    places = {root: number for number, root in enumerate(report.roots)}
    chosen = set(report.plan.chosen)
    staves = tuple(
        PictureStave(
            name=stave.root.name,
            cause=stave.root.cause,
            layer=_layer(analysis, stave.root.name.encode()),
            holds_back=stave.holds_back,
            alone=stave.alone,
            blocks=tuple(held[places[stave.root]]),
            at=sits[places[stave.root]],
            chosen=stave.root in chosen,
            doubt=stave.doubt,
            details=(stave.detail,),
        )
        for stave in report.staves
    )
    return Picture(
        title=f"Short staves of {report.architecture}",
        target=report.architecture,
        basis=f"Debian indexes of {report.architecture} against {report.reference}",
        layers=_layers(analysis),
        nodes=nodes,
        edges=tuple((numbers[old], numbers[to]) for old in numbers for to in edges[old]),
        staves=staves,
        budget=report.plan.budget,
        unlocked=report.plan.unlocked,
        bound=report.plan.bound,
        curve=report.curve,
    )


def _reachable(starts: list[int], edges: list[list[int]]) -> dict[int, int]:
    """Return the nodes that stand behind `starts`, each with its number in the picture."""
    numbers: dict[int, int] = {}
    pending = list(reversed(starts))
    while pending:
        node = pending.pop()
        if node not in numbers:
            numbers[node] = len(numbers)
            pending += edges[node]
    return numbers


def _places(analysis: Analysis, numbers: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Return per root the nodes that wait for it directly."""
    graph, roots = analysis.builder.graph, analysis.report.roots
    root_of = {(r.name, cause): n for n, r in enumerate(roots) for cause in r.causes}
    found: list[dict[int, None]] = [{} for _ in roots]
    for old, number in numbers.items():
        for way in graph.ways[old]:
            for bit in bits(way.roots):
                root = graph.roots[bit]
                place = root_of.get((root.name, root.causes[0]))
                if place is not None:
                    found[place][number] = None
    return [tuple(places) for places in found]


def _source_of(analysis: Analysis, node: int) -> bytes:
    kind, what = analysis.builder.graph.keys[node]
    if isinstance(what, bytes):
        return what
    side = analysis.sides.target if kind == "have" else analysis.sides.reference
    return side.origin(what).name


def _layers(analysis: Analysis) -> tuple[LayerCount, ...]:
    """Return how many sources each layer has, and how many of them are held back in part."""
    sides = analysis.sides
    short = {_source_of(analysis, node) for _, _, node in analysis.nodes}
    held = Counter(_layer(analysis, name) for name in short)
    parts = Counter(_layer(analysis, name) for name in {*sides.reference.built, *short})
    return tuple(LayerCount(layer, parts[layer], held[layer]) for layer in Layer)


def _layer(analysis: Analysis, source: bytes) -> Layer | None:
    """Return the layer that most packages of a source belong to.

    Sections of the packages count (`Package-List`): that of the source is `misc` for most.
    """
    stanza: Stanza = analysis.sides.sources.get(source, {})
    known = section_layers()
    counts: Counter[Layer] = Counter()
    for line in stanza.get(b"Package-List", b"").splitlines():
        words = line.split()  # package, type, section, priority, then key=value
        if len(words) > 2:
            layer = known.get(words[2].rpartition(b"/")[2].decode("utf-8", "replace"))
            if layer is not None:
                counts[layer] += 1
    return counts.most_common(1)[0][0] if counts else None


@cache
def section_layers() -> Mapping[str, Layer]:
    """Return the layer of each section of the archive."""
    text = resources.files("duanban.staves").joinpath("sections.toml").read_text("utf-8")
    return {
        section: Layer(layer)
        for layer, sections in tomllib.loads(text).items()
        for section in sections
    }
