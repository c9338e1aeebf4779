"""Lines of C that keep their form on x86 and have another one elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.answers.interface import Edit
from duanban.answers.work import Text
from duanban.model import Truth

_MICROSOFT = re.compile(rb"\b(?:_MSC_VER|_M_X64|_M_IX86|_M_AMD64)\b")
_SPLICED = re.compile(rb"\\[ \t\r]*\n?\Z")
_DIRECTIVE = re.compile(rb"[ \t]*#")
MAX_ABOVE = 400
"""Lines above in which a directive is looked for."""
_PREFIX = re.compile(rb"([ \t]*#[ \t]*)(\w+)")


@dataclass(frozen=True, slots=True)
class Replacement:
    """Bytes of a file that have another form where the architecture is not x86."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines that are written twice."""

    first: int
    last: int
    replacements: tuple[Replacement, ...]


def x86_condition(text: Text) -> bytes:
    """Return the condition for x86 in the words of the compilers that the file knows of."""
    if _MICROSOFT.search(text.data):
        return b"defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)"
    return b"defined(__x86_64__) || defined(__i386__)"


def directive_prefix(text: Text, line: int) -> bytes:
    """Return `#` with the blanks around it that directives at this line have.

    Those of the directive before it count; behind one that opens a branch, those of the next line.
    """
    for above in range(line - 1, max(0, line - MAX_ABOVE), -1):
        match = _PREFIX.match(text.span(above, above))
        if match is None or match[2] in (b"else", b"elif"):
            continue
        return _deeper(text, above, match[1]) if match[2].startswith(b"if") else match[1]
    return b"#"


def _deeper(text: Text, opening: int, prefix: bytes) -> bytes:
    """Return the prefix inside of the conditional that `opening` begins."""
    inside = _PREFIX.match(text.span(opening + 1, opening + 1))
    return inside[1] if inside and inside[2] != b"endif" else prefix


def blocks(text: Text, replacements: list[Replacement]) -> list[Block]:
    """Return the whole lines that hold `replacements`, which are in order.

    A directive with its continuation lines counts as one line; neighbours are one block.
    """
    found: list[Block] = []
    for one in replacements:
        first, last = _whole(text, text.line(one.start), text.line(one.end - 1))
        if found and first <= found[-1].last + 1:
            before = found.pop()
            first, last = before.first, max(last, before.last)
            found.append(Block(first, last, (*before.replacements, one)))
        else:
            found.append(Block(first, last, (one,)))
    return found


def _whole(text: Text, first: int, last: int) -> tuple[int, int]:
    while first > 1 and _SPLICED.search(text.span(first - 1, first - 1)):
        first -= 1
    if _DIRECTIVE.match(text.span(first, first)) or first != last:
        while last < len(text.lines) and _SPLICED.search(text.span(last, last)):
            last += 1
    return first, last


def twice(text: Text, block: Block, condition: bytes) -> Edit:
    """Return the edit that writes a block once for x86 as it is, and once in its other form."""
    start, end = text.start(block.first), text.start(block.last + 1)
    old = text.data[start:end]
    parts: list[bytes] = []
    done = start
    for one in block.replacements:
        before = text.data[done : one.start]
        at_end = not one.new and text.data[one.end : one.end + 1] in (b"\n", b"\r")
        parts += (before.rstrip(b" \t") if at_end else before, one.new)
        done = one.end
    parts.append(text.data[done:end])
    new = b"".join(parts)
    sign = directive_prefix(text, block.first)
    return Edit(
        start,
        end,
        b"".join(
            (
                sign,
                b"if ",
                condition,
                b"\n",
                _ended(old),
                sign,
                b"else\n",
                _ended(new),
                sign,
                b"endif\n",
            )
        ),
    )


def _ended(lines: bytes) -> bytes:
    return lines if lines.endswith(b"\n") else lines + b"\n"


def is_live(text: Text, line: int) -> bool:
    """Return whether the target may compile a line."""
    return text.state(line) is not Truth.FALSE


def indentation(text: Text, offset: int) -> bytes:
    """Return the blanks that the line of an offset begins with."""
    line = text.data[text.start(text.line(offset)) : offset]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def include_edit(text: Text, header: str) -> Edit | None:
    """Return the edit that includes a header of the system; None where the file does already."""
    includes = text.c.includes
    if any(one.name == header and text.state(one.line) is Truth.TRUE for one in includes):
        return None
    line = b"#include <%s>\n" % header.encode()
    top = [one for one in includes if _is_top_level(text, one.line)]
    beside = [one for one in top if one.angled] or top
    if beside:
        at = text.start(beside[-1].line + 1)
        if text.data[at - 1 : at] != b"\n":
            line = b"\n" + line
        return Edit(at, at, line)
    at = text.start(_after_head(text))
    return Edit(at, at, line)


def _is_top_level(text: Text, line: int) -> bool:
    return text.state(line) is Truth.TRUE and not text.guard(line)


def _after_head(text: Text) -> int:
    """Return the first line behind the comment, include guard and `#pragma once` at the head."""
    lines = text.c.code.split(b"\n")
    after = 1
    for number, line in enumerate(lines, 1):
        if re.match(rb"[ \t]*#[ \t]*(?:ifndef|define|pragma[ \t]+once)\b", line):
            after = number + 1
        elif line.strip():
            return max(after, 1) if after > 1 else number
    return after
