r"""Where the preprocessor directives of a file stand, and what they say (C17 6.10).

Works on a file's *logical text*: comments blanked, with `\v` for a line end inside a comment (to
the preprocessor a comment is one blank, so a directive goes on after it), and the contents of
strings blanked. `Text.full` gives the same text with strings kept, when a directive needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from duanban.scan.cpp.tokens import join_lines

# All begin with `#`, which `re` looks for with memchr; what must stand before it comes after.
_REST = rb"(?:[^\\\n]++|\\[ \t\r]*+\n|\\)*+"
_HASH = rb"#[ \t\v\f]*+"
_CONDITIONALS = rb"ifn?def|if|elifn?def|elif|else|endif"
_CHANGES = rb"define|undef|include(?:_next)?|import"
_END = rb"(?![\w$])(" + _REST + rb")"
_CONDITIONAL = re.compile(_HASH + rb"(" + _CONDITIONALS + rb")" + _END)
_OTHER = re.compile(_HASH + rb"(" + _CHANGES + rb")" + _END)
_INCLUDE = re.compile(_HASH + rb"(include(?:_next)?|import)" + _END)
_ERROR = re.compile(_HASH + rb"(error)" + _END)
_EVERY = re.compile(_HASH + rb"(" + _CONDITIONALS + rb"|" + _CHANGES + rb"|error)" + _END)
_MACRO = re.compile(_HASH + rb"(?:define|undef)[ \t\v\f\\]++([A-Za-z_$][\w$]*+)")
_ANY = re.compile(rb"#" + _REST)
_BLANKS = b" \t\v\f\r"
_LINE_END, _BACKSLASH = b"\n\\"
_MAY_SPLICE = b"\\ \t\r"
_SPLICED_END = re.compile(rb"\\[ \t\r]*+\Z")
_DEFINITION = re.compile(rb"\s*+([A-Za-z_$][\w$]*+)(\([^()]*+\))?(.*)", re.DOTALL)
_INCLUDED = re.compile(rb'\s*+(?:<([^>\n]++)>|"([^"\n]++)")')


@dataclass(frozen=True, slots=True)
class Text:
    """A file's logical text, with a line end put before it so that every line has one."""

    data: bytes
    """The file itself."""
    logical: bytes
    full: Callable[[], bytes]
    """Gives the logical text with the contents of strings; as long as `logical`."""


class Directive(NamedTuple):
    """One directive: its keyword, what follows it as one line, and where it stands."""

    keyword: bytes
    rest: bytes
    at: int
    """Offset of the keyword in the file."""
    end: int
    """Offset in the file of the line end after it."""


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """One `#define`."""

    line: int
    name: bytes
    params: tuple[bytes, ...] | None
    """None for an object-like macro."""
    body: bytes


def conditionals(text: Text) -> Iterator[Directive]:
    """Yield `#if`, `#ifdef`, ... `#endif` in order."""
    return _directives(_CONDITIONAL, text)


def others(text: Text) -> Iterator[Directive]:
    """Yield `#define`, `#undef` and the forms of `#include` in order."""
    return _directives(_OTHER, text)


def errors(text: Text) -> Iterator[Directive]:
    """Yield `#error` in order."""
    return _directives(_ERROR, text)


def every(text: Text) -> Iterator[Directive]:
    """Yield all those that `conditionals`, `others` and `errors` yield, in order."""
    return _directives(_EVERY, text)


def includes(text: Text, start: int = 0) -> Iterator[Directive]:
    """Yield the forms of `#include` in order, from the offset `start` in the file."""
    return _directives(_INCLUDE, text, start)


def macro_places(text: Text) -> list[tuple[int, bytes]]:
    """Return offset (in the text) and name of every `#define` and `#undef`, in order."""
    logical = text.logical
    return [
        (match.start(), match[1])
        for match in _MACRO.finditer(logical)
        if _line_end_before(logical, match.start()) >= 0
    ]


def macro_at(text: Text, place: int) -> Directive | None:
    """Return the `#define` or `#undef` at an offset from `macro_places`."""
    match = _OTHER.match(text.logical, place)
    return _directive(match, text) if match else None


def _directives(pattern: re.Pattern[bytes], text: Text, start: int = 0) -> Iterator[Directive]:
    for match in pattern.finditer(text.logical, start):
        directive = _directive(match, text)
        if directive is not None:
            yield directive


def _directive(match: re.Match[bytes], text: Text) -> Directive | None:
    start, end = match.span()
    if _line_end_before(text.logical, start) < 0:
        return None
    keyword, rest = match.groups()
    begin = end - len(rest)
    if keyword == b"error":  # whose text may have a lone apostrophe
        rest = text.full()[begin:end]
    elif b'"' in rest or b"'" in rest:
        rest = text.data[begin - 1 : end - 1]
        if b"/" in rest:  # perhaps a comment
            rest = text.full()[begin:end]
    return Directive(keyword, join_lines(rest), begin - len(keyword) - 1, end - 1)


def _line_end_before(logical: bytes, place: int) -> int:
    """Return the offset of the line end before the `#` at `place`, with blanks between at most.

    Returns:
        -1 where something else stands between, or the line continues the one before.
    """
    line_end = place - 1
    if logical[line_end] != _LINE_END:
        line_end = logical.rfind(b"\n", 0, place)
        if logical[line_end + 1 : place].strip(_BLANKS):
            return -1
    before = logical[line_end - 1] if line_end else _LINE_END
    if before in _MAY_SPLICE and (
        before == _BACKSLASH
        or _SPLICED_END.search(logical, max(0, line_end - 80), line_end) is not None
    ):
        return -1
    return line_end


def definition(rest: bytes) -> tuple[bytes, tuple[bytes, ...] | None, bytes] | None:
    """Return name, parameters and body of the text after `#define`; None if it names nothing."""
    match = _DEFINITION.match(rest)
    if match is None:
        return None
    name, params, body = match.groups()
    if params is None:
        return name, None, body.strip()
    names = tuple(p.strip() for p in params[1:-1].split(b",")) if params[1:-1].strip() else ()
    return name, names, body.strip()


def included(rest: bytes) -> tuple[bytes, bool] | None:
    """Return the header's name and whether it stands in `<>`; None where a macro names it."""
    match = _INCLUDED.match(rest)
    if match is None:
        return None
    angled, quoted = match.groups()
    return (angled, True) if angled is not None else (quoted, False)


def view(text: Text) -> bytes:
    """Return the file with everything but directives blanked, line ends kept."""
    logical = text.logical
    if b"#" not in logical:
        return blank(logical)
    full = text.full()
    parts: list[bytes] = []
    done = 0
    for match in _ANY.finditer(logical):
        start = _line_end_before(logical, match.start())
        if start >= 0:
            end = match.end()
            parts += (blank(logical[done:start]), full[start:end])
            done = end
    parts.append(blank(logical[done:]))
    return b"".join(parts)


_BLANK = bytes(c if c in (10, 11) else 32 for c in range(256))


def blank(text: bytes) -> bytes:
    """Return `text` with all but line ends made blanks."""
    return text.translate(_BLANK)


class LineCounter:
    """Turns rising offsets of a text into line numbers without counting anything twice."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._line = 1
        self._at = 0

    def line(self, offset: int) -> int:
        """Return the line, from 1, of `offset`, which must not be less than the one before."""
        self._line += self._data.count(b"\n", self._at, offset)
        self._at = offset
        return self._line
