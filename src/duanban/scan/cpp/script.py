"""All directives of a file that matter to the preprocessor, in order, for whole translation units.

An `Outline` keeps only what can change the file's own conditions; where a unit is followed through
its headers, every definition may matter to somebody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duanban.scan.cpp.directives import (
    Directive,
    LineCounter,
    Text,
    definition,
    every,
    included,
)
from duanban.scan.cpp.knowledge import UNDEFINED, Definition
from duanban.scan.cpp.outline import Kind, Step, condition_of

_ONCE = re.compile(rb"\n[ \t]*+#[ \t]*+pragma[ \t]++once(?![\w$])")


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a file."""

    steps: tuple[Step, ...]
    next_of: tuple[int, ...]
    """Per step, the index of the next one that matters where nothing is compiled after it: of an
    `#if`, `#elif` or `#else` that of the next of its chain, of others simply the next."""
    lines: int
    errors: tuple[int, ...]
    """Lines of every `#error`."""
    once: bool
    """Whether `#pragma once` stands in it."""


def script(text: Text, data: bytes) -> Script:
    """Return the script of the file `data`, whose logical text is `text`."""
    lines = data.count(b"\n") + (not data.endswith(b"\n")) if data else 1
    if b"#" not in text.logical:
        return Script((), (), lines, (), once=False)
    counter = LineCounter(data)
    builder = _Builder()
    stops: list[int] = []
    for directive in every(text):
        line = counter.line(directive.at)
        if directive.keyword == b"error":
            stops.append(line)
            continue
        builder.add(directive, line, min(counter.line(directive.end), lines))
    once = b"once" in text.logical and _ONCE.search(text.logical) is not None
    steps = tuple(builder.steps)
    return Script(steps, _next_of(steps), lines, tuple(stops), once=once)


def _next_of(steps: tuple[Step, ...]) -> tuple[int, ...]:
    following = list(range(1, len(steps) + 1))
    open_: list[int] = []
    for at, step in enumerate(steps):
        kind = step.kind
        if kind >= Kind.MACRO:
            continue
        if kind != Kind.IF:
            following[open_.pop()] = at
        if kind != Kind.ENDIF:
            open_.append(at)
    for at in open_:
        following[at] = len(steps)
    return tuple(following)


class _Builder:
    """Puts unbalanced directives right, as `outline` does."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._closed: list[bool] = []
        """Per open chain, whether its `#else` was seen."""

    def add(self, directive: Directive, line: int, end_line: int) -> None:
        keyword = directive.keyword
        if keyword.startswith(b"if"):
            self._closed.append(False)
            self.steps.append(Step(Kind.IF, line, end_line, condition_of(directive)))
        elif keyword in (b"define", b"undef"):
            self._macro(directive, line, end_line)
        elif keyword in (b"include", b"include_next", b"import"):
            self._include(directive, line, end_line)
        elif not self._closed:
            return
        elif keyword == b"endif":
            self._closed.pop()
            self.steps.append(Step(Kind.ENDIF, line, end_line))
        elif not self._closed[-1]:
            self._closed[-1] = keyword == b"else"
            kind = Kind.ELSE if keyword == b"else" else Kind.ELIF
            self.steps.append(Step(kind, line, end_line, condition_of(directive)))

    def _macro(self, directive: Directive, line: int, end_line: int) -> None:
        parsed = definition(directive.rest)
        if parsed is None:
            return
        name, params, body = parsed
        fact = Definition(params, body) if directive.keyword == b"define" else UNDEFINED
        self.steps.append(Step(Kind.MACRO, line, end_line, name=name, fact=fact))

    def _include(self, directive: Directive, line: int, end_line: int) -> None:
        if directive.keyword == b"include_next":
            return
        target = included(directive.rest)
        name, angled = target if target is not None else (directive.rest, False)
        step = Step(
            Kind.INCLUDE, line, end_line, name=name, angled=angled, is_named=target is not None
        )
        self.steps.append(step)
