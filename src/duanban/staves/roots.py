"""Roots of one source that only help together are one stave; what the indexes say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from duanban.staves.graph import REDUCED, Graph
from duanban.staves.interface import Cause, Item, Root
from duanban.staves.options import bits, mask_of

_LISTED = 4
"""Names that one line gives of many."""


def merged(graph: Graph, items: Sequence[Item]) -> tuple[list[Root], list[Item]]:
    """Return the roots that matter and the items by them.

    Roots of one source that stand in the same options everywhere are one; a root that stands in no
    option is left out.
    """
    options = dict.fromkeys(option for item in items for option in item.options)
    # What all options need is known also where not all are kept, so it counts as one as well.
    terms = [*options, *dict.fromkeys(item.needed for item in items)]
    standing: dict[int, list[int]] = {}
    for place, term in enumerate(terms):
        for number in bits(term):
            standing.setdefault(number, []).append(place)
    together: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    for number in sorted(standing):
        key = (graph.roots[number].name, tuple(standing[number]))
        together.setdefault(key, []).append(number)
    place_of = {old: new for new, group in enumerate(together.values()) for old in group}
    new_mask = {term: mask_of({place_of[number] for number in bits(term)}) for term in terms}
    roots = [
        Root(name, tuple(cause for number in group for cause in graph.roots[number].causes))
        for (name, _), group in together.items()
    ]
    return roots, [
        replace(
            item,
            options=tuple(
                sorted((new_mask[o] for o in item.options), key=lambda o: (o.bit_count(), o))
            ),
            needed=new_mask[item.needed],
        )
        for item in items
    ]


def details(graph: Graph) -> Mapping[tuple[str, Cause], str]:
    """Return for the cause of each root what the indexes say of it, in one line."""
    return {
        (root.name, root.causes[0]): _detail(
            root.causes[0], graph.reasons[number], (1 << number) in graph.reducible
        )
        for number, root in enumerate(graph.roots)
    }


def absent(graph: Graph) -> Mapping[str, Sequence[str]]:
    """Return per source the packages that the target's build of it lacks."""
    return {
        root.name: list(graph.reasons[number])
        for number, root in enumerate(graph.roots)
        if root.causes == (Cause.ABSENT_BINARY,)
    }


def _detail(cause: Cause, reasons: Iterable[str], reducible: bool) -> str:
    named = list(reasons)
    listed = ", ".join(named[:_LISTED])
    if len(named) > _LISTED:
        listed += f" and {len(named) - _LISTED} more"
    match cause:
        case Cause.ARCHITECTURE_LIST:
            return f"its list is {' '.join(named)}"
        case Cause.MISSING_DEPENDENCY:
            return f"asked for by {listed}"
        case Cause.BOOTSTRAP_CYCLE:
            way_out = f"; a build with {' '.join(p.decode() for p in REDUCED)} needs none of it"
            return f"needs itself by way of {listed}{way_out if reducible else ''}"
        case Cause.BUILD:
            return f"version {listed} is there" if named else "nothing of it is there"
        case Cause.ABSENT_BINARY:
            return f"built without {listed}"
