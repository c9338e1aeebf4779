"""The conditional structure of a file, read once; the tracker runs it for each target."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from duanban.scan.cpp.directives import (
    Directive,
    LineCounter,
    Text,
    conditionals,
    definition,
    included,
    includes,
    macro_at,
    macro_places,
)
from duanban.scan.cpp.knowledge import UNDEFINED, Definition, Fact
from duanban.scan.cpp.parser import Condition, condition, definedness
from duanban.scan.cpp.tokens import is_name, tokenize

MAX_GUARD = 2000
"""Characters of guard text that are kept; longer ones end in an ellipsis."""
MAX_MACROS = 400
"""Names of a guard that are kept."""


class Kind(IntEnum):
    """What a step of the outline does."""

    IF = 0
    ELIF = 1
    ELSE = 2
    ENDIF = 3
    MACRO = 4
    INCLUDE = 5


class Guard(NamedTuple):
    """What stands around some lines."""

    text: str
    macros: frozenset[str]


NO_GUARD = Guard("", frozenset())


class Step(NamedTuple):
    """One directive that matters to the state of lines."""

    kind: Kind
    line: int = 0
    end_line: int = 0
    condition: Condition | None = None
    """Of IF and ELIF."""
    guard: Guard = NO_GUARD
    """Of the branch that IF, ELIF or ELSE opens."""
    is_include_guard: bool = False
    name: bytes = b""
    """Of MACRO; in scripts also of INCLUDE."""
    fact: Fact = UNDEFINED
    """What MACRO says of the name."""
    keeps_definitions: bool = True
    """Of INCLUDE: see `Knowledge.include`."""
    angled: bool = False
    """Of INCLUDE in scripts: the name stands in `<>`."""
    is_named: bool = True
    """Of INCLUDE in scripts: False where `name` is a macro that names the file."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The steps of a file in order, and its number of lines."""

    steps: tuple[Step, ...]
    lines: int


class _Change(NamedTuple):
    """A step that is no conditional, and its offset."""

    at: int
    step: Step


def outline(text: Text, data: bytes) -> Outline:
    """Return the outline of the file `data`, whose logical text is `text`.

    Unbalanced directives are put right: an `#endif` or `#else` without `#if` is left out, and a
    chain that never ends goes to the end of the file.
    """
    lines = data.count(b"\n") + (not data.endswith(b"\n")) if data else 1
    found = list(conditionals(text)) if b"#" in text.logical else []
    if not found:
        return Outline((), lines)
    conditions = [condition_of(directive) for directive in found]
    guard_name = _include_guard(text, found, conditions)
    counter = LineCounter(data)
    builder = _Builder(guard_name is not None)
    tests = iter(conditions)
    pending = deque(_relevant(text, found, conditions, guard_name))
    for directive in found:
        while pending and pending[0].at < directive.at:
            builder.steps.append(pending.popleft().step)
        line = counter.line(directive.at)
        end_line = min(counter.line(directive.end), lines)  # the last line may be spliced to none
        builder.add(directive.keyword, line, end_line, next(tests))
    # Changes after the last conditional matter to no line.
    return Outline(tuple(builder.steps), lines)


def condition_of(directive: Directive) -> Condition | None:
    """Return the condition that a conditional directive spells; None for `#else`, `#endif`."""
    keyword = directive.keyword
    if keyword in (b"if", b"elif"):
        return condition(directive.rest)
    if keyword in (b"else", b"endif"):
        return None
    tokens = tokenize(directive.rest)
    if not tokens or not is_name(tokens[0]):
        return condition(b"")
    return definedness(tokens[0], negated=keyword in (b"ifndef", b"elifndef"))


def _include_guard(
    text: Text, found: list[Directive], conditions: list[Condition | None]
) -> bytes | None:
    """Return the macro that keeps the file from being read twice, or None.

    The pattern that gcc and clang know ("Once-Only Headers" in the manual of cpp): the whole file
    stands in one `#ifndef X`, or `#if !defined(X)`, without `#else`, and X is defined inside.
    """
    first, last = conditions[0], found[-1]
    if first is None or last.keyword != b"endif" or len(first.names) != 1:
        return None
    (name,) = first.names
    if first is not definedness(name, negated=True) and first.tokens not in (
        (b"!", b"defined", b"(", name, b")"),
        (b"!", b"defined", name),
    ):
        return None
    head = text.logical[: found[0].at + 1].split(b"#")[:-1]
    if head[0].strip() or any(part.split() != [b"pragma", b"once"] for part in head[1:]):
        return None
    if text.logical[last.end + 1 :].strip() or not _is_one_chain(found):
        return None
    places = macro_places(text)
    return name if any(changed == name for _, changed in places) else None


def _is_one_chain(found: list[Directive]) -> bool:
    depth = 0
    for directive in found[:-1]:
        if directive.keyword.startswith(b"if"):
            depth += 1
        elif depth == 1:
            return False
        elif directive.keyword == b"endif":
            depth -= 1
    return depth == 1


def _relevant(
    text: Text, found: list[Directive], conditions: list[Condition | None], guard_name: bytes | None
) -> list[_Change]:
    """Return the definitions and includes that can change the value of a condition, in order."""
    wanted = {name for test in conditions if test is not None for name in test.names}
    if not wanted - {guard_name}:
        return []
    changes = _macro_changes(text, wanted)
    if b"include" in text.logical or b"import" in text.logical:
        # Before the first macro changes or the first condition is supposed, headers have nothing
        # to undo. The include guard's own condition does not count.
        first = found[guard_name is not None].at if len(found) > 1 else found[0].at
        if changes:
            first = min(first, changes[0].at)
        first = text.logical.rfind(b"\n", 0, first + 1)
        changes += (
            _Change(d.at, Step(Kind.INCLUDE, keeps_definitions=_is_header(d.rest)))
            for d in includes(text, first)
        )
        changes.sort(key=lambda change: change.at)
    return changes


def _macro_changes(text: Text, wanted: set[bytes]) -> list[_Change]:
    """Return the changes of `wanted` macros, and of those that their bodies mention."""
    places: dict[bytes, list[int]] = {}
    for place, name in macro_places(text):
        places.setdefault(name, []).append(place)
    changes: list[_Change] = []
    pending = [name for name in wanted if name in places]
    seen = set(wanted)
    while pending:
        name = pending.pop()
        for place in places[name]:
            directive = macro_at(text, place)
            if directive is None:
                continue
            fact: Fact = UNDEFINED
            parsed = definition(directive.rest) if directive.keyword == b"define" else None
            if parsed is not None:
                _, params, body = parsed
                fact = Definition(params, body)
                new = {token for token in tokenize(body) if is_name(token)} - seen
                seen |= new
                pending += (token for token in new if token in places)
            changes.append(_Change(directive.at, Step(Kind.MACRO, name=name, fact=fact)))
    changes.sort(key=lambda change: change.at)
    return changes


def _is_header(rest: bytes) -> bool:
    target = included(rest)
    if target is None:
        return False
    name, angled = target
    return angled or name.endswith((b".h", b".hh", b".hpp", b".hxx", b".H"))


@dataclass(slots=True)
class _Chain:
    """A chain of `#if` ... `#endif` that is being read."""

    outer: Guard
    branch: Guard = NO_GUARD
    refused: str = ""
    """What was not taken before, as text that ends in ` && `."""
    last: Condition | None = None
    names: frozenset[str] = frozenset()
    closed: bool = False
    """`#else` was seen."""


class _Builder:
    """Gives each branch its guard, which is the same on every target."""

    def __init__(self, has_include_guard: bool) -> None:
        self.steps: list[Step] = []
        self._chains: list[_Chain] = []
        self._next_is_include_guard = has_include_guard

    def add(self, keyword: bytes, line: int, end_line: int, test: Condition | None) -> None:
        """Add the conditional directive `keyword`, with its condition."""
        chains = self._chains
        if keyword.startswith(b"if"):
            chains.append(_Chain(chains[-1].branch if chains else NO_GUARD))
            self._open(Kind.IF, line, end_line, test)
        elif not chains:
            return
        elif keyword == b"endif":
            chains.pop()
            self.steps.append(Step(Kind.ENDIF, line, end_line))
        elif not chains[-1].closed:
            self._open(Kind.ELSE if keyword == b"else" else Kind.ELIF, line, end_line, test)

    def _open(self, kind: Kind, line: int, end_line: int, test: Condition | None) -> None:
        chain = self._chains[-1]
        if self._next_is_include_guard:  # it says nothing about when the lines are compiled
            self._next_is_include_guard = False
            step = Step(kind, line, end_line, test, NO_GUARD, is_include_guard=True)
            self.steps.append(step)
            return
        if chain.last is not None:
            chain.refused = _shortened(f"{chain.refused}!({chain.last.text}) && ")
        chain.last, chain.closed = test, test is None
        if test is not None and len(chain.names) < MAX_MACROS:
            chain.names |= frozenset(name.decode("utf-8", "replace") for name in test.names)
        own = chain.refused.removesuffix(" && ")
        if test is not None:
            own = chain.refused + (f"({test.text})" if test.is_disjunction else test.text)
        outer = chain.outer
        text = f"{outer.text} && {own}" if outer.text else own
        macros = outer.macros if chain.names <= outer.macros else outer.macros | chain.names
        chain.branch = Guard(_shortened(text), macros)
        self.steps.append(Step(kind, line, end_line, test, chain.branch))


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_GUARD else text[:MAX_GUARD] + "…"
