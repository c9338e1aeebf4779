"""`#if` chains of architectures that leave the target out → a branch for it, where one is provable.

A branch is provable in these ways: a test lists at least two machines of the target's width and
byte order beside others, and its lines say nothing of a machine, so the test is widened; the
branches of two such machines have the same lines; the lines are names or numbers of the machine
(`"x86_64"`, `EM_X86_64`, `AUDIT_ARCH_X86_64`) that become the target's, and two branches agree on
what they become; they are numbers of system calls, which the target's facts have; everything
that the tree has for a machine says nothing of it (`kinship.py`); or the inline assembly of the
branch for x86 can be said without assembly (`portable_branch.py`). A page size of 4096 becomes the
target's, where its kernels have one. Macros of the project's own count where the tree defines them.
Anything else is left with the reason, and `#error` stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from duanban.answers.guarded import include_edit, is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.kinship import OF_MACHINE, Kinship
from duanban.answers.naming import MACRO, alone, condition, relatives, translated
from duanban.answers.page_lines import PAGE, PAGES, page_size, paged
from duanban.answers.portable_branch import PortableBranch, portable_branch
from duanban.answers.schemes import renamed
from duanban.answers.work import C_SUFFIXES, Text, Work
from duanban.model import Truth
from duanban.scan.build.chains import Branch, Chain, chains_of
from duanban.scan.build.names import mentions

_TEST = re.compile(rb"defined\s*\(?\s*(\w+)\s*\)?|\b(__\w+)\b")
_DEFINED = re.compile(rb"\s*defined\s*\(?\s*(\w+)\s*\)?\s*")
_ABSENT = re.compile(rb"!\s*defined\s*\(?\s*\w+")
_ONLY_OR = re.compile(rb"[\w\s()|\\]*")
_SYSTEM_CALL = re.compile(r"^([ \t]*#[ \t]*define[ \t]+(?:__NR_|SYS_)(\w+)[ \t]+)(\d+)([ \t]*)$")
_INCLUDES = re.compile(rb"#[ \t]*include")
_OWN = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]*1?[ \t]*\r?$", re.MULTILINE)
_UNALIGNED = re.compile(rb"(?i)unaligned|misalign|align")
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
RULES = ("chip.list.refused", "chip.list.open", "chip.error.unknown-architecture")
KIN = "a header for another machine that names none, and no number, holds for any"
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
    is_adapted: bool = False
    """The lines are no longer those that stand there."""


class ArchChain:
    """See the module."""

    name = "arch-chain"
    title = "chains of architectures get a branch for the target, where it is provable"
    rules = RULES

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each chain without a provable branch."""
        texts = [text for text, _ in work.files(self.rules) if text.language == "c"]
        if not texts:
            return
        kinship = Kinship(work)
        own = own_macros(work)
        for text in texts:
            yield from self._file(work, text, kinship, own)

    def _file(
        self, work: Work, text: Text, kinship: Kinship, own: frozenset[bytes]
    ) -> Iterator[Outcome]:
        wanted = [f for f in work.findings(self.rules) if f.path == text.path]
        edits: list[Edit] = []
        answered: list[str] = []
        assumes: list[str] = []
        chains = chains_of("c", text.c.directives)
        for row in _rows(text, chains):
            first, last = row[0].line, row[-1].end_line
            edit = _added_block(work, text, row)
            if edit is not None:
                edits.append(edit)
                answered += [f.id for f in wanted if first <= f.line <= last]
        given: frozenset[bytes] = frozenset()
        for chain in chains:
            about = [f.id for f in wanted if chain.line <= f.line <= chain.end_line]
            if _asks_for(chain, given):
                answered += about
                continue
            if not _lacks(work, text, chain, own):
                continue
            edit, assumed = self._edit(work, text, chain, kinship)
            portable = None if edit else portable_branch(text, chain, own)
            if edit is not None:
                edits.append(edit)
                answered += about
                assumes += [assumed] if assumed else []
            elif portable is not None and (about or _is_asked(text, chains, portable.defines)):
                edits += _portable_edits(work, text, chain, portable)
                answered += about
                assumes += portable.assumes
                given |= portable.defines
            elif about:
                reason = "no branch for the target follows from those that are there"
                yield Refusal(self.name, text.path, chain.line, reason, tuple(about))
        if edits:
            why = f"names {work.machine} in chains of architectures"
            told = tuple(dict.fromkeys(assumes))
            yield Change(self.name, text.path, tuple(edits), why, told, tuple(answered))

    def _edit(
        self, work: Work, text: Text, chain: Chain, kinship: Kinship
    ) -> tuple[Edit | None, str]:
        """Return the edit that brings the target into a chain, and what it assumes."""
        models = [model for branch in chain.branches if (model := _model(work, text, branch))]
        for model in models:
            if _is_general(work, model):
                return _widened(work, text, model.branch), ""
        for model in models if len(chain.branches) > MIN_ALIKE else ():
            if not model.is_adapted and kinship.holds(text, model.branch):
                return _widened(work, text, model.branch), KIN
        body = _agreed(work, models) or _system_calls(work, models)
        if body:
            return _added(work, text, chain, models[0].branch, body), ""
        body = _pages(models)
        if not body:
            return None, ""
        size = page_size(work.target)
        assumed = PAGES.format(target=work.target.title, size=size)
        return _added(work, text, chain, models[0].branch, body), assumed


def _asks_for(chain: Chain, given: frozenset[bytes]) -> bool:
    """Return whether a branch is taken as soon as one of the macros is defined."""
    tests = (_DEFINED.fullmatch(branch.test) for branch in chain.branches)
    return any(match is not None and match[1] in given for match in tests)


def _is_asked(text: Text, chains: Sequence[Chain], given: frozenset[bytes]) -> bool:
    """Return whether a chain that refuses asks for one of the macros."""
    return any(_asks_for(chain, given) and _stops(text, chain) for chain in chains)


def _portable_edits(work: Work, text: Text, chain: Chain, made: PortableBranch) -> Iterator[Edit]:
    """Yield the edits that add a branch, and the headers that it needs."""
    yield _added(work, text, chain, made.branch, made.body)
    for header in made.headers:
        edit = include_edit(text, header)
        if edit is not None:
            yield edit


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
    sign = sign_of(text, end)
    at = text.start(end.line)
    test = condition(work.machine)
    return Edit(at, at, f"{sign}if {test}\n{body}{sign}endif\n".encode("latin-1"))


def lacking_chains(work: Work, text: Text, own: frozenset[bytes]) -> Iterator[Chain]:
    """Yield the chains of a file that leave the target out; `own` are macros of the tree."""
    for chain in chains_of("c", text.c.directives):
        if _lacks(work, text, chain, own):
            yield chain


def sign_of(text: Text, chain: Chain) -> str:
    """Return `#` with the blanks around it that a chain begins with."""
    match = re.match(rb"[ \t]*#[ \t]*", text.span(chain.line, chain.line))
    return match[0].decode("latin-1") if match else "#"


def own_macros(work: Work) -> frozenset[bytes]:
    """Return macros that the tree itself defines and that name a machine."""
    found = work.words(_OWN, C_SUFFIXES)
    return frozenset(name for name in found if any(True for _ in mentions(name)))


def _lacks(work: Work, text: Text, chain: Chain, own: frozenset[bytes]) -> bool:
    """Return whether the chain tells machines apart without the target.

    Macros of compilers count, and those that the tree defines.
    """
    tests = [branch.test for branch in chain.branches if not branch.is_default]
    macros = {m[1] or m[2] for test in tests for m in _TEST.finditer(test)}
    if not macros & (work.environment.architecture_macros | own):
        return False
    if any(work.machine in m.machine.serves for test in tests for m in mentions(test)):
        return False
    if any(_is_about_absence(branch) for branch in chain.branches) or _is_block(text, chain):
        return False
    if not is_live(text, chain.line) or not _refuses(text, chain):
        return False
    branches = [b for b in chain.branches if not b.is_default and b.first_line <= b.end_line]
    return all(text.state(branch.first_line) is not Truth.TRUE for branch in branches)


def _is_about_absence(branch: Branch) -> bool:
    """Return whether a branch is for machines that are not named."""
    positive = _TEST.search(_ABSENT.sub(b"", branch.test))
    return branch.is_negated or not (branch.is_default or positive)


def _refuses(text: Text, chain: Chain) -> bool:
    """Return whether a chain has no last branch, or one that stops the compiler."""
    return not any(b.is_default for b in chain.branches) or _stops(text, chain)


def _stops(text: Text, chain: Chain) -> bool:
    """Return whether the last branch of a chain stops the compiler."""
    default = next((b for b in chain.branches if b.is_default), None)
    body = text.span(default.first_line, default.end_line) if default is not None else b""
    return re.search(rb"^[ \t]*#[ \t]*error\b", body, re.MULTILINE) is not None


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
    adapted = paged(text, body, work.target)
    if adapted is None:
        return None  # what holds elsewhere need not hold for its pages
    return _Model(branch, frozenset(machines), adapted, adapted != body)


def _is_general(work: Work, model: _Model) -> bool:
    """Return whether lines under a test that lists machines hold for the target as well."""
    named = {mention.machine.family for mention in mentions(model.branch.test)}
    if len(named) < MIN_ALIKE or not model.body.strip() or model.is_adapted:
        return False
    if _speaks_of_machine(model.body):
        return False
    if _UNALIGNED.search(model.body):
        return work.target.architecture.unaligned_access == "yes"
    # Both byte orders or widths in one list mean that it is about something else.
    return len(model.machines) >= MIN_ALIKE


def _speaks_of_machine(body: bytes) -> bool:
    code = _COMMENT.sub(b" ", body)
    return _is_of_machine(code) or any(True for _ in mentions(code))


def _is_of_machine(code: bytes) -> bool:
    return OF_MACHINE.search(code) is not None or _INCLUDES.search(code) is not None


def _agreed(work: Work, models: Sequence[_Model]) -> str:
    """Return the lines that two branches agree on, once they speak of the target."""
    found: dict[str, set[str]] = {}
    for model in models:
        for machine in model.machines:
            made = _for_target(work, model, machine)
            found.setdefault(_plain(made), set()).add(machine)
    for made, machines in found.items():
        raw = made.encode("latin-1")
        if len(machines) >= MIN_ALIKE and raw.strip() and not _other_machines(raw, work.machine):
            model = next(m for m in models if m.machines & machines)
            machine = sorted(model.machines & machines)[0]
            return _for_target(work, model, machine)
    return ""


def _pages(models: Sequence[_Model]) -> str:
    """Return lines of one branch that only say how large pages are, with the target's size."""
    for model in models:
        lines = [line for line in model.body.splitlines() if line.strip()]
        if model.is_adapted and all(PAGE.search(line) for line in lines):
            return model.body.decode("latin-1")
    return ""


def _for_target(work: Work, model: _Model, machine: str) -> str:
    """Return the lines of a branch once they speak of the target, also in a project's own names."""
    made = translated(model.body.decode("latin-1"), machine, work.machine)
    own = (
        renamed(model.body, work.machine)
        if _other_machines(made.encode("latin-1"), work.machine)
        else None
    )
    return own.text.decode("latin-1") if own and own.machine == machine else made


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _COMMENT.sub(b" ", text.encode("latin-1")).decode("latin-1")).strip()


def _other_machines(body: bytes, machine: str) -> bool:
    if _is_of_machine(body):
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
    test = alone(work.machine, model.test)
    return Edit(at, at, f"{sign_of(text, chain)}elif {test}\n{body}".encode("latin-1"))
