"""PTRACE_GETREGS and PTRACE_SETREGS → the register sets that every architecture has.

`ptrace(PTRACE_GETREGS, pid, 0, &regs)` stays where the kernel has it, and is
`PTRACE_GETREGSET` with `NT_PRSTATUS` and an `iovec` elsewhere, in C. What the registers are
called is another matter, and left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from duanban.answers.guarded import (
    Replacement,
    blocks,
    include_edit,
    is_live,
    twice,
    x86_condition,
)
from duanban.answers.interface import Change, Outcome, Refusal
from duanban.answers.naming import CONDITIONS
from duanban.answers.work import Work

_CALL = re.compile(
    rb"\bptrace[ \t]*\([ \t]*PTRACE_([GS])ETREGS[ \t]*,([^,;()]*(?:\([^()]*\))?[^,;()]*),[^,;]*,"
    rb"[ \t]*(?:\([ \t]*(?:unsigned[ \t]+)?(?:long|void[ \t]*\*|char[ \t]*\*)[ \t]*\)[ \t]*)?"
    rb"(&?[\w.>\[\]-]+)[ \t]*\)"
)


class PtraceRegset:
    """See the module."""

    name = "ptrace-regset"
    title = "PTRACE_GETREGS becomes PTRACE_GETREGSET elsewhere"
    rules = ("chip.registers.ptrace-getregs",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file."""
        for text, ids in work.files(self.rules):
            if text.language != "c":
                continue
            if not text.path.endswith((".c", ".h")):
                reason = "an iovec in place of an argument is not C++"
                yield Refusal(self.name, text.path, 1, reason, ids)
                continue
            found = [
                Replacement(match.start(), match.end(), _becomes(match))
                for match in _CALL.finditer(text.c.code)
                if is_live(text, text.line(match.start()))
            ]
            if not found:
                yield Refusal(self.name, text.path, 1, "a call in a form that is not known", ids)
                continue
            condition = x86_condition(text)
            edits = [twice(text, block, condition) for block in blocks(text, found)]
            edits += [e for name in ("elf.h", "sys/uio.h") if (e := include_edit(text, name))]
            if b"user_regs_struct" in text.data and not _is_declared(work):
                edit = include_edit(text, "asm/ptrace.h")
                edits += [replace(edit, new=_for(work.machine, edit.new))] if edit else []
            why = "reads and writes registers as a set"
            yield Change(self.name, text.path, tuple(edits), why, (), ids)


def _is_declared(work: Work) -> bool:
    """Return whether <sys/user.h> declares the registers on the target, as it does on x86."""
    return "user_regs_struct" in work.target.architecture.ucontext


def _for(machine: str, include: bytes) -> bytes:
    return b"#if %s\n%s#endif\n" % (CONDITIONS[machine].encode(), include)


def _becomes(match: re.Match[bytes]) -> bytes:
    way, pid, registers = match[1], match[2].strip(), match[3]
    size = registers[1:] if registers.startswith(b"&") else b"*" + registers
    return (
        b"ptrace(PTRACE_%sETREGSET, %s, (void *)NT_PRSTATUS, "
        b"&(struct iovec){ %s, sizeof(%s) })" % (way, pid, registers, size)
    )
