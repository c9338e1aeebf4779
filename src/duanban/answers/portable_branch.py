"""A branch for x86 that holds for any machine once its inline assembly is said without assembly.

`#elif defined(__x86_64__)`, whose function reads the time stamp counter, tells what the target's
branch is: the same function with the clock. A barrier that only binds the compiler, which x86's
order of memory makes enough there, becomes a full one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.answers.asm_statement import UnreadableError, is_portable, read_assembly
from duanban.answers.idioms import Portable, portable_form
from duanban.answers.kinship import OF_MACHINE
from duanban.answers.replacement import replacement
from duanban.answers.work import Text
from duanban.scan.build.chains import Branch, Chain
from duanban.scan.build.names import mentions
from duanban.scan.readers import AsmStatement

_TERM = re.compile(rb"defined\s*\(?\s*(\w+)\s*\)?|^\s*(\w+)\s*$")
_COMPILERS = frozenset((b"__GNUC__", b"__clang__", b"__linux__", b"__linux", b"__unix__"))
_X86_64 = frozenset((b"__x86_64__", b"__x86_64", b"__amd64__", b"__amd64"))
_BESIDE = frozenset((b"__i386__", b"__i386", b"i386", b"_M_X64", b"_M_IX86", b"_M_AMD64"))
"""Macros that may stand beside those, for x86 as well."""
_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(?!define\b)\w", re.MULTILINE)
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_INTRINSIC = re.compile(rb"\b__(?:rdtscp?|cpuid\w*)\b")
BARRIER = Portable((b"__sync_synchronize()",), "", "", "memory barrier")


@dataclass(frozen=True, slots=True)
class PortableBranch:
    """What the target's branch is."""

    branch: Branch
    """The one that it was made of."""
    body: str
    headers: tuple[str, ...]
    assumes: tuple[str, ...]
    defines: frozenset[bytes]
    """Macros that are defined then."""


def portable_branch(text: Text, chain: Chain, own: frozenset[bytes]) -> PortableBranch | None:
    """Return the branch for the target, if one for x86 tells it; `own` are macros of the tree."""
    made = (_made(text, b) for b in chain.branches if _is_for_x86(b.test, own))
    return next((one for one in made if one), None)


def _is_for_x86(test: bytes, own: frozenset[bytes]) -> bool:
    """Return whether GCC for x86-64 takes the branch whatever else is defined."""
    if _TERM.sub(b"", test).strip(b" \t\r\n()&|\\"):
        return False
    names = {match[1] or match[2] for match in _TERM.finditer(test)} - _COMPILERS - _BESIDE
    return bool(names) and all(
        name in _X86_64
        or (name in own and any("x86_64" in m.machine.serves for m in mentions(name)))
        for name in names
    )


def _made(text: Text, branch: Branch) -> PortableBranch | None:
    start, end = text.start(branch.first_line), text.start(branch.end_line + 1)
    parts: list[bytes] = []
    used: list[Portable] = []
    done = start
    for statement in text.c.asm_statements:
        if not start <= statement.start < end:
            continue
        portable = _portable(text, statement)
        if portable is None:
            return None
        new = replacement(text, statement, portable)
        parts += (text.data[done : new.start], new.new)
        done = new.end
        used.append(portable)
    body = b"".join([*parts, text.data[done:end]])
    code = _COMMENT.sub(b" ", body)
    if not used or any(p.search(code) for p in (OF_MACHINE, _INTRINSIC, _DIRECTIVE)):
        return None
    if any(True for _ in mentions(code)):
        return None
    return PortableBranch(
        branch,
        _told(body).decode("latin-1"),
        tuple(dict.fromkeys(one.header for one in used if one.header)),
        tuple(dict.fromkeys(one.assumes for one in used if one.assumes)),
        frozenset(_DEFINE.findall(code)),
    )


def _told(body: bytes) -> bytes:
    """Return lines without comments, which speak of x86 or of the next branch."""
    marked = _COMMENT.sub(b"\0", body) if b'"' not in body else body
    lines = [line for line in marked.splitlines() if line.strip() != b"\0"]
    return b"\n".join(line.replace(b"\0", b"").rstrip() for line in lines).strip(b"\n") + b"\n"


def _portable(text: Text, statement: AsmStatement) -> Portable | None:
    try:
        assembly = read_assembly(text.c, text.data, statement)
    except UnreadableError:
        return None
    if is_portable(assembly):
        has_operands = assembly.inputs or assembly.outputs
        return BARRIER if assembly.clobbers == ("memory",) and not has_operands else None
    return portable_form(assembly)
