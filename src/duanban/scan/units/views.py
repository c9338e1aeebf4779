"""The texts of a tree's files, of which only the last ones are kept.

A file with its comments, strings and directives taken apart is ten times as large as the file. What
a unit needs of it again and again is small, and is kept by `SourceFile`; the texts are made anew
where somebody comes back to them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property

from duanban.scan.readers import CSource

MAX_KEPT = 4 << 20
"""Bytes of files whose texts are kept."""

_LINE_END = re.compile(rb"\n")
_DIRECTIVE = re.compile(rb"#(?:[^\\\n]++|\\[ \t\r]*+\n|\\)*+")
_BLANK = bytes(10 if c == 10 else 32 for c in range(256))


class Views(CSource):
    """One file of the C family, with what units look at besides the views of any reader."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data

    @cached_property
    def plain(self) -> bytes:
        """The code without directives."""
        code, directives = self.code, self.directives
        # The views are as long as the file: a directive's place holds its text in both.
        parts: list[bytes] = []
        done = 0
        for match in _DIRECTIVE.finditer(directives):
            start, end = match.span()
            parts += (code[done:start], code[start:end].translate(_BLANK))
            done = end
        return b"".join((*parts, code[done:]))

    @cached_property
    def _starts(self) -> array[int]:
        return array("I", [0, *(match.end() for match in _LINE_END.finditer(self.data))])

    def start(self, line: int) -> int:
        """Return the offset at which `line` begins."""
        return self._starts[line - 1]

    def end(self, line: int) -> int:
        """Return the offset at which `line` ends, or the file does."""
        return self._starts[line] if line < len(self._starts) else len(self.data)

    def line_of(self, offset: int) -> int:
        """Return the line in which `offset` lies."""
        return bisect_right(self._starts, offset)


class RecentViews:
    """Makes views of files, and keeps those asked for last.

    Args:
        read: gives the bytes of a text file, or None.
    """

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._kept: OrderedDict[str, Views] = OrderedDict()
        self._size = 0
        self._first: dict[str, tuple[int, int]] = {}
        """Per file the hash of what was read first, and its number of lines."""

    def is_text(self, path: str) -> bool:
        """Return whether a file, which is read for it, is text."""
        data = self._read(path)
        if data is None:
            return False
        self._first[path] = hash(data), data.count(b"\n") + 1
        self._keep(path, Views(data))
        return True

    def of(self, path: str) -> Views:
        """Return the views of a text file.

        One that was changed since it was first read has only empty lines: what was found out about
        its lines holds no more.
        """
        views = self._kept.get(path)
        if views is not None:
            self._kept.move_to_end(path)
            return views
        data = self._read(path)
        known, lines = self._first[path]
        if data is None or hash(data) != known:
            data = b"\n" * lines
        return self._keep(path, Views(data))

    def _keep(self, path: str, views: Views) -> Views:
        self._kept[path] = views
        self._size += len(views.data)
        while self._size > MAX_KEPT and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.data)
        return views
