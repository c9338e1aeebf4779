"""Whether a branch for one machine says nothing of that machine, so that another may take it.

A project's `#elif defined(__riscv)` often does no more than to define a macro of its own and to
include a header that leaves everything to the compiler. The branch holds for the target as well, if
that header, what it includes for machines, and every line of the tree under the macro say nothing
of a machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import is_live
from duanban.answers.work import C_SUFFIXES, Text, Work
from duanban.scan.build.chains import Branch, chains_of
from duanban.scan.build.names import mentions

OF_MACHINE = re.compile(rb"\basm\b|\b__asm|_mm_|\bv(?:ld|st)1q?_|__builtin_ia32")
"""What only one machine has: assembly, intrinsics."""
_DEFINE = re.compile(rb"[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]*1?[ \t]*\r?\n?")
_INCLUDE = re.compile(rb"[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]")
_NUMBER = re.compile(rb"[ \t]*#[ \t]*define[ \t]+(?:__NR_|SYS_)(\w+)[ \t]+(\d+)\s*")
_CONDITION = re.compile(rb"[ \t]*#[ \t]*(?:include|if|ifn?def|elif|else|endif)\b")
_LITERAL = re.compile(rb"\b(?:0[xX][0-9a-fA-F]+|[2-9]\d*|1\d+)[uUlL]*\b")
"""A number that may be one of the machine's: the size of a line, of a page, of a buffer."""
_DIRECTIVE = re.compile(rb"[ \t]*#")
DEEPEST = 3
"""Includes that are followed."""


class Kinship:
    """Asks it of the branches of one tree."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[tuple[str, str], bool] = {}

    def holds(self, text: Text, branch: Branch) -> bool:
        """Return whether the target may take a branch that is for another machine.

        The branch may define macros and include headers, at least one of which is for machines.
        """
        told = list(_told(text, branch.first_line, branch.end_line))
        includes = [one for line in told if (one := _INCLUDE.match(line))]
        if not any(True for include in includes for _ in mentions(include[1])):
            return False
        return all(_DIRECTIVE.match(line) and self._line(text, line, 0) for line in told)

    def _body(self, text: Text, body: bytes, depth: int) -> bool:
        if OF_MACHINE.search(body):
            return False
        return all(self._line(text, line, depth) for line in body.splitlines(keepends=True))

    def _line(self, text: Text, line: bytes, depth: int) -> bool:
        number = _NUMBER.fullmatch(line)
        if number:
            have = self._work.target.architecture.syscalls
            return have.get(number[1].decode()) == int(number[2])
        if not any(True for _ in mentions(line)):
            return not depth or _CONDITION.match(line) is not None or not _LITERAL.search(line)
        include, define = _INCLUDE.match(line), _DEFINE.fullmatch(line)
        if include:
            return self._remember("header", include[1].decode("latin-1"), depth)
        if define:
            return self._remember("macro", define[1].decode("latin-1"), depth)
        return False

    def _remember(self, kind: str, name: str, depth: int) -> bool:
        if depth >= DEEPEST:
            return False
        key = (kind, name)
        if key not in self._known:
            self._known[key] = True  # who comes back to it asks the same again
            ask = self._header if kind == "header" else self._macro
            self._known[key] = ask(name, depth + 1)
        return self._known[key]

    def _header(self, name: str, depth: int) -> bool:
        found = [p for p in self._work.paths if p == name or p.endswith(f"/{name}")]
        texts = [text for path in found if (text := self._work.text(path))]
        return len(texts) == 1 and self._body(texts[0], _own_lines(texts[0]), depth)

    def _macro(self, name: str, depth: int) -> bool:
        word = re.compile(rb"\b%s\b" % name.encode())
        for text in self._using(word):
            chains = chains_of("c", text.c.directives)
            branches = [b for chain in chains for b in chain.branches]
            tests = {b.line for b in branches if word.search(b.test)}
            for match in word.finditer(text.c.code):
                line = text.line(match.start())
                if line not in tests and not _DEFINE.fullmatch(text.span(line, line)):
                    return False
            for branch in branches:
                body = b"".join(_told(text, branch.first_line, branch.end_line))
                if word.search(branch.test) and not self._body(text, body, depth):
                    return False
        return True

    def _using(self, word: re.Pattern[bytes]) -> Iterator[Text]:
        for path in self._work.paths:
            text = self._work.text(path) if path.endswith(C_SUFFIXES) else None
            if text is not None and word.search(text.data):
                yield text


def _own_lines(text: Text) -> bytes:
    """Return the code of a header that the target compiles, without its include guard."""
    guard = re.search(rb"#[ \t]*ifndef[ \t]+(\w+)", text.c.code)
    own = re.compile(rb"\b%s\b" % guard[1]) if guard else None
    return b"".join(
        line
        for number in range(1, len(text.lines) + 1)
        if is_live(text, number)
        for line in _told(text, number, number)
        if not (own and _DIRECTIVE.match(line) and own.search(line))
    )


def _told(text: Text, first: int, last: int) -> Iterator[bytes]:
    """Yield lines without comments; directives as they are written, for the names they include."""
    for number in range(first, last + 1):
        code = text.c.code[text.start(number) : text.start(number + 1)]
        if code.strip():
            yield text.span(number, number) if _DIRECTIVE.match(code) else code
