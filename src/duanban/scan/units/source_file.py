"""One file of the C family as units need it: its directives, and the identifiers of its lines."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar, cast

from duanban.model import Truth
from duanban.scan.cpp.knowledge import Definition
from duanban.scan.cpp.outline import Kind, Step
from duanban.scan.cpp.script import Script
from duanban.scan.interface import Include, MacroEnvironment, Region
from duanban.scan.units.views import Views

_WORD = re.compile(rb"[A-Za-z_$][\w$]*+")
FORGOTTEN = b"\nerror "
"""What may begin an `error unknown architecture` at the margin: no C, the `#` is lacking."""
_FORGOTTEN = re.compile(rb"^error(?:[ \t]++[A-Za-z]\w*+){2,}[ \t]*+$", re.MULTILINE)
_ASSEMBLY = re.compile(rb"(?<![\w$])(?:asm|__asm|__asm__)(?![\w$])")
_NESTING = re.compile(rb"#[ \t]*+(?:(if)|(endif)|(?:include|import)[ \t]*+[<\"]([^>\"\n]++)[>\"])")
_FIRST_IF = re.compile(rb"#[ \t]*+if")
_INCLUDE_GUARD = re.compile(rb"#[ \t]*+ifndef[ \t]++(\w++)\s*+#[ \t]*+define[ \t]++(\w++)")


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
    def users(self) -> dict[bytes, tuple[bytes, ...]]:
        """Per identifier the macros whose replacement holds it."""
        found: dict[bytes, list[bytes]] = defaultdict(list)
        for name, body in self.bodies:
            for word in body:
                found[word].append(name)
        return {word: tuple(names) for word, names in found.items()}


class SourceFile:
    """One file of the C family.

    Args:
        views: gives its texts, which are not kept here.
        names: identifiers of the tree's files, each to itself, so that each is kept once.
    """

    def __init__(self, views: Callable[[], Views], names: dict[bytes, bytes]) -> None:
        self._views = views
        self._names = names
        self._words: dict[Live, Words] = {}
        self._bodies: dict[int, frozenset[bytes]] = {}
        self._kept: dict[Hashable, object] = {}

    @cached_property
    def script(self) -> Script:
        """All directives in order; an `error` that lacks its `#` stops as well."""
        views = self._views()
        found = views.script
        if FORGOTTEN not in views.data:
            return found
        stops = {views.line_of(match.start()) for match in _FORGOTTEN.finditer(views.plain)}
        return replace(found, errors=tuple(sorted(stops.union(found.errors)))) if stops else found

    @property
    def includes(self) -> tuple[Include, ...]:
        """The files it includes by name, in order."""
        return self._views().includes

    @cached_property
    def open_includes(self) -> frozenset[str]:
        """The names that it includes under no condition but its include guard.

        Told without reading it precisely, so what stands in comments counts as well.
        """
        data = self._views().data
        first = _FIRST_IF.search(data)
        guard = _INCLUDE_GUARD.match(data, first.start()) if first else None
        depth = 0
        outermost = int(guard is not None and guard[1] == guard[2])
        found: set[bytes] = set()
        for opens, closes, name in _NESTING.findall(data):
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
        return self._views().regions(environment)

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
        live = live_lines(self.regions(environment))
        if any(_ASSEMBLY.search(text) for text in self.texts(live)):
            return True
        return any(_ASSEMBLY.search(body) for _, body in self._replacements(live))

    def macro_at(self, line: int) -> bytes | None:
        """Return the macro whose definition `line` is part of, or None."""
        firsts, steps = self._macros
        at = bisect_right(firsts, line) - 1
        return steps[at].name if at >= 0 and line <= steps[at].end_line else None

    @cached_property
    def _macros(self) -> tuple[array[int], tuple[Step, ...]]:
        """The definitions with `#undef`, each with its first line."""
        steps = tuple(step for step in self.script.steps if step.kind is Kind.MACRO)
        return array("I", [step.line for step in steps]), steps

    def words_in(self, live: Live) -> Words:
        """Return the identifiers of some lines."""
        if live not in self._words:
            self._words[live] = self._find_words(live)
        return self._words[live]

    def _find_words(self, live: Live) -> Words:
        used: set[bytes] = set()
        for text, _ in self.pieces(live):
            used.update(_WORD.findall(text))
        bodies = []
        for step, body in self._replacements(live):
            if step.line not in self._bodies:
                self._bodies[step.line] = self._once(set(_WORD.findall(body)))
            bodies.append((step.name, self._bodies[step.line]))
        return Words(self._once(used), tuple(bodies))

    def _replacements(self, live: Live) -> Iterator[tuple[Step, bytes]]:
        """Yield the definitions in some lines, each with its replacement."""
        firsts = [first for first, _ in live]
        for step in self._macros[1]:
            at = bisect_right(firsts, step.line) - 1
            if isinstance(step.fact, Definition) and at >= 0 and step.line <= live[at][1]:
                yield step, step.fact.body or b""

    def _once(self, words: set[bytes]) -> frozenset[bytes]:
        """Return `words` as those objects that the whole tree has of them."""
        setdefault = self._names.setdefault
        return frozenset([setdefault(word, word) for word in words])

    def texts(self, live: Live) -> Iterator[bytes]:
        """Yield the code, without directives, of what may be compiled."""
        for text, _ in self.pieces(live):
            yield text

    def pieces(self, live: Live) -> Iterator[tuple[bytes, int]]:
        """Yield the code, without directives, of some lines, each piece with its offset."""
        views = self._views()
        for first, last in live:
            start = views.start(first)
            yield views.plain[start : views.end(last)], start

    def whole(self, start: int, end: int) -> bytes:
        """Return a part of the code with what stands in its strings, comments blanked."""
        # Where a string stands, the one view has its contents and the other has blanks.
        views = self._views()
        return bytes(map(max, views.code[start:end], views.strings[start:end]))

    def line_of(self, offset: int) -> int:
        """Return the line in which `offset` lies."""
        return self._views().line_of(offset)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept of the file under `key`; `make` makes it the first time."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])

    def code_at(self, line: int, lines: int = 3) -> bytes:
        """Return some lines as code: comments and the contents of strings blanked."""
        views = self._views()
        return views.code[views.start(line) : views.end(line + lines - 1)]

    def text_at(self, line: int) -> bytes:
        """Return one line with its strings, if it is a directive; else blanks."""
        views = self._views()
        return views.directives[views.start(line) : views.end(line)]
