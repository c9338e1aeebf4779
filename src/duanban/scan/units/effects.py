"""What headers did in the units before, so that most need not be gone through again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from duanban.model import Truth
from duanban.scan.cpp.knowledge import Layer
from duanban.scan.units.visits import Missing, Visit

MAX_EFFECTS = 24
"""Circumstances of one header that are remembered."""
MAX_ENTRIES = 1_000_000
"""Facts and visits of all headers that are remembered: some 60 MB."""


@dataclass(slots=True, eq=False)
class Effect:
    """What a header did once, and under which circumstances it would do the same again."""

    absent: Layer
    """What it asked of macros that no file had defined when it began, with the answers."""
    reads: Layer
    """What it asked of the other macros that were there when it began."""
    writes: Layer
    """What it defined and undefined."""
    visits: list[Visit]
    missing: list[Missing]
    system: tuple[bytes, ...]
    """Headers that are not of the tree."""
    varies: bool
    """The reference would have answered something that it asked otherwise."""
    doubt: bytes = b""
    """The name that was another when it was last tried in vain."""

    @property
    def size(self) -> int:
        """How much it holds."""
        facts = len(self.absent) + len(self.reads) + len(self.writes)
        return facts + len(self.visits) + len(self.system)


class Effects:
    """What headers did on one platform; what was not of use for longest is forgotten.

    Args:
        reference: of the platform that this one is compared with, on which a header does the same
            if nothing that it asks for varies.
    """

    def __init__(self, reference: Effects | None = None) -> None:
        self._reference = reference
        self._by_header: OrderedDict[tuple[str, Truth], list[Effect]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        """Return how many are remembered."""
        return sum(map(len, self._by_header.values()))

    def of(self, path: str, state: Truth) -> Iterator[Effect]:
        """Yield what a header did where it was included in that state, the last first.

        The one that is taken must be handed to `use`.
        """
        key = (path, state)
        if key in self._by_header:
            self._by_header.move_to_end(key)
            yield from self._by_header[key]

    def use(self, path: str, state: Truth, effect: Effect) -> None:
        """Put first what a header did again: the next unit is likely to do the same."""
        effects = self._by_header[path, state]
        if effects[0] is not effect:
            effects.remove(effect)
            effects.insert(0, effect)

    def add(self, path: str, state: Truth, effect: Effect) -> None:
        """Remember what a header did."""
        effects = self._by_header.setdefault((path, state), [])
        effects.insert(0, effect)
        self._size += effect.size
        if len(effects) > MAX_EFFECTS:
            self._size -= effects.pop().size
        while self._size > MAX_ENTRIES and len(self._by_header) > 1:
            _, forgotten = self._by_header.popitem(last=False)
            self._size -= sum(effect.size for effect in forgotten)
        if self._reference is not None and not effect.varies:
            self._reference._share(path, state, effect)

    def _share(self, path: str, state: Truth, effect: Effect) -> None:
        known = self._by_header.get((path, state), ())
        if not any(one.absent == effect.absent and one.reads == effect.reads for one in known):
            self.add(path, state, effect)
