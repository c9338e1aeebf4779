"""Lists of machines that a file gives, and which of them leave the target out.

Wherever a chain of conditions, a `case`, a table or a list names several machines, its authors
meant to name all that they knew; a target that is not among them gets what the last branch says:
an error, something portable, or nothing at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from duanban.model import Truth
from duanban.scan.build.chains import Branch, Chain, chains_of
from duanban.scan.build.indented import without_prose
from duanban.scan.build.names import Machine, is_generated, mentions, mentions_inside
from duanban.scan.build.runs import Entry, Run, runs_of
from duanban.scan.build.source import BuildSource, joined
from duanban.scan.interface import MacroEnvironment, Region, Source
from duanban.scan.regex import compile_pattern


class Ending(StrEnum):
    """What an enumeration has for a machine that it does not name."""

    REFUSED = "refused"
    """An error."""
    DEFAULT = "default"
    """A branch for all others."""
    OPEN = "open"
    """Nothing."""
    SINGLE = "single"
    """It is no list, but a condition for one machine other than x86."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One list of machines."""

    line: int
    """Where the next machine would go, if the list is in no order."""
    first_line: int
    end_line: int
    machines: frozenset[Machine]
    ending: Ending
    in_own_branch: tuple[int, ...] = ()
    """First lines of the branches whose tests name no machine, but may hold for the target."""
    default_line: int = 0
    """First line of the last resort's body; 0 where there is none."""
    is_chain: bool = True
    entries: tuple[Entry, ...] = ()
    """In the order of their lines."""
    shared: tuple[tuple[int, int], ...] = ()
    """First and last lines of branches that several machines share."""
    rank: float = 1.0
    """Factor on its weight: less for one that the target comes to under a condition only."""

    @property
    def families(self) -> frozenset[str]:
        """What the machines are called, related ones under one name."""
        return frozenset(machine.family for machine in self.machines)

    @property
    def weight(self) -> float:
        """How likely a list of so many machines was meant to name all, 0 to 1."""
        known = {machine.family for machine in self.machines if not machine.is_ambiguous}
        return WEIGHTS[min(len(known), len(WEIGHTS)) - 1] * self.rank

    def line_for(self, name: str) -> int:
        """Return where a machine called `name` would go: in alphabetical order, if the list is."""
        # People put i386 and amd64 where x86 goes, or where their own names do.
        named = [entry.word for entry in self.entries]
        by_family = ["x86" if e.machine.family == "x86" else e.word for e in self.entries]
        words = max(named, by_family, key=_order)
        if _order(words) < IN_ORDER:
            return self.line
        # A few may stand elsewhere: where the fewest are on the wrong side.
        misplaced = best = sum(word < name for word in words)
        line = self.entries[0].line
        for at, word in enumerate(words, start=1):
            misplaced += 1 if word > name else -1
            if misplaced <= best:
                best = misplaced
                line = self.entries[at].line if at < len(words) else self.line
        return min(line, self.line)

    def serves(self, architecture: str) -> bool:
        """Return whether the list names `architecture`."""
        return any(architecture in machine.serves for machine in self.machines)


def _order(words: Sequence[str]) -> float:
    """Return the share of neighbours in alphabetical order; 0 for too few to tell."""
    steps = [a <= b for a, b in pairwise(words) if a != b]
    return sum(steps) / len(steps) if len(steps) >= MIN_STEPS else 0.0


_ERROR = re.compile(
    rb"\bFATAL_ERROR\b|\bSEND_ERROR\b|AC_MSG_ERROR|AC_MSG_FAILURE|as_fn_error|\$[({]error"
    rb"|^[ \t]*\.error|^[ \t]*error[ \t]*\(|(?:^|[;&|{ \t])exit[ \t]+[1-9]|\braise\b|\bdie\b"
    rb"|\bsys\.exit|panic!|compile_error|^[ \t]*#[ \t]*error\b|m4_fatal|\bfatal\b|\babort\b",
    re.MULTILINE,
)
_DEFAULT_CASE = re.compile(rb"^[^\n{}]*\bdefault[ \t]*:", re.MULTILINE)
_CASE_ERROR = re.compile(
    rb"(?i)error|abort|assert|unsupported|unknown|unreachable|exit[ \t]*\(|throw|panic|fail"
    rb"|die[ \t]*\(|warnx?\("
)
_TEST_AFTER = re.compile(rb"\s*(?:#[ \t]*if|if)[^\n]*+((?:\n(?![ \t]*(?:#[ \t]*)?if)[^\n]*+)*+)")
"""A test with what stands right under it, up to a further one."""
_NEGATED = re.compile(rb"![ \t]*(?:defined[ \t]*\(?[ \t]*)?\w*$")
_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
LOOK_AHEAD = 6
"""Lines after a list in which it is said what others get."""
_LINE_OF_LIST = compile_pattern(
    rb"(?i)^[ \t]*(?:#[ \t]*(?:(?:el)?if|undef|define|include)|case|extern|[\"{&}?:]"
    rb"|(?:else[ \t]+)?if[ \t]*\(|AUDIT_ARCH_|EM_|[a-z_][\w:<>]*[ \t*&]+\w)"
    rb"[^\n]*(?:"
    rb"86|64|arm|ppc|powerpc|mips|sparc|s390|alpha|riscv|loongarch|m68k|hppa)(?:[^\n]*\\\n)*[^\n]*"
)
"""What lists in C are made of."""
HEAD = 8192
MIN_FAMILIES = 2
LONG_TEST = 5
"""A test that names more than half as many machines is a list of its own."""
MIN_STEPS = 3
IN_ORDER = 0.8
"""Share of neighbours that must be in alphabetical order for a list to be."""
NEAR = 30
"""Lines around a list within which another one that has the target speaks for it."""
WEIGHTS = (0.7, 0.5, 0.7, 0.85, 1.0)
"""By the number of machines from one on; that of a single one is for refusals only."""
INNER = 0.6
"""Factor where the target would come to the list only after it was added to the one around."""
SPARE = 0.3
"""Factor where the list defines what the target's own headers define: older ones may not."""
SHARING = 3
"""Machines that a branch must name for what stands in it to concern the next one, too."""


def may_have_lists(path: str, language: str, data: bytes) -> bool:
    """Return whether it is worth while to read the file for lists: a quick look at its bytes.

    Args:
        path: of the file; what a build tool makes or copies in has no lists of the project.
        language: a key of `languages.toml`.
        data: the file.
    """
    if is_generated(path, data[:HEAD]):
        return False
    if language not in ("c", "asm"):
        return True
    families = set()
    for match in _LINE_OF_LIST.finditer(data):
        line = data[match.start() : match.end()]
        for mention in (*mentions(line), *mentions_inside(line)):
            families.add(mention.machine.family)
            if len(families) >= MIN_FAMILIES:
                return True
    return False


def enumerations_of(language: str, source: Source) -> list[Enumeration]:
    """Return the enumerations of a file, in order.

    Args:
        language: a key of `languages.toml`.
        source: the file as its reader sees it.
    """
    code = source.code
    if isinstance(source, BuildSource):
        chains, text = source.chains, code
    else:
        text = source.directives
        chains = chains_of(language, text)
    strings = without_prose(code, source.strings) if language == "python" else source.strings
    lines = code.split(b"\n")
    found = [one for chain in chains if (one := _of_chain(chain, lines, chains)) is not None]
    singles = [one for one in found if one.ending is Ending.SINGLE]
    found = [one for one in found if one.ending is not Ending.SINGLE]
    covered = [(one.first_line, one.end_line) for one in found]
    found.extend(
        _of_run(run, lines)
        for run in runs_of(language, joined(code, strings), chains)
        if not any(first <= run.line <= last for first, last in covered)
    )
    return sorted([*found, *singles], key=lambda one: one.line)


def _of_run(run: Run, lines: Sequence[bytes]) -> Enumeration:
    """Return the enumeration that a list is; what follows it tells what others get."""
    after = b"\n".join(lines[run.end_line : run.end_line + LOOK_AHEAD])
    ending = Ending.OPEN
    if default := _DEFAULT_CASE.search(after):
        refuses = _CASE_ERROR.search(after, default.end())
        ending = Ending.REFUSED if refuses else Ending.DEFAULT
    elif run.is_blocks and (test := _TEST_AFTER.match(after)) and _ERROR.search(test[1]):
        ending = Ending.REFUSED
    return Enumeration(
        line=run.line,
        first_line=run.first_line,
        end_line=run.end_line,
        machines=run.machines,
        ending=ending,
        is_chain=False,
        entries=run.entries,
    )


def _of_chain(chain: Chain, lines: Sequence[bytes], chains: Sequence[Chain]) -> Enumeration | None:
    machines: set[Machine] = set()
    entries: list[Entry] = []
    naming: list[Branch] = []
    others: list[int] = []
    default: Branch | None = None
    for branch in chain.branches:
        if branch.is_default:
            default = branch
            continue
        named = list(mentions(branch.test))
        if named:
            machines.update(mention.machine for mention in named)
            entries.append(Entry(branch.line, branch.line, named[0].machine, named[0].word))
            naming.append(branch)
        elif branch.first_line <= branch.end_line:
            others.append(branch.first_line)
    if not naming or all(machine.is_ambiguous for machine in machines):
        return None
    ending = Ending.OPEN
    is_of_exceptions = len(naming) == 1 and _is_of_exceptions(naming[0])
    if is_of_exceptions:
        default = naming[0]
    if default is not None:
        body = _outside_chains(default, lines, chains)
        ending = Ending.REFUSED if _ERROR.search(body) else Ending.DEFAULT
    families = {machine.family for machine in machines}
    if len(families) < MIN_FAMILIES and ending is not Ending.REFUSED:
        if families == {"x86"}:
            return None
        ending = Ending.SINGLE
    last = naming[-1]
    line = last.line if chain.is_case else last.end_line + 1
    longest = max(naming, key=_families)
    is_long = 2 * _families(longest) > max(len(families), LONG_TEST)
    if len(chain.branches) == 1 or is_of_exceptions or is_long:
        # The list stands in one test, which the next machine would make longer.
        line = longest.line + longest.test.count(b"\n")
        entries = _within(longest)
    return Enumeration(
        line=min(line, chain.end_line),
        first_line=chain.line,
        end_line=chain.end_line,
        machines=frozenset(machines),
        ending=ending,
        in_own_branch=tuple(others),
        default_line=default.first_line if default is not None else 0,
        entries=tuple(entries),
        shared=tuple(
            (branch.first_line, branch.end_line)
            for branch in naming
            if _families(branch) >= SHARING
        ),
    )


def _is_of_exceptions(branch: Branch) -> bool:
    """Return whether a branch is for all machines but those that its test names."""
    return all(_NEGATED.search(branch.test, 0, mention.start) for mention in mentions(branch.test))


def _outside_chains(branch: Branch, lines: Sequence[bytes], chains: Sequence[Chain]) -> bytes:
    """Return the lines of a branch that stand under no further condition."""
    body = list(lines[branch.line - 1 : branch.end_line])
    for inner in chains:
        if branch.first_line <= inner.line and inner.end_line <= branch.end_line:
            first, last = inner.line - branch.line, inner.end_line - branch.line
            body[first : last + 1] = [b""] * (last - first + 1)
    return b"\n".join(body)


def _within(branch: Branch) -> list[Entry]:
    """Return the entries of a list that stands in one test, with their lines."""
    return [
        Entry(line, line, mention.machine, mention.word)
        for mention in mentions(branch.test)
        for line in (branch.line + branch.test.count(b"\n", 0, mention.start),)
    ]


def _families(branch: Branch) -> int:
    return len({mention.machine.family for mention in mentions(branch.test)})


def lacking(
    enumerations: Sequence[Enumeration],
    environment: MacroEnvironment,
    source: Source,
    architecture_macros: frozenset[str],
) -> Iterator[tuple[Enumeration, Region]]:
    """Yield the enumerations that stand in lines for the target and have no place for it.

    With each comes the region that decides whether it counts: the list's, or that of its refusal
    where a branch that names no machine may hold for the target.

    Args:
        enumerations: of the file.
        environment: of the target.
        source: the file.
        architecture_macros: a refusal under one of these is another rule's
            (`chip.error.unknown-architecture`).
    """
    wanting = [one for one in enumerations if not one.serves(environment.machine)]
    wanting.sort(key=lambda one: one.ending is Ending.SINGLE)
    if not wanting:
        return
    regions = source.regions(environment)
    starts = [region.line for region in regions]

    def at(line: int) -> Region:
        return regions[max(0, bisect_right(starts, line) - 1)]

    served = [one for one in enumerations if one.serves(environment.machine)]
    told: list[int] = []
    opened = [
        span
        for one in wanting
        if at(one.first_line).state is not Truth.FALSE
        for span in one.shared
    ]
    for one in wanting:
        around = region = at(one.first_line)
        if around.state is Truth.FALSE:
            if rank := _rank_out_of_reach(one, around, opened, source):
                yield replace(one, rank=rank), around
            continue
        if any(at(line).state is Truth.TRUE for line in one.in_own_branch):
            continue
        if one.default_line:
            default = at(one.default_line)
            if default.state is Truth.FALSE:
                continue
            if one.ending is Ending.REFUSED:
                if not architecture_macros.isdisjoint(default.macros):
                    continue
                if any(at(line).state is Truth.UNKNOWN for line in one.in_own_branch):
                    region = default
        is_weak = not one.is_chain or one.ending is Ending.SINGLE
        if is_weak and any(_near(one, other) for other in served):
            continue
        if one.ending is Ending.SINGLE and any(abs(one.line - line) <= NEAR for line in told):
            continue
        told.append(one.line)
        yield one, region


def _rank_out_of_reach(
    one: Enumeration, around: Region, opened: Sequence[tuple[int, int]], source: Source
) -> float:
    """Return what a list counts that the target does not come to as things stand; mostly 0."""
    if one.ending is Ending.SINGLE:
        return 0.0
    if any(first <= one.first_line <= last for first, last in opened):
        return INNER
    if around.macros.isdisjoint(_defined_in(one, source.directives)):
        return 0.0
    return SPARE


def _defined_in(one: Enumeration, directives: bytes) -> Iterator[str]:
    """Yield the macros that stand in the branches of a list to be defined."""
    lines = directives.split(b"\n", one.end_line)[one.first_line - 1 : one.end_line]
    for match in _DEFINE.finditer(b"\n".join(lines)):
        yield match[1].decode("ascii", "replace")


def _near(one: Enumeration, other: Enumeration) -> bool:
    return other.first_line <= one.end_line + NEAR and one.first_line <= other.end_line + NEAR
