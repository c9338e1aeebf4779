"""Rows of machines' sources whose functions the rest calls and nothing defines for the target.

`impl_sse/`, `impl_neon/` and `impl_vmx/` all define `Decode`, the portable part calls it, and
nothing else defines it: a machine without a part of its own cannot be linked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from duanban.scan.build.names import is_aside
from duanban.scan.functions import ASSEMBLER, Names, alike, defined
from duanban.scan.includes import UNIT_SUFFIXES
from duanban.scan.interface import MacroEnvironment
from duanban.scan.place import Elsewhere
from duanban.scan.siblings import Row

HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inl", ".inc")
MOST_NAMES = 400
"""Names that are looked for in a tree; rows that come later are not looked at."""
MOST_FILES = 100
"""Files of a machine's part that are read."""


@dataclass(frozen=True, slots=True)
class Lone:
    """What a row alone defines."""

    names: tuple[str, ...]
    """Functions that are called and that only the row's machines have, sorted."""
    path: str
    """Where the first of them is called."""
    line: int


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a tree, for one target."""

    paths: Sequence[str]
    """Empty if the tree is too large to be read once more: nothing is lone then."""
    read: Callable[[str], bytes | None]
    elsewhere: Elsewhere
    environment: MacroEnvironment
    """Of the target."""

    def portable(self, without: frozenset[str]) -> Iterator[tuple[str, bytes]]:
        """Yield path and text of what is for every machine, and not of `without`."""
        endings = (*UNIT_SUFFIXES, *HEADERS, *ASSEMBLER)
        machine = self.environment.machine
        for path in self.paths:
            if not path.endswith(endings) or path in without or is_aside(path):
                continue
            if self.elsewhere.is_for_others(path, machine):
                continue
            text = self.read(path)
            if text is not None:
                yield path, text


def lone_functions(rows: Sequence[Row], sources: Sources) -> Mapping[str, Lone]:
    """Return what rows of machines define alone, by the row's place.

    A row has such functions if most of its machines define them, code that the target surely
    compiles calls them, and at least half of those that are called are defined nowhere else.
    """
    shared: dict[str, set[bytes]] = {}
    for row in rows if sources.paths else ():
        if sum(map(len, shared.values())) < MOST_NAMES:
            shared[row.place] = alike(_parts(row, sources))
    wanted = set[bytes]().union(*shared.values())
    if not wanted:
        return {}
    names = Names(wanted)
    own = frozenset(path for row in rows for files in row.files.values() for path in files)
    served: set[bytes] = set()
    calls: dict[bytes, tuple[str, int]] = {}
    for path, text in sources.portable(own):
        if not names.occur_in(text):
            continue
        served |= names.defined_in(path, text)
        if path.endswith(UNIT_SUFFIXES):
            for name, line in names.calls(text, sources.environment).items():
                calls.setdefault(name, (path, line))
    found = {}
    for place, functions in shared.items():
        called = functions & calls.keys()
        lone = sorted(called - served)
        if lone and 2 * len(lone) >= len(called):
            path, line = calls[lone[0]]
            found[place] = Lone(tuple(name.decode("latin-1") for name in lone), path, line)
    return found


def _parts(row: Row, sources: Sources) -> Iterator[set[bytes]]:
    """Yield what each machine's files of the row define."""
    for files in row.files.values():
        part: set[bytes] = set()
        for path in sorted(files)[:MOST_FILES]:
            if path.endswith((*UNIT_SUFFIXES, *ASSEMBLER)) and not is_aside(path):
                text = sources.read(path)
                part |= defined(path, text) if text is not None else set()
        yield part
