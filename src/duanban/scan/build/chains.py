"""Chains of conditions in build files, scripts and C: which lines stand under which test.

One parser serves all languages whose chains are made of keywords; what the keywords are is the
`Syntax` of the language. It knows no further grammar: a keyword that stands where none can be (in
a here document, say) at worst closes a chain too early.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Branch:
    """One branch of a chain."""

    test: bytes
    """What must hold, as written; empty for the last resort."""
    line: int
    """Of the keyword."""
    end_line: int = 0
    """Last line of the body; before `first_line` where there is none."""
    first_line: int = 0
    """First line of the body."""
    is_default: bool = False
    is_negated: bool = False
    """The keyword itself negates the test: `ifneq`, `#ifndef`, `unless`."""


@dataclass(slots=True)
class Chain:
    """Branches of which at most one is taken."""

    branches: list[Branch] = field(default_factory=list)
    is_case: bool = False
    """The tests are patterns for `subject`."""
    subject: bytes = b""
    line: int = 0
    """Line on which the chain begins."""
    end_line: int = 0


class Syntax(NamedTuple):
    """How a language writes chains."""

    token: re.Pattern[bytes]
    """Finds keywords; the group that matched is one of: if, unless, elif, else, end, case, next,
    esac."""
    test: re.Pattern[bytes]
    """What follows `if` and `elif`: the test, up to where the body begins."""
    brackets: bool = False
    """The test stands in parentheses, which may nest and span lines (CMake)."""


_REST = re.compile(rb"(?:[^\\\n]|\\[ \t\r]*\n|\\.)*", re.DOTALL)
CPP = Syntax(
    re.compile(
        rb"^[ \t]*#[ \t]*(?:(?P<if>if|ifdef)|(?P<unless>ifndef)|(?P<elif>elif(?:n?def)?)"
        rb"|(?P<else>else)|(?P<end>endif))\b",
        re.MULTILINE,
    ),
    _REST,
)
MAKE = Syntax(
    # Recipes have the shell's `if` and `else`; automake's are whole lines.
    re.compile(
        rb"^[ \t]*\.?(?:(?P<elif>else[ \t]+if(?:n?eq|n?def)|(?<=\.)elif)|(?P<unless>ifneq|ifndef)"
        rb"|(?P<if>ifeq|ifdef|(?<=\.)if|if(?=[ \t]+!?\w+[ \t]*$))"
        rb"|(?P<else>(?<=\.)else|else(?=[ \t]*(?:!?\w+[ \t]*)?$))|(?P<end>endif))\b",
        re.MULTILINE,
    ),
    _REST,
)
MESON = Syntax(
    re.compile(
        rb"^[ \t]*(?:(?P<if>if)|(?P<elif>elif)|(?P<else>else)|(?P<end>endif))\b", re.MULTILINE
    ),
    re.compile(rb"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|[^(\n])*"),
)
CMAKE = Syntax(
    re.compile(
        rb"^[ \t]*(?:(?P<if>if)|(?P<elif>elseif)|(?P<else>else)|(?P<end>endif))[ \t]*(?=\()",
        re.MULTILINE | re.IGNORECASE,
    ),
    _REST,
    brackets=True,
)
_COMMAND = rb"(?:^|[;&|({`\[,]|\bthen|\bdo|\belse)[ \t]*"
SHELL = Syntax(
    re.compile(
        _COMMAND + rb"(?:(?P<if>if)|(?P<elif>elif)|(?P<else>else)|(?P<end>fi)|(?P<case>case)"
        rb"|(?P<esac>esac))(?![\w./=-])|(?P<next>;;&?|;&)",
        re.MULTILINE,
    ),
    re.compile(rb"(?:(?!\bthen\b|\n[ \t]*\n).){0,600}", re.DOTALL),
)
BUILD_SYNTAXES = {
    "make": MAKE,
    "meson": MESON,
    "cmake": CMAKE,
    "shell": SHELL,
    "autoconf": SHELL,
}
"""Languages whose conditions are evaluated here; those of C are the preprocessor tracker's."""
_SYNTAXES = {"c": CPP, "asm": CPP, **BUILD_SYNTAXES}
_STRING = re.compile(rb"'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"")
_CASE = re.compile(rb"[ \t\n]*([^\n]{0,200}?)[ \t\n]+in\b(?:[ \t]*#[^\n]*)?")
_PATTERN = re.compile(
    rb"[\s\[]*(?:\#[^\n]*\n[\s\[]*)*\(?[ \t]*((?:[^()\n;&\\]|\\\n|\\.){1,4000}?)[ \t]*\)(?!\))"
)
_BLANK = bytes(10 if c == 10 else 32 for c in range(256))
MAX_NESTING = 60


def chains_of(language: str, code: bytes) -> list[Chain]:
    """Return the chains of a file, outer before inner.

    Args:
        language: a key of `languages.toml`; one without chains that are known gives none.
        code: the file without comments, of C only the directives.
    """
    syntax = _SYNTAXES.get(language)
    if syntax is None:
        return []
    searched = code
    if syntax is SHELL:
        searched = _STRING.sub(lambda match: match[0].translate(_BLANK), code)
    return _Parser(syntax, code).parse(searched)


class _Parser:
    def __init__(self, syntax: Syntax, code: bytes) -> None:
        self.syntax = syntax
        self.code = code
        self.found: list[Chain] = []
        self.open: list[Chain] = []
        self.line = 1
        self.counted = 0

    def parse(self, searched: bytes) -> list[Chain]:
        for match in self.syntax.token.finditer(searched):
            kind = match.lastgroup or ""
            self.take(kind, match.start(kind), match.end())
        lines = self.code.count(b"\n") + 1
        while self.open:
            self.close(lines + 1)
        return [chain for chain in self.found if chain.branches]

    def take(self, kind: str, start: int, end: int) -> None:
        line = self.line_at(start)
        if kind in ("if", "unless"):
            self.begin(Chain(line=line), line, end, kind == "unless")
        elif kind == "case":
            self.begin_case(line, end)
        elif not self.open:
            return
        elif kind in ("elif", "else") and not self.open[-1].is_case:
            self.end_body(line)
            self.add(line, end, negated=False, is_default=kind == "else")
        elif kind == "next" and self.open[-1].is_case:
            self.end_body(line + 1)
            self.add_pattern(end)
        elif kind == "end" and not self.open[-1].is_case:
            self.close(line)
        elif kind == "esac":
            while self.open and not self.open[-1].is_case:
                self.close(line)
            if self.open:
                self.close(line)

    def line_at(self, offset: int) -> int:
        if offset < self.counted:
            return self.line - self.code.count(b"\n", offset, self.counted)
        self.line += self.code.count(b"\n", self.counted, offset)
        self.counted = offset
        return self.line

    def begin(self, chain: Chain, line: int, end: int, negated: bool) -> None:
        if len(self.open) >= MAX_NESTING:
            self.open.pop(0)
        self.open.append(chain)
        self.found.append(chain)
        self.add(line, end, negated=negated, is_default=False)

    def begin_case(self, line: int, end: int) -> None:
        head = _CASE.match(self.code, end)
        if head is None:
            return
        chain = Chain(is_case=True, subject=head[1], line=line)
        if len(self.open) >= MAX_NESTING:
            self.open.pop(0)
        self.open.append(chain)
        self.found.append(chain)
        self.add_pattern(head.end())

    def add(self, line: int, end: int, *, negated: bool, is_default: bool) -> None:
        test = b"" if is_default else self.test_at(end)
        first = line + test.count(b"\n") + 1
        negated = (
            negated or b"neq" in self.code[end - 5 : end] or self.code[end - 4 : end] == b"ndef"
        )
        chain = self.open[-1]
        chain.branches.append(
            Branch(test, line, first_line=first, is_default=is_default, is_negated=negated)
        )

    def add_pattern(self, end: int) -> None:
        match = _PATTERN.match(self.code, end)
        if match is None:
            return
        line = self.line_at(match.start(1))
        text = match[1].strip(b" \t[]")
        self.open[-1].branches.append(
            Branch(text, line, first_line=line, is_default=text in (b"*", b'"*"'))
        )

    def test_at(self, end: int) -> bytes:
        if self.syntax.brackets:
            return _bracketed(self.code, end)
        match = self.syntax.test.match(self.code, end)
        return match[0].strip() if match else b""

    def end_body(self, line: int) -> None:
        chain = self.open[-1]
        if chain.branches and not chain.branches[-1].end_line:
            chain.branches[-1].end_line = line - 1

    def close(self, line: int) -> None:
        self.end_body(line + 1 if self.open[-1].is_case else line)
        self.open.pop().end_line = line


def _bracketed(code: bytes, start: int) -> bytes:
    """Return what stands in the parentheses that open at `start`."""
    depth = 0
    for match in re.compile(rb"[()]").finditer(code, start, start + 4000):
        depth += 1 if match[0] == b"(" else -1
        if depth == 0:
            return code[start + 1 : match.start()].strip()
    return b""
