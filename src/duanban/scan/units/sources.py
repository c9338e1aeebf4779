"""The files of a tree as units need them: read once, found by the name that an include writes."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar, cast

from duanban.model import Truth
from duanban.scan.cpp.outline import Kind
from duanban.scan.cpp.script import Script
from duanban.scan.interface import Include, MacroEnvironment, Region
from duanban.scan.readers import read_source
from duanban.scan.readers.preprocessed import PreprocessedSource

MAX_SOURCES = 4_000
"""Files that are kept parsed."""

_WORD = re.compile(rb"[A-Za-z_$][\w$]*+")
_LINE_END = re.compile(rb"\n")
_NESTING = re.compile(rb"#[ \t]*+(?:(if)|(endif)|(?:include|import)[ \t]*+[<\"]([^>\"\n]++)[>\"])")
_FIRST_IF = re.compile(rb"#[ \t]*+if")
_INCLUDE_GUARD = re.compile(rb"#[ \t]*+ifndef[ \t]++(\w++)\s*+#[ \t]*+define[ \t]++(\w++)")
_BLANK = bytes(10 if c == 10 else 32 for c in range(256))


Live = tuple[tuple[int, int], ...]
"""First and last lines of what may be compiled."""


T = TypeVar("T")


def live_lines(regions: Sequence[Region]) -> Live:
    """Return the lines that may be compiled."""
    nothing = Truth.FALSE
    return tuple((r.line, r.end_line) for r in regions if r.state is not nothing)


@dataclass(frozen=True)
class Words:
    """The identifiers of some lines of a file."""

    used: frozenset[bytes]
    """Those that stand in code, outside of directives."""
    bodies: tuple[tuple[bytes, frozenset[bytes]], ...]
    """Macros that are defined there, each with the identifiers of its replacement."""

    @cached_property
    def defined(self) -> frozenset[bytes]:
        """The macros that are defined there."""
        return frozenset(name for name, _ in self.bodies)

    @cached_property
    def mentioned(self) -> frozenset[bytes]:
        """All identifiers, of code and of replacements."""
        return self.used.union(*(body for _, body in self.bodies))

    @cached_property
    def users(self) -> dict[bytes, frozenset[bytes]]:
        """Per identifier the macros whose replacement holds it."""
        found: dict[bytes, set[bytes]] = defaultdict(set)
        for name, body in self.bodies:
            for word in body:
                found[word].add(name)
        return {word: frozenset(names) for word, names in found.items()}


class SourceFile:
    """One file of the C family."""

    def __init__(self, data: bytes) -> None:
        source = read_source("c", data)
        assert isinstance(source, PreprocessedSource)
        self._data = data
        self._source = source
        self._plain: bytes | None = None
        self._starts: list[int] = []
        self._words: dict[Live, Words] = {}
        self._kept: dict[Hashable, object] = {}

    @cached_property
    def script(self) -> Script:
        """All directives in order."""
        return self._source.script

    @property
    def includes(self) -> tuple[Include, ...]:
        """The files it includes by name, in order."""
        return self._source.includes

    @cached_property
    def open_includes(self) -> frozenset[str]:
        """The names that it includes under no condition but its include guard.

        Told without reading it precisely, so what stands in comments counts as well.
        """
        first = _FIRST_IF.search(self._data)
        guard = _INCLUDE_GUARD.match(self._data, first.start()) if first else None
        depth = 0
        outermost = int(guard is not None and guard[1] == guard[2])
        found: set[bytes] = set()
        for opens, closes, name in _NESTING.findall(self._data):
            if opens:
                depth += 1
            elif closes:
                depth -= 1
                if depth <= 0:  # what the guard encloses has ended
                    outermost = 0
            elif depth <= outermost:
                found.add(name)
        return frozenset(name.decode("utf-8", "replace") for name in found)

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines by what the file alone says."""
        return self._source.regions(environment)

    def may_stop(
        self, environment: MacroEnvironment, may_differ: Callable[[Iterable[str]], bool]
    ) -> bool:
        """Return whether an `#error` may be reached there only, by what the file alone says.

        Args:
            environment: of the target.
            may_differ: whether macros with these names may be something else on another.
        """
        regions = self.regions(environment)
        starts = [region.line for region in regions]
        at = (regions[max(0, bisect_right(starts, line) - 1)] for line in self.script.errors)
        return any(region.state is not Truth.FALSE and may_differ(region.macros) for region in at)

    def may_lose(
        self, environment: MacroEnvironment, may_differ: Callable[[Iterable[str]], bool]
    ) -> bool:
        """Return whether lines may be compiled elsewhere only, by what the file alone says.

        Args:
            environment: of the target.
            may_differ: whether macros with these names may be something else on another.
        """
        regions = self.regions(environment)
        return any(r.state is not Truth.TRUE and may_differ(r.macros) for r in regions)

    def may_assemble(self, environment: MacroEnvironment) -> bool:
        """Return whether the word `asm` stands in lines that may be compiled there."""
        words = self.words(self.regions(environment))
        return not words.mentioned.isdisjoint((b"asm", b"__asm", b"__asm__"))

    def macro_at(self, line: int) -> bytes | None:
        """Return the macro whose definition `line` is part of, or None."""
        for step in self.script.steps:
            if step.kind is Kind.MACRO and step.line <= line <= step.end_line:
                return step.name
        return None

    def words(self, regions: Sequence[Region]) -> Words:
        """Return the identifiers of the regions that may be compiled."""
        return self.words_in(live_lines(regions))

    def words_in(self, live: Live) -> Words:
        """Return the identifiers of some lines."""
        if live not in self._words:
            self._words[live] = self._find_words(live)
        return self._words[live]

    def _find_words(self, live: Live) -> Words:
        code, starts = self._without_directives()
        used: set[bytes] = set()
        for first, last in live:
            used.update(_WORD.findall(code, starts[first - 1], self._end(last)))
        firsts = [first for first, _ in live]
        bodies = []
        for step in self.script.steps:
            body = getattr(step.fact, "body", None) if step.kind is Kind.MACRO else None
            at = bisect_right(firsts, step.line) - 1
            if body is not None and at >= 0 and step.line <= live[at][1]:
                bodies.append((step.name, frozenset(_WORD.findall(body))))
        return Words(frozenset(used), tuple(bodies))

    def texts(self, live: Live) -> Iterator[bytes]:
        """Yield the code, without directives, of what may be compiled."""
        for text, _ in self.pieces(live):
            yield text

    def pieces(self, live: Live) -> Iterator[tuple[bytes, int]]:
        """Yield the code, without directives, of some lines, each piece with its offset."""
        code, starts = self._without_directives()
        for first, last in live:
            start = starts[first - 1]
            yield code[start : self._end(last)], start

    def whole(self, start: int, end: int) -> bytes:
        """Return a part of the code with what stands in its strings, comments blanked."""
        # Where a string stands, the one view has its contents and the other has blanks.
        code, strings = self._source.code[start:end], self._source.strings[start:end]
        return bytes(map(max, code, strings))

    def line_of(self, offset: int) -> int:
        """Return the line in which `offset` lies."""
        _, starts = self._without_directives()
        return bisect_right(starts, offset)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept of the file under `key`; `make` makes it the first time."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])

    def code_at(self, line: int, lines: int = 3) -> bytes:
        """Return some lines as code: comments and the contents of strings blanked."""
        _, starts = self._without_directives()
        return self._source.code[starts[line - 1] : self._end(line + lines - 1)]

    def text_at(self, line: int) -> bytes:
        """Return one line with its strings, if it is a directive; else blanks."""
        _, starts = self._without_directives()
        return self._source.directives[starts[line - 1] : self._end(line)]

    def _end(self, line: int) -> int:
        _, starts = self._without_directives()
        return starts[line] if line < len(starts) else len(self._source.code)

    def _without_directives(self) -> tuple[bytes, list[int]]:
        if self._plain is None:
            code, directives = self._source.code, self._source.directives
            # The views are as long as the file: a directive's place holds its text in both.
            parts: list[bytes] = []
            done = 0
            for match in re.finditer(rb"#(?:[^\\\n]++|\\[ \t\r]*+\n|\\)*+", directives):
                start, end = match.span()
                parts += (code[done:start], code[start:end].translate(_BLANK))
                done = end
            self._plain = b"".join((*parts, code[done:]))
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self._plain))]
        return self._plain, self._starts


_INCLUDE_DIRECTORIES = ("include", "inc", "src")


def _joined(directory: str, name: str) -> str:
    """Return the path of `name` in `directory`, with what leads upwards worked out."""
    path = f"{directory}/{name}" if directory and not name.startswith("/") else name
    return os.path.normpath(path) if "./" in name or "//" in name else path


class SourceTree:
    """Reads the files of a tree and finds what includes mean.

    Args:
        paths: all files of the tree.
        read: gives the bytes of a text file, or None.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | None]) -> None:
        self._paths = frozenset(paths)
        self._by_basename: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            self._by_basename[path.rpartition("/")[2]].append(path)
        self.file = lru_cache(MAX_SOURCES)(self._file)
        self._read = read

    def _file(self, path: str) -> SourceFile | None:
        data = self._read(path)
        return None if data is None else SourceFile(data)

    def beside(self, name: str, includer: str) -> str | None:
        """Return the file that `name` means relative to the includer's directory, or None."""
        path = _joined(includer.rpartition("/")[0], name)
        return path if path in self._paths else None

    def in_include_directory(self, name: str, includer: str) -> str | None:
        """Return the file `name` of an `include` directory above the includer, or of the root."""
        directory = includer
        while directory:
            directory = directory.rpartition("/")[0]
            for middle in _INCLUDE_DIRECTORIES:
                path = _joined(f"{directory}/{middle}" if directory else middle, name)
                if path in self._paths:
                    return path
        path = _joined("", name)
        return path if path in self._paths else None

    def candidates(self, name: str) -> list[str]:
        """Return all files whose path ends in `name`; leading `../` are dropped."""
        tail = os.path.normpath(name)
        while tail.startswith("../"):
            tail = tail[3:]
        found = self._by_basename.get(tail.rpartition("/")[2], ())
        return [path for path in found if path == tail or path.endswith(f"/{tail}")]

    def has_template(self, name: str) -> bool:
        """Return whether a configure step makes the header `name` out of a file of the tree."""
        stem = name.removesuffix(".h")
        endings = (".in", ".cmake", ".meson", ".cmake.in", ".in.cmake")
        templates = (*(name + ending for ending in endings), f"{stem}.hin", f"{stem}_h.in")
        return any(self.candidates(template) for template in templates)
