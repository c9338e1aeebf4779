"""The whole analysis: two indexes in, causes and the best plan out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from duanban.depend.control import Stanza, read_stanzas
from duanban.depend.pause import no_garbage_collection
from duanban.depend.source import SOURCE_FIELDS, is_superseded
from duanban.depend.store import Progress, load
from duanban.depend.universe import Builder
from duanban.depend.version import version_key
from duanban.model.errors import UsageError
from duanban.staves.graph import Graph, GraphBuilder
from duanban.staves.interface import Cause, Indexes, Item, ItemKind, Stave, StavesReport
from duanban.staves.options import bits
from duanban.staves.select import Selection
from duanban.staves.side import Side, make_side
from duanban.staves.solve import needed, solve

PEEKED = 10_000
"""Stanzas of the reference among which one must say its architecture."""


def analyse(indexes: Indexes, budget: int, progress: Progress = lambda _: None) -> StavesReport:
    """Return what holds the target back against the reference, and the best of it to solve.

    Args:
        indexes: the files to read.
        budget: how many roots can be solved.
        progress: told what is being done.

    Raises:
        UsageError: a file cannot be read, or holds nothing for its architecture.
    """
    with no_garbage_collection():
        progress("reading sources")
        stanzas = list(read_stanzas(indexes.sources, (*SOURCE_FIELDS, b"Package-List")))
        progress("checking the target")
        target = make_side(load(indexes.packages, indexes.architecture.encode()), stanzas)
        other = reference_architecture(indexes.reference)
        builder = load(indexes.reference, other)
        progress("checking the reference")
        current = _current(stanzas)
        # Of the sources only those matter that may be short on the target.
        origin = make_side(builder, _doubtful(builder, target, stanzas))
        progress("finding causes")
        graph, nodes = _graph(target, origin, current)
        items = _items(graph, nodes)
    progress("choosing")
    selection = Selection(items)
    return StavesReport(
        architecture=indexes.architecture,
        reference=other.decode("ascii", "replace"),
        items=tuple(items),
        staves=_staves(graph, items),
        plan=selection.plan(budget, graph.roots),
        curve=tuple(selection.points),
        roots=tuple(graph.roots),
    )


def reference_architecture(path: Path) -> bytes:
    """Return the architecture of an index: the first that is not `all`.

    Raises:
        UsageError: the file cannot be read, or names none.
    """
    for stanza in islice(read_stanzas(path, (b"Architecture",)), PEEKED):
        if stanza[b"Architecture"] != b"all":
            return stanza[b"Architecture"]
    raise UsageError(f"{path}: does not say which architecture it is for")


def _current(stanzas: list[Stanza]) -> dict[bytes, Stanza]:
    """Return the newest stanza of each source."""
    current: dict[bytes, Stanza] = {}
    for stanza in stanzas:
        name, version = stanza.get(b"Package"), stanza.get(b"Version")
        if not name or not version or is_superseded(stanza):
            continue
        known = current.get(name)
        if known is None or version_key(known[b"Version"]) < version_key(version):
            current[name] = stanza
    return current


def _doubtful(builder: Builder, target: Side, stanzas: list[Stanza]) -> Iterator[Stanza]:
    """Yield the sources that are broken on the target, or have no binary packages there."""
    for stanza in stanzas:
        name = stanza.get(b"Package", b"")
        index = target.sources.get(name)
        if name not in target.built or (index is not None and not target.is_sound(index)):
            yield stanza


Nodes = list[tuple[ItemKind, bytes, int]]
"""What is short, with its node."""


def _graph(target: Side, reference: Side, current: dict[bytes, Stanza]) -> tuple[Graph, Nodes]:
    builder = GraphBuilder(target, reference, current)

    def sound_on_reference(name: bytes) -> bool:
        index = reference.sources.get(name)
        return index is not None and reference.is_sound(index)

    nodes: Nodes = []
    missing = {name for name in reference.built if name not in target.built and name in current}
    for name in sorted(missing):
        if sound_on_reference(name):
            nodes.append((ItemKind.SOURCE, name, builder.node("source", name)))
    universe = target.universe
    for index in target.outcome.broken:
        name = universe.names[index]
        if index >= universe.binaries:
            if name not in missing and name in current and sound_on_reference(name):
                nodes.append((ItemKind.BUILD, name, builder.node("build", name)))
        elif any(reference.is_sound(one) for one in reference.builder.named(name)):
            nodes.append((ItemKind.BINARY, name, builder.node("have", index)))
    return builder.finish(), nodes


def _items(graph: Graph, nodes: Nodes) -> list[Item]:
    options, masks = solve(graph), needed(graph)
    return [
        Item(kind, name.decode("utf-8", "replace"), options[node], max(masks[node], 0))
        for kind, name, node in nodes
    ]


def _staves(graph: Graph, items: list[Item]) -> tuple[Stave, ...]:
    """Return every root with what it holds back, the gravest first."""
    holds_back, alone = [0] * len(graph.roots), [0] * len(graph.roots)
    for item in items:
        some, every = 0, -1
        for option in item.options:
            some |= option
            every &= option
        for number in bits(some):
            holds_back[number] += 1
            alone[number] += every >> number & 1
    found = [
        Stave(
            root,
            holds_back[number],
            alone[number],
            tuple(sorted(graph.absent[root.name])) if root.cause is Cause.ABSENT_BINARY else (),
        )
        for number, root in enumerate(graph.roots)
        if holds_back[number]
    ]
    return tuple(sorted(found, key=lambda s: (-s.alone, -s.holds_back, s.root)))
