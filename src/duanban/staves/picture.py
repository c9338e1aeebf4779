"""What a page of short staves shows, whoever found them: a distribution's graph or an estate's.

Everything is a node: what is held back, what stands in between, and the staves themselves. An edge
leads from a node to what it waits for, so the way from an item to its staves can be followed.
"""

from __future__ import annotations

from dataclasses import dataclass

from duanban.model import Layer
from duanban.staves.interface import CurvePoint


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the page."""

    name: str
    kind: str
    """In words: `missing source`, `broken package`, `system`, `npm package`."""
    layer: Layer | None = None
    """None where it is not known."""
    item: bool = False
    """Whether it is one of the things that are held back, and not only in between."""


@dataclass(frozen=True, slots=True)
class PictureStave:
    """A cause and what it holds back."""

    name: str
    cause: str
    """In words: `architecture list`."""
    layer: Layer | None
    holds_back: int
    """Items that have it in one of the ways in which they could come about."""
    alone: int
    """Items that stay blocked if all other staves are solved."""
    blocks: tuple[int, ...] = ()
    """The nodes of the items that it holds back."""
    at: tuple[int, ...] = ()
    """The nodes where it sits: they wait for it directly."""
    chosen: bool = False
    """Whether the plan solves it."""
    doubt: str = ""
    """Why someone should look before acting on it; empty if nothing speaks against it."""
    details: tuple[str, ...] = ()
    """What belongs to it: the absent packages, the places."""


@dataclass(frozen=True, slots=True)
class LayerCount:
    """How much of a layer there is, and how much of it is held back."""

    layer: Layer
    parts: int
    """0 where nothing is known of the layer: then it is drawn as unknown and not as full."""
    held: int
    open: int = 0
    """Further parts of which it is not known whether they are held back."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Staves of one target, as a page shows them."""

    title: str
    target: str
    basis: str
    """What was compared, and of what date, in one line."""
    layers: tuple[LayerCount, ...]
    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of nodes: the first waits for the second."""
    staves: tuple[PictureStave, ...]
    """The gravest first."""
    budget: int = 0
    """How many staves the plan solves at most."""
    unlocked: int = 0
    """Items that the plan unlocks."""
    bound: int = 0
    """No plan within the budget unlocks more."""
    curve: tuple[CurvePoint, ...] = ()
    """The value of every budget; empty where none was computed."""
