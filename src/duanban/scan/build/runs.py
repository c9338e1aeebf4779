"""Lists of machines that are no chains: arrays, enums, tables, lists of files, blocks in a row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from duanban.scan.build.chains import Chain
from duanban.scan.build.names import Machine, Mention, mentions, mentions_inside
from duanban.scan.regex import compile_pattern

MIN_FAMILIES = 3
"""A list says less than a chain, so it must name more."""
MIN_FAMILIES_OF_CONDITIONS = 2
"""The same where such names stand in conditions only (Rust's `cfg`)."""
GAP = 3
"""Lines between two of its entries, at most."""
WIDE_GAP = 14
"""The same where the entries are blocks, or lines that begin alike: there may be more of each."""
_NAMING = compile_pattern(
    rb"(?i)^[^\n]*(?:86|64|arm|ppc|powerpc|mips|sparc|s390|alpha|riscv|loongarch|m68k|hppa)[^\n]*"
)
"""Lines that may name machines."""
_ROW = re.compile(
    rb"(?i)[ \t]*(?:case\b|[{&\"']|extern\b|AUDIT_ARCH_|EM_"
    rb"|#[ \t]*(?:define|undef|include)[ \t]+[<\"]?\w"
    rb"|(?:\}[ \t]*)?(?:else[ \t]+)?if[ \t]*\(|[a-z_][a-z0-9_]*[ \t]*[,=(]|[^\n;]*=[ \t]*\{)"
)
"""How rows of a list begin in C; other lines name machines in passing, or as a part of a word."""
_ATTACHED = frozenset(b"_\"'/-")
"""What joins a machine's name to a longer word, or makes it a string."""
AGAIN = 2
"""Other machines that come between two namings of one machine where a list begins anew."""
_CONDITION = re.compile(rb"\bcfg!?\(|\bcfg_attr\(")
"""Where a condition of Rust begins."""
_VARIABLE = re.compile(rb"[0-9]+|[ \t]+")


class Entry(NamedTuple):
    """One entry of a list."""

    line: int
    end_line: int
    machine: Machine
    word: str
    shape: bytes = b""
    """What stands before the name on its line: alike in entries of one list."""


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
        """Line on which the list goes on: of its last entry, or behind it if that is a block."""
        last = self.entries[-1]
        return last.end_line if self.is_blocks else last.line

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
    least = MIN_FAMILIES_OF_CONDITIONS if language == "rust" else MIN_FAMILIES
    found = _joined(_blocks(chains), WIDE_GAP, is_blocks=True)
    entries = list(_entries(code, _in_rows(code) if is_c else mentions(code)))
    by_shape: dict[bytes, list[Entry]] = {}
    for entry in entries:
        by_shape.setdefault(entry.shape, []).append(entry)
    for shape, alike in by_shape.items():
        found += _beside(found, _joined(alike, WIDE_GAP if shape else GAP, least))
    found += _beside(found, _joined(entries, GAP, least))
    if language == "rust":
        found = _parted(found, code)
    return [one for run in found for one in _rounds(run, least)]


def _rounds(run: Run, least: int) -> list[Run]:
    """Return the lists of a run in which the same machines come again: one for each round."""
    rounds: list[list[Entry]] = [[]]
    since: dict[str, set[str]] = {}
    for entry in run.entries:
        family, current = entry.machine.family, rounds[-1]
        is_again = len(since.get(family, ())) >= AGAIN and entry.line != current[-1].line
        if is_again and _is_list(current, least):
            rounds.append([])
            since = {}
        rounds[-1].append(entry)
        for others in since.values():
            others.add(family)
        since[family] = set()
    if len(rounds) > 1 and not _is_list(rounds[-1], least):
        rest = rounds.pop()
        rounds[-1] += rest
    return [Run(tuple(one), max(e.end_line for e in one), run.is_blocks) for one in rounds]


def _parted(runs: Sequence[Run], code: bytes) -> list[Run]:
    """Return `runs` with those that span several conditions, each a list by itself, parted."""
    starts = [code.count(b"\n", 0, found.start()) + 1 for found in _CONDITION.finditer(code)]
    parted = []
    for run in runs:
        parts: dict[int, list[Entry]] = {}
        for entry in run.entries:
            parts.setdefault(bisect_right(starts, entry.line), []).append(entry)
        lists = [part for part in parts.values() if _is_list(part, MIN_FAMILIES_OF_CONDITIONS)]
        if len(lists) > 1:
            parted += [Run(tuple(part), part[-1].end_line, run.is_blocks) for part in lists]
        else:
            parted.append(run)
    return parted


def _is_list(entries: Sequence[Entry], least: int) -> bool:
    return len({e.machine.family for e in entries if not e.machine.is_ambiguous}) >= least


def _beside(known: Sequence[Run], runs: Sequence[Run]) -> list[Run]:
    """Return those of `runs` that no known one overlaps."""
    return [
        run
        for run in runs
        if not any(
            one.first_line <= run.end_line and run.first_line <= one.end_line for one in known
        )
    ]


def _entries(code: bytes, found: Iterable[Mention]) -> Iterator[Entry]:
    line, counted = 1, 0
    for mention in found:
        line += code.count(b"\n", counted, mention.start)
        counted = mention.start
        before = code[code.rfind(b"\n", 0, mention.start) + 1 : mention.start]
        shape = _VARIABLE.sub(b" ", before).strip()
        yield Entry(line, line, mention.machine, mention.word, shape)


def _in_rows(code: bytes) -> Iterator[Mention]:
    for match in _NAMING.finditer(code):
        start = match.start()
        row = code[start : match.end()]
        is_row = _ROW.match(row) is not None
        if not is_row and row.lstrip().startswith(b"#"):
            continue  # conditions are chains
        for mention in mentions(row):
            beside = row[max(0, mention.start - 1) : mention.start] + row[mention.end :][:1]
            if is_row or not _ATTACHED.isdisjoint(beside):
                yield mention._replace(start=start + mention.start, end=start + mention.end)
        for mention in mentions_inside(row):
            yield mention._replace(start=start + mention.start, end=start + mention.end)


def _blocks(chains: Sequence[Chain]) -> list[Entry]:
    """Return the chains of one branch that name a machine."""
    found = []
    for chain in chains:
        if len(chain.branches) == 1 and not chain.is_case:
            for mention in mentions(chain.branches[0].test):
                found.append(Entry(chain.line, chain.end_line, mention.machine, mention.word))
    return found


def _joined(
    entries: Sequence[Entry], gap: int, least: int = MIN_FAMILIES, *, is_blocks: bool = False
) -> list[Run]:
    runs: list[Run] = []
    group: list[Entry] = []
    end = 0
    for entry in (*entries, None):
        if entry is not None and group and entry.line - end <= gap:
            group.append(entry)
            end = max(end, entry.end_line)
            continue
        if _is_list(group, least):
            runs.append(Run(tuple(group), end, is_blocks))
        if entry is not None:
            group, end = [entry], entry.end_line
    return runs
