"""Whether a condition of a build file or script is met on a target: three-valued.

A condition is cut into alternatives (OR) of clauses (AND), nesting aside, and each clause is
judged by what it names: a machine, an operating system or compiler (what stands for Linux with
GCC), or a variable of make that the file itself sets or leaves alone. Whatever else it says is not
known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple, Protocol

from duanban.model import Truth
from duanban.scan.build.names import mentions, system_holds
from duanban.scan.regex import compile_pattern


class Judged(NamedTuple):
    """What a test comes to."""

    truth: Truth
    names_machine: bool
    """It speaks of a machine."""


_OR = re.compile(rb"\bOR\b|\bor\b|\|\||[ \t]-o[ \t]")
_AND = re.compile(rb"\bAND\b|\band\b|&&|[ \t]-a[ \t]")
_NOT = re.compile(rb"\bNOT\b|\bnot\b|!=|(?:^|[\s(])![\s\w$\"]|[ \t]-ne[ \t]|STRNOTEQUAL")
_COMPARISON = re.compile(
    rb"\b(?:MATCHES|(?:STR)?EQUAL|in|IN_LIST|filter|findstring)\b|=|,|\.contains|startswith"
)
_EMPTY_SIDE = re.compile(rb"^\(?[ \t]*,|,[ \t]*\)?$|^[\"']{2}[ \t]|[ \t][\"']{2}$")
_OPEN_PATTERN = re.compile(rb"\*(?:32|64)\b|^\*|\.\*64")
_MAKE_VARIABLE = re.compile(
    rb"^\(?[\"']?\$[({](\w+)[)}][\"']?[ \t]*,[ \t]*[\"']?([^,()\"']*)[\"']?\)?$"
)
_MAKE_NAME = re.compile(rb"^\$?[({]?(\w+)[)}]?$")
_ASSIGNMENT = compile_pattern(
    rb"^[ \t]*(?:export[ \t]+|override[ \t]+)?([A-Za-z0-9_]+)[ \t]*[:?+!]*=[ \t]*([^\n]*)"
)
_CONDITIONAL = re.compile(rb"^[ \t]*if[ \t]+!?(\w+)[ \t]*$", re.MULTILINE)
_KNOWN_TO_MAKE = re.compile(
    rb"^(?:CC|CXX|AR|LD|AS|SHELL|HOST\w*|MAKE\w*|OS|OSTYPE|PWD|CURDIR|\w*UNAME\w*|ARCH|TARGET\w*)$"
)


class Settings(Protocol):
    """What build files themselves say of what their conditions ask for."""

    def truth(self, clause: bytes) -> Truth:
        """Return whether `clause` holds in a build by default."""


class Variables:
    """What a makefile itself says of its variables.

    Args:
        code: of the makefile.
        truth_at: whether a line, counted from 0, is for the machine.
    """

    def __init__(
        self, code: bytes, truth_at: Callable[[int], Truth] = lambda _: Truth.TRUE
    ) -> None:
        self._code = code
        self._truth_at = truth_at

    @cached_property
    def _conditionals(self) -> frozenset[bytes]:
        """Return the conditions of automake (`if NAME`), which configure decides."""
        return frozenset(_CONDITIONAL.findall(self._code))

    @cached_property
    def _assigned(self) -> dict[bytes, list[tuple[int, bytes]]]:
        found: dict[bytes, list[tuple[int, bytes]]] = {}
        line, counted = 0, 0
        for match in _ASSIGNMENT.finditer(self._code):
            line += self._code.count(b"\n", counted, match.start())
            counted = match.start()
            name, value = match.group(1), match.group(2)
            if name is not None and value is not None:
                found.setdefault(name, []).append((line, value.strip()))
        return found

    def before(self, line: int) -> Settings:
        """Return what make knows where it reads a line, counted from 1: no later assignment."""
        return _Before(self, line)

    def value(self, name: bytes, line: int) -> bytes | None:
        """Return the value in a build by default before a line; None where that is not known."""
        if _KNOWN_TO_MAKE.match(name) or name in self._conditionals:
            return None
        values = [
            (truth, value)
            for at, value in self._assigned.get(name, ())
            if at < line - 1 and (truth := self._truth_at(at)) is not Truth.FALSE
        ]
        if not values:
            return b""  # nobody sets it, unless the user does
        truth, value = values[0]
        return value if len(values) == 1 and truth is Truth.TRUE and b"$" not in value else None

    def truth(self, clause: bytes, line: int) -> Truth:
        """Judge `ifdef NAME` and `ifeq ($(NAME),value)`; a keyword's own negation aside."""
        if comparison := _MAKE_VARIABLE.match(clause):
            value = self.value(comparison[1], line)
            if value is None:
                return Truth.UNKNOWN
            return Truth.TRUE if value == comparison[2].strip() else Truth.FALSE
        if name := _MAKE_NAME.match(clause):
            value = self.value(name[1], line)
            return Truth.UNKNOWN if value is None else Truth.TRUE if value else Truth.FALSE
        return Truth.UNKNOWN


class _Before(NamedTuple):
    """The variables of a makefile where make reads a line."""

    variables: Variables
    line: int

    def truth(self, clause: bytes) -> Truth:
        """Return whether `clause` holds there in a build by default."""
        return self.variables.truth(clause, self.line)


def judge(
    test: bytes,
    architecture: str,
    *,
    is_pattern: bool = False,
    is_negated: bool = False,
    settings: Settings | None = None,
) -> Judged:
    """Return whether `test` is met.

    Args:
        test: as written.
        architecture: of the target, a GNU machine name.
        is_pattern: it is the pattern of a `case`.
        is_negated: the keyword before it negates it.
        settings: of the build, as far as it is known.
    """
    alternatives = test.split(b"|") if is_pattern else _OR.split(test)
    truth, named = Truth.FALSE, False
    for alternative in alternatives:
        clauses = [alternative] if is_pattern else _AND.split(alternative)
        met = Truth.TRUE
        for clause in clauses:
            judged = _clause(clause.strip(), architecture, is_pattern, settings)
            met = min(met, judged.truth)
            named = named or judged.names_machine
        truth = max(truth, met)
    return Judged(truth.negated() if is_negated else truth, named)


def _clause(
    clause: bytes, architecture: str, is_pattern: bool, settings: Settings | None
) -> Judged:
    named = list(mentions(clause))
    if named:
        if any(architecture in mention.machine.serves for mention in named):
            # A pattern such as `aarch64-*-darwin*` names the system as well.
            is_other = is_pattern and system_holds(clause) is False
            truth = Truth.FALSE if is_other else Truth.TRUE
        elif is_pattern or _COMPARISON.search(clause):
            truth = Truth.UNKNOWN if _OPEN_PATTERN.search(clause) else Truth.FALSE
        else:
            truth = Truth.UNKNOWN
        return Judged(_signed(truth, clause), True)
    if settings is not None and (truth := settings.truth(clause)) is not Truth.UNKNOWN:
        return Judged(truth, False)
    holds = system_holds(clause)
    if holds is None:
        return Judged(Truth.UNKNOWN, False)
    return Judged(_signed(Truth.TRUE if holds else Truth.FALSE, clause), False)


def _signed(truth: Truth, clause: bytes) -> Truth:
    negated = bool(_NOT.search(clause))
    if _EMPTY_SIDE.search(clause):  # what is compared with nothing
        negated = not negated
    return truth.negated() if negated else truth
