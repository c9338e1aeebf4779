"""The whole analysis: two indexes in, causes and the best plan out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from duanban.depend.control import Stanza, read_stanzas
from duanban.depend.pause import no_garbage_collection
from duanban.depend.source import SOURCE_FIELDS, is_superseded
from duanban.depend.store import Progress, load
from duanban.depend.universe import Builder
from duanban.depend.version import version_key
from duanban.model.errors import UsageError
from duanban.staves.doubt import Doubts
from duanban.staves.graph import Graph, GraphBuilder
from duanban.staves.interface import Indexes, Item, ItemKind, Root, Stave, StavesReport
from duanban.staves.options import bits
from duanban.staves.roots import absent, details, merged
from duanban.staves.select import Selection
from duanban.staves.side import Side, make_side
from duanban.staves.solve import needed, solve

Nodes = list[tuple[ItemKind, bytes, int]]
"""What is short, with its node."""

PEEKED = 10_000
"""Stanzas of the reference among which one must say its architecture."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides and the current stanza of every source."""

    target: Side
    reference: Side
    sources: Mapping[bytes, Stanza]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The report, and what it was made from."""

    report: StavesReport
    builder: GraphBuilder
    nodes: Nodes
    """Of the report's items, in their order."""
    sides: Sides


def analyse(
    indexes: Indexes,
    budget: int,
    progress: Progress = lambda _: None,
    profiles: Sequence[str] = (),
) -> StavesReport:
    """Return what holds the target back against the reference, and the best of it to solve.

    Args:
        indexes: the files to read.
        budget: how many roots can be solved.
        progress: told what is being done.
        profiles: build profiles that are active on the target.

    Raises:
        UsageError: a file cannot be read, or holds nothing for its architecture.
    """
    return examine(indexes, budget, progress, profiles).report


def examine(
    indexes: Indexes,
    budget: int,
    progress: Progress = lambda _: None,
    profiles: Sequence[str] = (),
) -> Analysis:
    """Return the report of `analyse` with what it was made from.

    Args, Raises: as of `analyse`.
    """
    active = [profile.encode() for profile in profiles]
    with no_garbage_collection():
        progress("reading sources")
        stanzas = list(read_stanzas(indexes.sources, (*SOURCE_FIELDS, b"Package-List")))
        progress("checking the target")
        builder = load(indexes.packages, indexes.architecture.encode())
        target = make_side(builder, stanzas, active)
        other = reference_architecture(indexes.reference)
        builder = load(indexes.reference, other)
        progress("checking the reference")
        # Of the sources only those matter that may be short on the target.
        origin = make_side(builder, _doubtful(builder, target, stanzas))
        sides = Sides(target, origin, _current(stanzas))
        progress("finding causes")
        made = GraphBuilder(sides.target, sides.reference, sides.sources, active)
        nodes = _held_back(made, sides)
        graph = made.finish()
        roots, items = merged(graph, _items(graph, nodes))
    progress("choosing")
    selection = Selection(items)
    report = StavesReport(
        architecture=indexes.architecture,
        reference=other.decode("ascii", "replace"),
        items=tuple(items),
        staves=_staves(roots, items, graph, _doubts(sides, items)),
        plan=selection.plan(budget, roots),
        curve=tuple(selection.points),
        roots=tuple(roots),
    )
    return Analysis(report, made, nodes, sides)


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


def _held_back(builder: GraphBuilder, sides: Sides) -> Nodes:
    """Return what is short on the target and is not on the reference."""
    target, reference, current = sides.target, sides.reference, sides.sources

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
            # Of several versions of a source the newest counts.
            newest = name in current and universe.versions[index] == current[name][b"Version"]
            if newest and name not in missing and sound_on_reference(name):
                nodes.append((ItemKind.BUILD, name, builder.node("build", name)))
        elif any(reference.is_sound(one) for one in reference.builder.named(name)):
            nodes.append((ItemKind.BINARY, name, builder.node("have", index)))
    return nodes


def _items(graph: Graph, nodes: Nodes) -> list[Item]:
    options, masks = solve(graph), needed(graph)
    return [
        Item(kind, name.decode("utf-8", "replace"), options[node], max(masks[node], 0))
        for kind, name, node in nodes
    ]


def _staves(
    roots: Sequence[Root],
    items: Sequence[Item],
    graph: Graph,
    doubts: Doubts,
) -> tuple[Stave, ...]:
    """Return every root with what it holds back, the gravest first."""
    told, missed = details(graph), absent(graph)
    held: list[list[str]] = [[] for _ in roots]
    alone = [0] * len(roots)
    for item in items:
        some, every = 0, -1
        for option in item.options:
            some |= option
            every &= option
        for number in bits(some):
            held[number].append(item.name)
            alone[number] += every >> number & 1
    found = [
        Stave(
            root,
            len(held[number]),
            alone[number],
            "; ".join(told[root.name, cause] for cause in root.causes),
            doubts.of_stave(root.name, held[number], missed.get(root.name, ())),
        )
        for number, root in enumerate(roots)
    ]
    return tuple(sorted(found, key=lambda s: (-s.alone, -s.holds_back, s.root)))


def _doubts(sides: Sides, items: Iterable[Item]) -> Doubts:
    """Return what makes packages doubtful, by the sources that are built on either side."""
    packages: dict[bytes, list[str]] = {item.name.encode(): [] for item in items}
    universe = sides.reference.universe
    for index in range(universe.binaries):
        name = sides.reference.origin(index).name
        if name in packages and not universe.independent[index]:
            packages[name].append(universe.names[index].decode("utf-8", "replace"))
    return Doubts(
        (name.decode("utf-8", "replace") for name in sides.target.built),
        {name.decode("utf-8", "replace"): binaries for name, binaries in packages.items()},
    )
