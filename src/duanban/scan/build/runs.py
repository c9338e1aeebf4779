"""Lists of machines that are no chains: arrays, enums, tables, lists of files, blocks in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from duanban.scan.build.chains import Chain
from duanban.scan.build.names import Machine, Mention, mentions
from duanban.scan.regex import compile_pattern

MIN_FAMILIES = 3
"""A list says less than a chain, so it must name more."""
GAP = 3
"""Lines between two of its entries, at most."""
_ROW = compile_pattern(
    rb"(?i)^[ \t]*(?:case\b|[{\"']|#[ \t]*(?:define|undef)[ \t]+\w|[a-z_][a-z0-9_]*[ \t]*[,=(])"
    rb"[^\n]*(?:86|64|arm|ppc|powerpc|mips|sparc|s390|alpha|riscv|loongarch|m68k|hppa)[^\n]*"
)
"""Lines of C that are rows of a list: the rest of the code names machines in passing."""


class Entry(NamedTuple):
    """One entry of a list."""

    line: int
    end_line: int
    machine: Machine
    word: str


@dataclass(frozen=True, slots=True)
class Run:
    """A list."""

    entries: tuple[Entry, ...]
    end_line: int
    is_blocks: bool
    """Every entry is a block under a condition of its own."""

    @property
    def first_line(self) -> int:
        """Line of the first entry."""
        return self.entries[0].line

    @property
    def line(self) -> int:
        """Line of the last entry."""
        return self.entries[-1].line

    @property
    def machines(self) -> frozenset[Machine]:
        """What the entries name."""
        return frozenset(entry.machine for entry in self.entries)


def runs_of(language: str, code: bytes, chains: Sequence[Chain]) -> list[Run]:
    """Return the lists of a file.

    Args:
        language: a key of `languages.toml`.
        code: without comments.
        chains: of the file; short ones in a row, each for one machine, are a list as well.
    """
    is_c = language in ("c", "asm")
    blocks = _blocks(chains)
    found = _joined(blocks, is_blocks=True)
    covered = [(run.first_line, run.end_line) for run in found]
    entries = list(blocks) if is_c else []
    line, counted = 1, 0
    for mention in _in_rows(code) if is_c else mentions(code):
        line += code.count(b"\n", counted, mention.start)
        counted = mention.start
        entries.append(Entry(line, line, mention.machine, mention.word))
    found += [
        run
        for run in _joined(sorted(entries, key=lambda entry: entry[:2]), is_blocks=False)
        if not any(first <= run.line <= last for first, last in covered)
    ]
    return found


def _in_rows(code: bytes) -> Iterator[Mention]:
    for match in _ROW.finditer(code):
        start = match.start()
        for mention in mentions(code[start : match.end()]):
            yield mention._replace(start=start + mention.start, end=start + mention.end)


def _blocks(chains: Sequence[Chain]) -> list[Entry]:
    """Return the chains of one branch that name a machine."""
    found = []
    for chain in chains:
        if len(chain.branches) == 1 and not chain.is_case:
            for mention in mentions(chain.branches[0].test):
                found.append(Entry(chain.line, chain.end_line, mention.machine, mention.word))
    return found


def _joined(entries: Sequence[Entry], *, is_blocks: bool) -> list[Run]:
    runs: list[Run] = []
    group: list[Entry] = []
    end = 0
    for entry in (*entries, None):
        if entry is not None and group and entry.line - end <= GAP:
            group.append(entry)
            end = max(end, entry.end_line)
            continue
        families = {e.machine.family for e in group if not e.machine.is_ambiguous}
        if len(families) >= MIN_FAMILIES:
            runs.append(Run(tuple(group), end, is_blocks))
        if entry is not None:
            group, end = [entry], entry.end_line
    return runs
