"""`#if` chains of architectures that leave the target out → a branch for it, where one is provable.

A branch is provable in four ways: a test lists at least two machines of the target's width and
byte order beside others, and its lines say nothing of a machine, so the test is widened; the
branches of two such machines have the same lines; the lines are names or numbers of the machine
(`"x86_64"`, `EM_X86_64`, `AUDIT_ARCH_X86_64`) that become the target's, and two branches agree on
what they become; or they are numbers of system calls, which the target's facts have. Anything
else is left with the reason, and `#error` stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from duanban.answers.guarded import is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.naming import MACRO, condition, relatives, translated
from duanban.answers.work import Text, Work
from duanban.model import Truth
from duanban.scan.build.chains import Branch, Chain, chains_of
from duanban.scan.build.names import mentions

_TEST = re.compile(rb"defined\s*\(?\s*(\w+)\s*\)?|\b(__\w+)\b")
_ONLY_OR = re.compile(rb"[\w\s()|\\]*")
_SYSTEM_CALL = re.compile(r"^([ \t]*#[ \t]*define[ \t]+(?:__NR_|SYS_)(\w+)[ \t]+)(\d+)([ \t]*)$")
_OF_MACHINE = re.compile(rb"\basm\b|\b__asm|_mm_|\bv(?:ld|st)1q?_|__builtin_ia32|#[ \t]*include")
_UNALIGNED = re.compile(rb"(?i)unaligned|misalign|align")
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PAGE = re.compile(rb"(?i)page_?(?:size|shift|mask|bits)")
SMALL_PAGE = 4096
MIN_ALIKE = 2
MIN_ROW = 2
"""Blocks before the refusal that make a row."""


@dataclass(frozen=True, slots=True)
class _Model:
    """A branch that tells what the target's is."""

    branch: Branch
    machines: frozenset[str]
    """Those of the known architectures that it is for."""
    body: bytes


class ArchChain:
    """See the module."""

    name = "arch-chain"
    title = "chains of architectures get a branch for the target, where it is provable"
    rules = ("chip.list.refused", "chip.list.open", "chip.error.unknown-architecture")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each chain without a provable branch."""
        for text, _ in work.files(self.rules):
            if text.language == "c":
                yield from self._file(work, text)

    def _file(self, work: Work, text: Text) -> Iterator[Outcome]:
        wanted = [f for f in work.findings(self.rules) if f.path == text.path]
        edits: list[Edit] = []
        answered: list[str] = []
        chains = chains_of("c", text.c.directives)
        for row in _rows(text, chains):
            first, last = row[0].line, row[-1].end_line
            edit = _added_block(work, text, row)
            if edit is not None:
                edits.append(edit)
                answered += [f.id for f in wanted if first <= f.line <= last]
        for chain in chains:
            if not _lacks(work, text, chain):
                continue
            about = [f.id for f in wanted if chain.line <= f.line <= chain.end_line]
            edit = self._edit(work, text, chain)
            if edit is not None:
                edits.append(edit)
                answered += about
            elif about:
                reason = "no branch for the target follows from those that are there"
                yield Refusal(self.name, text.path, chain.line, reason, tuple(about))
        if edits:
            why = f"names {work.machine} in chains of architectures"
            yield Change(self.name, text.path, tuple(edits), why, (), tuple(answered))

    def _edit(self, work: Work, text: Text, chain: Chain) -> Edit | None:
        models = [model for branch in chain.branches if (model := _model(work, text, branch))]
        for model in models:
            if _is_general(work, model):
                return _widened(work, text, model.branch)
        body = _agreed(work, models) or _system_calls(work, models)
        return _added(work, text, chain, models[0].branch, body) if body else None


def _rows(text: Text, chains: Sequence[Chain]) -> Iterator[list[Chain]]:
    """Yield rows of `#ifdef MACHINE ... #endif` that end in `#ifndef NAME`, `#error`."""
    row: list[Chain] = []
    for chain in chains:
        if len(chain.branches) != 1:
            row = []
            continue
        between = text.span(row[-1].end_line + 1, chain.line - 1) if row else b""
        if between.strip():
            row = []
        row.append(chain)
        body = text.span(chain.branches[0].first_line, chain.branches[0].end_line)
        refuses = re.match(rb"\s*#[ \t]*error\b", body)
        if chain.branches[0].is_negated and refuses and len(row) > MIN_ROW:
            yield row
            row = []


def _added_block(work: Work, text: Text, row: Sequence[Chain]) -> Edit | None:
    """Return the edit that adds a block for the target to a row of them."""
    *blocks, end = row
    tests = [chain.branches[0].test for chain in blocks]
    if any(work.machine in m.machine.serves for test in tests for m in mentions(test)):
        return None
    if not is_live(text, end.line):
        return None
    models = [model for chain in blocks if (model := _model(work, text, chain.branches[0]))]
    body = _agreed(work, models)
    if not body:
        return None
    match = re.match(rb"[ \t]*#[ \t]*", text.span(end.line, end.line))
    sign = match[0].decode("latin-1") if match else "#"
    at = text.start(end.line)
    test = condition(work.machine)
    return Edit(at, at, f"{sign}if {test}\n{body}{sign}endif\n".encode("latin-1"))


def _lacks(work: Work, text: Text, chain: Chain) -> bool:
    """Return whether the chain tells machines apart, by macros of compilers, without the target."""
    tests = [branch.test for branch in chain.branches if not branch.is_default]
    macros = {m[1] or m[2] for test in tests for m in _TEST.finditer(test)}
    if not macros & work.environment.architecture_macros:
        return False
    if any(work.machine in m.machine.serves for test in tests for m in mentions(test)):
        return False
    if any(branch.is_negated for branch in chain.branches) or _is_block(text, chain):
        return False
    if not is_live(text, chain.line):
        return False
    default = next((b for b in chain.branches if b.is_default), None)
    if default is not None:
        body = text.span(default.first_line, default.end_line)
        if not re.search(rb"^[ \t]*#[ \t]*error\b", body, re.MULTILINE):
            return False
    own = [b for b in chain.branches if not b.is_default and b.first_line <= b.end_line]
    return all(text.state(branch.first_line) is not Truth.TRUE for branch in own)


def _is_block(text: Text, chain: Chain) -> bool:
    """Return whether the chain is one of a row of blocks, each with its own test."""
    if len(chain.branches) != 1 or text.c.directives.count(b"#") < MIN_ROW:
        return False
    after = text.span(chain.end_line + 1, chain.end_line + 2).lstrip()
    return re.match(rb"#[ \t]*if", after) is not None


def _model(work: Work, text: Text, branch: Branch) -> _Model | None:
    """Return what the branch tells, if it is for a machine that is like the target."""
    if branch.is_default or not _ONLY_OR.fullmatch(branch.test):
        return None
    macros = {m[1] or m[2] for m in _TEST.finditer(branch.test)}
    machines = {MACRO[macro] for macro in macros if macro in MACRO}
    machines |= {one for m in mentions(branch.test) for one in m.machine.serves}
    machines &= {*relatives(work.machine)}
    if not machines:
        return None
    body = text.span(branch.first_line, branch.end_line)
    if _PAGE.search(body) and work.target.platform.page_sizes != (SMALL_PAGE,):
        return None  # what holds elsewhere need not hold for its pages
    return _Model(branch, frozenset(machines), body)


def _is_general(work: Work, model: _Model) -> bool:
    """Return whether lines under a test that lists machines hold for the target as well."""
    named = {mention.machine.family for mention in mentions(model.branch.test)}
    if len(named) < MIN_ALIKE or not model.body.strip() or _speaks_of_machine(model.body):
        return False
    if _UNALIGNED.search(model.body):
        return work.target.architecture.unaligned_access == "yes"
    # Both byte orders or widths in one list mean that it is about something else.
    return len(model.machines) >= MIN_ALIKE


def _speaks_of_machine(body: bytes) -> bool:
    code = _COMMENT.sub(b" ", body)
    return _OF_MACHINE.search(code) is not None or any(True for _ in mentions(code))


def _agreed(work: Work, models: Sequence[_Model]) -> str:
    """Return the lines that two branches agree on, once they speak of the target."""
    found: dict[str, set[str]] = {}
    for model in models:
        for machine in model.machines:
            made = translated(model.body.decode("latin-1"), machine, work.machine)
            found.setdefault(_plain(made), set()).add(machine)
    for made, machines in found.items():
        raw = made.encode("latin-1")
        if len(machines) >= MIN_ALIKE and raw.strip() and not _other_machines(raw, work.machine):
            model = next(m for m in models if m.machines & machines)
            machine = sorted(model.machines & machines)[0]
            return translated(model.body.decode("latin-1"), machine, work.machine)
    return ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _COMMENT.sub(b" ", text.encode("latin-1")).decode("latin-1")).strip()


def _other_machines(body: bytes, machine: str) -> bool:
    if _OF_MACHINE.search(body):
        return True
    return any(machine not in mention.machine.serves for mention in mentions(body))


def _system_calls(work: Work, models: Sequence[_Model]) -> str:
    """Return the lines with the target's numbers, if all lines define numbers of system calls."""
    if not models:
        return ""
    lines = []
    for line in models[0].body.decode("latin-1").splitlines():
        match = _SYSTEM_CALL.match(line)
        if match is None or match[2] not in work.target.architecture.syscalls:
            return ""
        lines.append(f"{match[1]}{work.target.architecture.syscalls[match[2]]}{match[4]}\n")
    return "".join(lines)


def _widened(work: Work, text: Text, branch: Branch) -> Edit:
    """Return the edit that adds the target to the test of a branch."""
    last = branch.first_line - 1
    end = text.start(last + 1)
    code = text.c.code[text.start(last) : end]
    at = text.start(last) + len(code.rstrip())
    words = f" || {condition(work.machine, branch.test)}"
    if re.match(rb"[ \t]*#[ \t]*ifdef", text.span(branch.line, branch.line)):
        start = text.start(branch.line)
        old = text.span(branch.line, branch.line)
        new = re.sub(rb"ifdef[ \t]+(\w+)", rb"if defined(\1)" + words.encode(), old, count=1)
        return Edit(start, start + len(old), new)
    return Edit(at, at, words.encode())


def _added(work: Work, text: Text, chain: Chain, model: Branch, body: str) -> Edit:
    """Return the edit that adds a branch behind the last one that has a test."""
    default = next((b for b in chain.branches if b.is_default), None)
    at = text.start(default.line if default is not None else chain.end_line)
    opening = text.span(chain.line, chain.line)
    match = re.match(rb"[ \t]*#[ \t]*", opening)
    sign = match[0].decode("latin-1") if match else "#"
    test = condition(work.machine, model.test)
    if test.startswith("("):
        test = test[1:-1]
    return Edit(at, at, f"{sign}elif {test}\n{body}".encode("latin-1"))
