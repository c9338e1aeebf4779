"""The reader of C, C++, Objective-C, CUDA and what is lexed like them."""

from __future__ import annotations

import re
from functools import cached_property

from duanban.scan.cpp.directives import Text
from duanban.scan.readers.clexer import split
from duanban.scan.readers.inline_asm import (
    AsmStatement,
    find_statements,
    operands_view,
    template_view,
)
from duanban.scan.readers.preprocessed import PreprocessedSource

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


class CSource(PreprocessedSource):
    """A file of the C family."""

    @cached_property
    def _pieces(self) -> list[bytes]:
        return list(split(self._data))

    def _make_text(self) -> Text:
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
    def strings(self) -> bytes:
        """Only the contents of strings and character constants."""
        out = self._pieces.copy()
        out[::2] = [piece.translate(_SPACES) for piece in out[::2]]
        out[1::2] = [_contents(token) for token in out[1::2]]
        return b"".join(out)

    @cached_property
    def asm(self) -> bytes:
        """Only templates of inline assembly, and the instructions of `__asm { ... }`."""
        return template_view(self.asm_statements, self.code, lambda: self.strings)

    @cached_property
    def operands(self) -> bytes:
        """Only operands and clobbers of inline assembly, with their strings."""
        return operands_view(self.asm_statements, self.code, lambda: self.strings)

    @cached_property
    def asm_statements(self) -> tuple[AsmStatement, ...]:
        """Every inline assembly statement, in order."""
        if b"asm" not in self._data:
            return ()
        return tuple(find_statements(self.code, lambda: self.strings))
