"""What the analysis of short staves is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Indexes:
    """The files of a comparison."""

    reference: Path
    """`Packages` of an architecture that has what the target should have."""
    packages: Path
    """The target's `Packages`."""
    sources: Path
    """`Sources` of both."""
    architecture: str
    """Debian's name of the target's architecture."""


class Cause(StrEnum):
    """Why something is short on the target. Each is one thing to solve."""

    ARCHITECTURE_LIST = "architecture list"
    """The source says that it is not for the target (`Architecture`, Debian Policy 5.6.8)."""
    MISSING_DEPENDENCY = "missing dependency"
    """It needs something that neither the target nor the reference has."""
    BOOTSTRAP_CYCLE = "bootstrap cycle"
    """It needs itself to be built, directly or through others."""
    BUILD = "build failure or untried"
    """All it needs is there and yet its current version is not: the build failed, or was not
    tried. Indexes cannot tell which."""
    ABSENT_BINARY = "absent binary"
    """The source is built on the target, but without this binary package."""


@dataclass(frozen=True, slots=True, order=True)
class Root:
    """Something to solve, and where it sits."""

    name: str
    """A source package; for a missing dependency what is asked for."""
    causes: tuple[Cause, ...]
    """One; several of a source where none of them helps without the others."""

    @property
    def cause(self) -> str:
        """Return the causes in words."""
        return ", ".join(self.causes)


class ItemKind(StrEnum):
    """What can be held back."""

    SOURCE = "missing source"
    """Has binary packages on the reference and none on the target."""
    BINARY = "broken package"
    """Is on the target and cannot be installed there, but on the reference."""
    BUILD = "unbuildable source"
    """Cannot be built on the target from what is there, but on the reference."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is held back."""

    kind: ItemKind
    name: str
    options: tuple[int, ...]
    """Minimal sets of roots, as bit masks, each of which is enough; none if nothing helps."""
    needed: int
    """Roots that every option has."""
    value: int = 1
    """What it is worth to have it, in whole parts."""


@dataclass(frozen=True, slots=True)
class Stave:
    """A root with what it costs to leave it unsolved."""

    root: Root
    holds_back: int
    """Items that have the root in one of their options."""
    alone: int
    """Items that stay blocked if all other roots are solved."""
    detail: str = ""
    """What the indexes say of it, in one line."""
    doubt: str = ""
    """Why someone should look before acting on it; empty if nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The best roots to solve within a budget."""

    budget: int
    chosen: tuple[Root, ...]
    unlocked: int
    """Items that solving them unlocks."""
    bound: int
    """No choice within the budget unlocks more than this."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The value of a budget."""

    budget: int
    unlocked: int
    """Items that the best choice found unlocks."""
    bound: int
    """No choice unlocks more."""


@dataclass(frozen=True, slots=True)
class StavesReport:
    """The whole analysis (schema `duanban.staves/1`)."""

    architecture: str
    reference: str
    items: tuple[Item, ...]
    staves: tuple[Stave, ...]
    plan: Plan
    curve: tuple[CurvePoint, ...] = field(default=())
    roots: tuple[Root, ...] = ()
    """Every root; its place is its bit in the masks of the items."""

    @property
    def missing(self) -> int:
        """Return how many items are held back."""
        return len(self.items)

    @property
    def out_of_reach(self) -> int:
        """Return how many items stay blocked whatever is solved."""
        return sum(not item.options for item in self.items)

    @property
    def free(self) -> int:
        """Return how many items need nothing but a newer index of what is for all machines."""
        return sum(item.options == (0,) for item in self.items)
