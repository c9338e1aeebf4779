"""The conditional structure of a file, read once; the tracker runs it for each target."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from duanban.scan.cpp.directives import (
    Directive,
    LineCounter,
    Text,
    changed_names,
    conditionals,
    definition,
    included,
    others,
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


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands around some lines."""

    text: str
    macros: frozenset[str]


NO_GUARD = Guard("", frozenset())


@dataclass(frozen=True, slots=True)
class Step:
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
    """Of MACRO."""
    fact: Fact = UNDEFINED
    """What MACRO says of the name."""
    keeps_definitions: bool = True
    """Of INCLUDE: see `Knowledge.include`."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The steps of a file in order, and its number of lines."""

    steps: tuple[Step, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class _Change:
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
    conditions = [_condition(directive) for directive in found]
    guard_name = _include_guard(text, found, conditions)
    counter = LineCounter(data)
    builder = _Builder(guard_name is not None)
    tests = iter(conditions)
    pending = deque(_relevant(text, conditions, guard_name))
    for directive in found:
        while pending and pending[0].at < directive.at:
            builder.steps.append(pending.popleft().step)
        line = counter.line(directive.at)
        builder.add(directive.keyword, line, counter.line(directive.end), next(tests))
    # Changes after the last conditional matter to no line.
    return Outline(tuple(builder.steps), lines)


def _condition(directive: Directive) -> Condition | None:
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
    return name if name in changed_names(text) else None


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
    text: Text, conditions: list[Condition | None], guard_name: bytes | None
) -> Iterable[_Change]:
    """Return the definitions and includes that can change the value of a condition."""
    wanted = {name for test in conditions if test is not None for name in test.names}
    if not wanted - {guard_name}:
        return
    touches = not wanted.isdisjoint(changed_names(text))
    found = [
        (directive, definition(directive.rest) if directive.keyword == b"define" else None)
        for directive in (others(text) if touches or b"include" in text.logical else ())
    ]
    if touches:
        _follow_bodies(wanted, {d[0]: d[2] for _, d in found if d is not None})
    for directive, parsed in found:
        keyword = directive.keyword
        if parsed is not None:
            name, params, body = parsed
            if name in wanted:
                fact = Definition(params, body)
                yield _Change(directive.at, Step(Kind.MACRO, name=name, fact=fact))
        elif keyword == b"undef":
            tokens = tokenize(directive.rest)
            if tokens and tokens[0] in wanted:
                yield _Change(directive.at, Step(Kind.MACRO, name=tokens[0], fact=UNDEFINED))
        elif keyword != b"define":
            yield _Change(
                directive.at, Step(Kind.INCLUDE, keeps_definitions=_is_header(directive.rest))
            )


def _follow_bodies(wanted: set[bytes], bodies: dict[bytes, bytes]) -> None:
    """Add to `wanted` every macro of the file that the bodies of wanted ones mention."""
    pending = [name for name in wanted if name in bodies]
    while pending:
        for token in tokenize(bodies[pending.pop()]):
            if token not in wanted and is_name(token):
                wanted.add(token)
                if token in bodies:
                    pending.append(token)


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
