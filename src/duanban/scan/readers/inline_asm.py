"""Inline assembly statements in C and C++, in the forms of gcc, clang and MSVC.

Sources: GCC manual, "Extended Asm" and "Basic Asm" (qualifiers volatile, inline, goto; template,
then operands after colons); Microsoft C++ reference, "__asm" (braces, or one instruction to the
end of the line).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_KEYWORD = re.compile(
    rb"(?<![\w$])(?:__asm__|__asm|asm)(?![\w$])"
    rb"(?:[ \t\r\n\\]++(?:__volatile__|__volatile|volatile|goto|inline|__inline__|__inline|const)"
    rb"(?![\w$]))*+[ \t\r\n\\]*+([({]?)"
)
_REGISTER = re.compile(rb"\bregister\b[^;={}()]*+\Z")
"""What stands before the name of a register that a variable is kept in."""
_REACH = 200
_MAX_STATEMENT = 1 << 16
"""Bytes; a statement that has not ended by then is cut there."""
_LINE_ENDS = bytes(10 if c == 10 else 32 for c in range(256))


@dataclass(frozen=True, slots=True)
class AsmStatement:
    """One inline assembly statement."""

    line: int
    end_line: int
    start: int
    """Offset of the keyword."""
    end: int
    """Offset behind its closing parenthesis, brace or line."""
    template: bytes
    """The instructions as written, without quotes; several literals are joined by line ends."""
    has_operands: bool
    """Whether outputs, inputs or clobbers follow the template."""


@dataclass(frozen=True, slots=True)
class _Extent:
    begin: int
    """Where the template begins."""
    template_end: int
    end: int
    quoted: bool
    """Whether the template is string literals, rather than bare instructions."""
    unclosed: bool = False
    """Whether it is no statement: its parenthesis is not closed up to `end`."""


def find_statements(code: bytes, strings: Callable[[], bytes]) -> Iterator[AsmStatement]:
    """Yield the statements in `code`, the view that keeps quotes but not what they hold.

    `strings` gives the view of the contents; both are as long as the file.
    """
    done, line, counted = 0, 1, 0
    for match in _KEYWORD.finditer(code):
        start = match.start()
        if start < done or _REGISTER.search(code, max(0, start - _REACH), start):
            continue
        extent = _extent(code, match)
        if extent is None:
            continue
        if extent.unclosed:  # do not look at the same bytes again for each keyword among them
            done = extent.end
            continue
        line += code.count(b"\n", counted, start)
        counted, done = start, extent.end
        yield AsmStatement(
            line=line,
            end_line=line + code.count(b"\n", start, extent.end),
            start=start,
            end=extent.end,
            template=_template(code, strings, extent),
            has_operands=b":" in code[extent.template_end : extent.end] if extent.quoted else False,
        )


def _extent(code: bytes, match: re.Match[bytes]) -> _Extent | None:
    opening, begin = match[1], match.end()
    limit = min(len(code), begin + _MAX_STATEMENT)
    if opening == b"(":
        return _parenthesised(code, begin, limit)
    if not match[0].startswith(b"__asm") or match[0].startswith(b"__asm__"):
        return None  # `asm` elsewhere is a name
    if opening == b"{":
        end = code.find(b"}", begin, limit)
        end = end if end >= 0 else limit
        return _Extent(begin, end, min(end + 1, limit), quoted=False)
    first_line_end = code.find(b"\n", match.start(), limit)
    end = first_line_end if first_line_end >= 0 else limit
    if begin >= end or not code[begin : begin + 1].isalpha():
        return None
    return _Extent(begin, end, end, quoted=False)


_MARK = re.compile(rb"[():;{}]|^[ \t]*+#[ \t]*+(?:if|el|end)", re.MULTILINE)
_BRANCH = re.compile(rb"^[ \t]*+#[ \t]*+(if|end)", re.MULTILINE)


def _parenthesised(code: bytes, begin: int, limit: int) -> _Extent:
    level, template_end, stop = 1, -1, limit
    outside: list[int] = []
    """Levels where the conditions began that stand in the statement."""
    resume = begin
    for mark in _MARK.finditer(code, begin, limit):
        sign = mark[0]
        if mark.start() < resume:
            continue
        if sign.endswith(b"if"):
            outside.append(level)
        elif sign.endswith(b"end"):
            del outside[-1:]
        elif sign.endswith(b"el") and outside:
            level = outside[-1]  # the other branch begins as this one did
        elif sign.endswith(b"el"):
            resume = _end_of_branches(code, mark.end(), limit)
        elif sign == b"(":
            level += 1
        elif sign == b")":
            level -= 1
            if not level:
                end = mark.start()
                return _Extent(begin, end if template_end < 0 else template_end, mark.end(), True)
        elif sign == b":" and level == 1 and template_end < 0:
            template_end = mark.start()
        elif sign == b";":  # no statement ends inside the parentheses
            stop = mark.start()
            break
    if template_end >= 0:
        return _Extent(begin, template_end, stop, quoted=True)
    return _Extent(begin, begin, stop, quoted=True, unclosed=True)


def _end_of_branches(code: bytes, at: int, limit: int) -> int:
    """Return where the condition ends, one of whose branches begins before `at`."""
    depth = 1
    for mark in _BRANCH.finditer(code, at, limit):
        depth += 1 if mark[1] == b"if" else -1
        if not depth:
            return mark.end()
    return limit


def _template(code: bytes, strings: Callable[[], bytes], extent: _Extent) -> bytes:
    if not extent.quoted:
        return code[extent.begin : extent.template_end].strip()
    literals = code[extent.begin : extent.template_end].split(b'"')
    inside = strings()
    parts = []
    at = extent.begin
    for index, piece in enumerate(literals):
        if index % 2:
            parts.append(inside[at : at + len(piece)].strip(b" "))
        at += len(piece) + 1
    return b"\n".join(part for part in parts if part)


def template_view(
    statements: tuple[AsmStatement, ...], code: bytes, strings: Callable[[], bytes]
) -> bytes:
    """Return the file with everything but the templates of `statements` blanked."""
    parts: list[bytes] = []
    done = 0
    for statement in statements:
        match = _KEYWORD.match(code, statement.start)
        extent = _extent(code, match) if match else None
        if extent is None or extent.unclosed:
            continue
        source = strings() if extent.quoted else code
        parts += (
            code[done : extent.begin].translate(_LINE_ENDS),
            source[extent.begin : extent.template_end],
        )
        done = extent.template_end
    parts.append(code[done:].translate(_LINE_ENDS))
    return b"".join(parts)


def operands_view(
    statements: tuple[AsmStatement, ...], code: bytes, strings: Callable[[], bytes]
) -> bytes:
    """Return the file with everything but the operands and clobbers of `statements` blanked.

    Their strings are kept, in their quotes: `"=a" (lo), "=d" (hi) : : "memory"`.
    """
    parts: list[bytes] = []
    done = 0
    for statement in statements:
        match = _KEYWORD.match(code, statement.start)
        extent = _extent(code, match) if match else None
        if extent is None or extent.unclosed or not statement.has_operands:
            continue
        begin, end = extent.template_end, extent.end
        inside = strings()[begin:end]
        # Where a string stands, the one view has its contents and the other has blanks.
        kept = bytes(max(pair) for pair in zip(code[begin:end], inside, strict=True))
        parts += (code[done:begin].translate(_LINE_ENDS), kept)
        done = end
    parts.append(code[done:].translate(_LINE_ENDS))
    return b"".join(parts)
