"""Attributes and run-time tests that name extensions of x86 → for x86 only.

`__attribute__((target("avx2")))` is left out elsewhere by a macro in its place; a call of
`__builtin_cpu_supports("avx2")` is 0 there, so that the code takes the way that needs nothing. The
builtins that stand for pause and the fences become nothing, and a full barrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import Replacement, blocks, is_live, twice, x86_condition
from duanban.answers.interface import Change, Outcome
from duanban.answers.work import Text, Work

_TARGET = re.compile(
    rb"(?:__attribute__|__attribute)[ \t]*\([ \t]*\([ \t]*(?:__)?target(?:__)?"
    rb"[ \t]*\([^()\n]*\)[ \t]*\)[ \t]*\)"
    rb"|\[\[[ \t]*gnu[ \t]*::[ \t]*target[ \t]*\([^()\n]*\)[ \t]*\]\]"
)
_SUPPORTS = re.compile(rb"__builtin_cpu_(?:supports|is)[ \t]*\([ \t]*\"[^\"\n]*\"[ \t]*\)")
_INIT = re.compile(rb"__builtin_cpu_init[ \t]*\([ \t]*\)")
_BUILTIN = rb"__builtin_ia32_%s[ \t]*\([ \t]*\)"
_FORMS = (
    (_TARGET, b""),
    (_SUPPORTS, b"0"),
    (_INIT, b"((void)0)"),
    (re.compile(_BUILTIN % b"pause"), b"((void)0)"),
    (re.compile(_BUILTIN % b"[mls]fence"), b"__sync_synchronize()"),
)


class X86Attributes:
    """See the module."""

    name = "x86-attributes"
    title = "target attributes and __builtin_cpu_supports are for x86 only"
    rules = (
        "chip.attributes.target-x86",
        "chip.builtins.cpu-supports",
        "chip.builtins.missing",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file."""
        for text, ids in work.files(self.rules, unsure=True):
            if text.language != "c":
                continue
            found = _replacements(text)
            if found:
                condition = x86_condition(text)
                edits = tuple(twice(text, block, condition) for block in blocks(text, found))
                why = "asks for extensions of x86 on x86 only"
                yield Change(self.name, text.path, edits, why, (), ids)


def _replacements(text: Text) -> list[Replacement]:
    found = []
    for pattern, new in _FORMS:
        for match in pattern.finditer(text.data):
            start, end = match.span()
            line = text.line(start)
            is_code = text.c.code[start : start + 2] == text.data[start : start + 2]
            if is_code and is_live(text, line):
                found.append(Replacement(start, end, match.expand(new)))
    return sorted(found, key=lambda one: one.start)
