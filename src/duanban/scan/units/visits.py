"""What a reading of one file within a unit came to: which of its lines are compiled."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

from duanban.model import Truth
from duanban.scan.interface import Region
from duanban.scan.units.source_file import Live, SourceFile, Words


class Missing(NamedTuple):
    """A header that is included and is nowhere."""

    name: str
    path: str
    """Of the file that includes it."""
    line: int


@dataclass(frozen=True, eq=False)
class Visit:
    """One reading of one file within a unit; readings with the same outcome are the same object."""

    path: str
    file: SourceFile
    starts: array[int]
    """First lines of ranges without gaps."""
    states: tuple[Truth, ...]
    """Whether each range is compiled."""
    last: int
    """Line in which the last range ends."""

    @classmethod
    def of(cls, path: str, file: SourceFile, regions: Sequence[Region]) -> Visit:
        """Return the reading of a file that gave its lines these states."""
        starts = array("I", [region.line for region in regions])
        states = tuple([region.state for region in regions])
        last = regions[-1].end_line if regions else 0
        return file.keep(
            (cls, starts.tobytes(), states), partial(cls, path, file, starts, states, last)
        )

    @cached_property
    def live(self) -> Live:
        """The lines that may be compiled."""
        return self._ranges(Truth.UNKNOWN)

    @cached_property
    def sure(self) -> Live:
        """The lines that are compiled."""
        return self._ranges(Truth.TRUE)

    @cached_property
    def mark(self) -> int:
        """Equal for readings of one file in which the same may be compiled."""
        return hash((self.path, self.live))

    @cached_property
    def stops(self) -> tuple[int, ...]:
        """The lines of `#error`s that are reached."""
        return tuple(line for line in self.file.script.errors if self.state(line) is Truth.TRUE)

    @cached_property
    def words(self) -> Words:
        """The identifiers of what is compiled."""
        return self.file.words_in(self.sure)

    @cached_property
    def live_words(self) -> Words:
        """The identifiers of what may be compiled."""
        return self.file.words_in(self.live)

    def state(self, line: int) -> Truth:
        """Return whether `line` is compiled."""
        at = bisect_right(self.starts, line) - 1
        return Truth.FALSE if at < 0 or line > self.last else self.states[at]

    def _ranges(self, least: Truth) -> Live:
        ends = [*(start - 1 for start in self.starts[1:]), self.last]
        return (
            tuple(
                (start, end)
                for start, end, state in zip(self.starts, ends, self.states, strict=True)
                if state >= least
            )
            if self.states
            else ()
        )
