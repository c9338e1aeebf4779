"""What is known of macros at one place of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment


class Definition(NamedTuple):
    """A macro that is defined."""

    params: tuple[bytes, ...] | None = None
    """Parameters of a function-like macro; None for an object-like one."""
    body: bytes | None = None
    """Replacement text; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A macro that is surely not defined, or of which nothing is known."""

    known: bool


Fact = Definition | Absence
Layer = dict[bytes, Fact]
"""Facts of one branch."""

UNKNOWN = Absence(known=False)
UNDEFINED = Absence(known=True)
DEFINED = Definition()
"""Defined, but nobody knows as what."""

_BUDGET = 2_000_000
"""Facts that may be looked through at includes and ends of chains, for one file and target; after
that (no file written by people comes near) nothing is known any more."""

_BUILT_IN = frozenset(
    (b"__has_include", b"__has_include_next", b"__has_attribute", b"__has_cpp_attribute")
)
"""Operators that `defined` sees in gcc >= 5 and clang (GCC 5 release notes, "C family"), that is
on every target; compilers do not list them among the predefined macros."""
_DYNAMIC = frozenset(
    (b"__FILE__", b"__LINE__", b"__DATE__", b"__TIME__", b"__COUNTER__", b"__BASE_FILE__")
)
"""Macros that every compiler defines without listing them, with values that change."""


def join(facts: list[Fact]) -> Fact:
    """Return what holds whichever of `facts` holds."""
    first = facts[0]
    if all(fact == first for fact in facts):
        return first
    if all(isinstance(fact, Definition) for fact in facts):
        return DEFINED
    return UNKNOWN


class Knowledge:
    """Facts in layers: the environment below, one layer for each branch that is open.

    A branch's facts (its own `#define`s, and what its condition says) are seen inside it and
    joined with those of its alternatives when the chain ends.
    """

    __slots__ = ("_budget", "_defined", "_undefined", "has_include", "layers", "optional")

    def __init__(self, environment: MacroEnvironment) -> None:
        self._defined: Mapping[bytes, bytes] = environment.defined
        self._undefined = environment.undefined
        self.optional = environment.optional
        self.has_include: Callable[[bytes], Truth] = environment.has_include
        self.layers: list[Layer] = [{}]
        self._budget = _BUDGET

    def fact(self, name: bytes) -> Fact:
        """Return what is known of `name` here."""
        if self._budget < 0:
            return UNKNOWN
        for layer in reversed(self.layers):
            if name in layer:
                return layer[name]
        return self.given(name)

    def given(self, name: bytes) -> Fact:
        """Return what the environment says of `name`."""
        body = self._defined.get(name)
        if body is not None:
            return Definition(None, body)
        if name in self._undefined:
            return UNDEFINED
        if name in _BUILT_IN or name in _DYNAMIC:
            return DEFINED
        return UNKNOWN

    def set(self, name: bytes, fact: Fact) -> None:
        """Record `fact` in the innermost branch."""
        self.layers[-1][name] = fact

    def include(self, keeps_definitions: bool) -> None:
        """Forget what a header may change.

        A header may define anything, so macros known to be absent become unknown unless the
        environment itself rules them out: predefined macros of other architectures and systems
        are reserved names (C17 7.1.3) that headers do not define. Definitions stay through
        headers (`keeps_definitions`), but not through files of the X-macro kind (`.def`, `.inc`),
        which by convention undefine what they were given.
        """
        lost: Layer = {}
        for layer in self.layers:
            self._budget -= len(layer)
            if self._budget < 0:
                return
            for name, fact in layer.items():
                if isinstance(fact, Definition):
                    if not keeps_definitions:
                        lost[name] = UNKNOWN
                elif fact is UNDEFINED and name not in self._undefined:
                    lost[name] = UNKNOWN
        self.layers[-1].update(lost)

    def merge(self, results: list[Layer]) -> None:
        """Record what holds after a chain, whichever of its branches, `results`, was taken."""
        if len(results) == 1:
            self._budget -= len(results[0])
            self.layers[-1].update(results[0])
            return
        self._budget -= sum(map(len, results))
        joined: Layer = {}
        for name in {name for layer in results for name in layer}:
            if self._budget < 0:
                return
            self._budget -= len(results)
            before = self.fact(name)
            joined[name] = join([layer.get(name, before) for layer in results])
        self.layers[-1].update(joined)
