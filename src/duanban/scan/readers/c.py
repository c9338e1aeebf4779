"""The reader of C, C++, Objective-C, CUDA and what is preprocessed like them."""

from __future__ import annotations

import re
from functools import cached_property

from duanban.scan.cpp.directives import (
    LineCounter,
    MacroDefinition,
    Text,
    definition,
    errors,
    included,
    others,
)
from duanban.scan.cpp.directives import view as directive_view
from duanban.scan.cpp.outline import Outline, outline
from duanban.scan.cpp.tracker import regions
from duanban.scan.interface import Include, MacroEnvironment, Region
from duanban.scan.readers.clexer import split
from duanban.scan.readers.inline_asm import AsmStatement, find_statements, template_view

_SPACES = bytes(10 if c in (10, 11) else 32 for c in range(256))
_HIDE_LINES = bytes(11 if c in (10, 11) else 32 for c in range(256))
_SLASH, _QUOTE, _LINE_END = b'/"\n'
_LONG = 200
_QUOTED = tuple(b'"' + b" " * (n - 2) + b'"' if n > 1 else b'"' for n in range(_LONG))
"""Blanked strings by length."""
_NOT_SPLICE = re.compile(rb"[^\\\n]|\\(?![ \t\r]*\n)")


def _span(token: bytes) -> tuple[int, int]:
    """Return where the contents of a string or character constant begin and end in its token."""
    if token[0] in b"\"'":
        closed = len(token) > 1 and token[-1] == token[0]
        return 1, len(token) - closed
    begin = token.index(b"(") + 1
    delimiter = token[token.index(b'"') + 1 : begin - 1]
    closing = b")" + delimiter + b'"'
    return begin, len(token) - len(closing) if token.endswith(closing, begin) else len(token)


def _hidden(token: bytes) -> bytes:
    """Blank the contents of a string; quotes stay.

    The line ends of raw strings become vertical tabs, since they end no directive; in others only
    splices end lines, and these stay because directives go on after them.
    """
    begin, end = _span(token)
    inside = token[begin:end]
    if b"\n" not in inside:
        blank = b" " * (end - begin)
    elif token[0] in b"\"'":
        blank = _NOT_SPLICE.sub(b" ", inside)
    else:
        blank = inside.translate(_HIDE_LINES)
    return token[:begin] + blank + token[end:]


def _contents(token: bytes) -> bytes:
    """Return a token with all but the contents of a string blanked."""
    if token[0] == _SLASH:
        return token.translate(_SPACES)
    begin, end = _span(token)
    return b" " * begin + token[begin:end] + b" " * (len(token) - end)


class CSource:
    """A file of the C family.

    All views are as long as the file. Only what is asked for is computed.
    """

    def __init__(self, data: bytes) -> None:
        # A vertical tab stands for a line end inside a comment below; one of the file's own is
        # white space like any other.
        self._data = data.replace(b"\v", b" ") if b"\v" in data else data

    @cached_property
    def _pieces(self) -> list[bytes]:
        return list(split(self._data))

    @cached_property
    def _text(self) -> Text:
        data, out = self._data, self._pieces.copy()
        if len(out) == 1:
            return Text(data, b"\n" + data, lambda: b"\n" + data)
        quoted = _QUOTED
        out[1::2] = [
            token.translate(_HIDE_LINES)
            if (first := token[0]) == _SLASH
            else quoted[len(token)]
            if first == _QUOTE == token[-1] and len(token) < _LONG and _LINE_END not in token
            else _hidden(token)
            for token in out[1::2]
        ]
        return Text(data, b"\n" + b"".join(out), self._full)

    def _full(self) -> bytes:
        """Return the logical text with the contents of strings."""
        return self._full_text

    @cached_property
    def _full_text(self) -> bytes:
        out = self._pieces.copy()
        out[1::2] = [
            token.translate(_HIDE_LINES) if token[0] == _SLASH else token for token in out[1::2]
        ]
        return b"\n" + b"".join(out)

    @cached_property
    def code(self) -> bytes:
        """Comments and the contents of strings blanked with spaces; quotes and newlines stay."""
        return self._text.logical[1:].replace(b"\v", b"\n")

    @cached_property
    def strings(self) -> bytes:
        """Only the contents of strings and character constants."""
        out = self._pieces.copy()
        out[::2] = [piece.translate(_SPACES) for piece in out[::2]]
        out[1::2] = [_contents(token) for token in out[1::2]]
        return b"".join(out)

    @cached_property
    def directives(self) -> bytes:
        """Only preprocessor directives, with their strings, comments blanked."""
        return directive_view(self._text)[1:].replace(b"\v", b"\n")

    @cached_property
    def asm(self) -> bytes:
        """Only templates of inline assembly, and the instructions of `__asm { ... }`."""
        return template_view(self.asm_statements, self.code, lambda: self.strings)

    @cached_property
    def asm_statements(self) -> tuple[AsmStatement, ...]:
        """Every inline assembly statement, in order."""
        if b"asm" not in self._data:
            return ()
        return tuple(find_statements(self.code, lambda: self.strings))

    @cached_property
    def includes(self) -> tuple[Include, ...]:
        """The files it includes by name, in order."""
        found = []
        counter = LineCounter(self._data)
        if b"#" not in self._text.logical:
            return ()
        for directive in others(self._text):
            if directive.keyword in (b"define", b"undef"):
                continue
            target = included(directive.rest)
            if target is not None:
                name, angled = target
                line = counter.line(directive.at)
                found.append(Include(line, name.decode("utf-8", "replace"), angled))
        return tuple(found)

    @cached_property
    def defines(self) -> tuple[MacroDefinition, ...]:
        """Every `#define` in order, whatever conditions it stands under."""
        found = []
        counter = LineCounter(self._data)
        for directive in others(self._text):
            parsed = definition(directive.rest) if directive.keyword == b"define" else None
            if parsed is not None:
                line = counter.line(directive.at)
                found.append(MacroDefinition(line, *parsed))
        return tuple(found)

    @cached_property
    def errors(self) -> tuple[tuple[int, str], ...]:
        """Line and text of every `#error`."""
        if b"error" not in self._data:
            return ()
        counter = LineCounter(self._data)
        return tuple(
            (counter.line(directive.at), directive.rest.decode("utf-8", "replace"))
            for directive in errors(self._text)
        )

    @cached_property
    def _outline(self) -> Outline:
        return outline(self._text, self._data)

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines in `environment`, in order and without gaps."""
        return regions(self._outline, environment)
