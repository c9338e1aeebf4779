"""Conditions of `#if` as expressions with three-valued evaluation.

Integers are those of `intmax_t`/`uintmax_t` (C17 6.10.1p4): 64 bits, wrapping. A value that is
not known is None. Kleene's logic decides `&&`, `||` and `?:` where one side is enough. Macros
whose bodies are not known are taken to be single operands (`X`, not `1 || X`), as their authors
are told to write them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from duanban.model import Truth
from duanban.scan.cpp.knowledge import UNDEFINED, Definition, Knowledge
from duanban.scan.cpp.numbers import MASK, Unsigned, Value, number, wrap
from duanban.scan.cpp.tokens import is_name, tokenize

_MAX_ALIASES = 32
"""Macros that only name another macro are followed this far."""


class NeedsExpansionError(Exception):
    """The value depends on a macro whose body must be pasted in as tokens."""


class Node:
    """One operand or operator."""

    __slots__ = ()

    def value(self, known: Knowledge) -> Value:
        """Return the node's value, None where it is not known.

        Raises:
            NeedsExpansionError: the condition must first be expanded as text.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, or None for what cannot be evaluated."""

    number: Value

    def value(self, known: Knowledge) -> Value:
        """Return the number."""
        return self.number


UNKNOWN_VALUE = Constant(None)


@dataclass(frozen=True, slots=True)
class Defined(Node):
    """`defined NAME`."""

    name: bytes

    def value(self, known: Knowledge) -> Value:
        """Return 1 or 0, None if the name is unknown."""
        fact = known.fact(self.name)
        if isinstance(fact, Definition):
            return 1
        return 0 if fact is UNDEFINED else None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier that is not called."""

    name: bytes

    def value(self, known: Knowledge) -> Value:
        """Return the value of the macro; 0 if it is surely not defined (C17 6.10.1p4)."""
        name = self.name
        for _ in range(_MAX_ALIASES):
            fact = known.fact(name)
            if not isinstance(fact, Definition):
                # `true` is 1 in C++ and C23, 0 before.
                return 0 if fact is UNDEFINED and name != b"true" else None
            if fact.body is None or fact.params is not None:
                return None
            body = tokenize(fact.body)
            if len(body) != 1:
                raise NeedsExpansionError
            token = body[0]
            if token[:1].isdigit():
                return number(token)
            if not is_name(token):
                raise NeedsExpansionError
            name = token
        return None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`NAME(...)`: a function-like macro, or an operator such as `__has_builtin`."""

    name: bytes

    def value(self, known: Knowledge) -> Value:
        """Return None, unless the macro's body is known and can be pasted in."""
        fact = known.fact(self.name)
        if isinstance(fact, Definition) and fact.body is not None:
            raise NeedsExpansionError
        return None


@dataclass(frozen=True, slots=True)
class HasInclude(Node):
    """`__has_include(<name>)` or `__has_include("name")`."""

    header: bytes
    angled: bool

    def value(self, known: Knowledge) -> Value:
        """Return 1 or 0; a quoted name that the target lacks may still stand in the tree."""
        truth = known.has_include(self.header)
        if truth is Truth.TRUE:
            return 1
        return 0 if truth is Truth.FALSE and self.angled else None


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!`, `-`, `+` or `~`."""

    operator: bytes
    operand: Node

    def value(self, known: Knowledge) -> Value:
        """Return the operator applied."""
        operand = self.operand.value(known)
        if operand is None:
            return None
        if self.operator == b"!":
            return int(not operand)
        unsigned = isinstance(operand, Unsigned)
        if self.operator == b"-":
            return wrap(-operand, unsigned)
        return operand if self.operator == b"+" else wrap(~operand, unsigned)


@dataclass(frozen=True, slots=True)
class And(Node):
    """`&&`: false as soon as one side is."""

    left: Node
    right: Node

    def value(self, known: Knowledge) -> Value:
        """Return 1, 0 or None by Kleene's conjunction."""
        left = self.left.value(known)
        if left == 0:
            return 0
        right = self.right.value(known)
        if right == 0:
            return 0
        return None if left is None or right is None else 1


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`||`: true as soon as one side is."""

    left: Node
    right: Node

    def value(self, known: Knowledge) -> Value:
        """Return 1, 0 or None by Kleene's disjunction."""
        left = self.left.value(known)
        if left:
            return 1
        right = self.right.value(known)
        if right:
            return 1
        return None if left is None or right is None else 0


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`a ? b : c`."""

    test: Node
    yes: Node
    no: Node

    def value(self, known: Knowledge) -> Value:
        """Return the side that is chosen; with an unknown test, what both sides agree on."""
        test = self.test.value(known)
        if test is not None and not test:
            return self.no.value(known)
        yes = self.yes.value(known)
        if test:
            return yes
        no = self.no.value(known)
        return yes if yes is not None and yes == no and type(yes) is type(no) else None


def _divide(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_ARITHMETIC: dict[bytes, Callable[[int, int], int]] = {
    b"+": lambda a, b: a + b,
    b"-": lambda a, b: a - b,
    b"*": lambda a, b: a * b,
    b"/": _divide,
    b"%": lambda a, b: a - b * _divide(a, b),
    b"&": lambda a, b: a & b,
    b"|": lambda a, b: a | b,
    b"^": lambda a, b: a ^ b,
}
_COMPARISON: dict[bytes, Callable[[int, int], bool]] = {
    b"==": lambda a, b: a == b,
    b"!=": lambda a, b: a != b,
    b"<": lambda a, b: a < b,
    b">": lambda a, b: a > b,
    b"<=": lambda a, b: a <= b,
    b">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An arithmetic, bit, shift or comparison operator."""

    operator: bytes
    left: Node
    right: Node

    def value(self, known: Knowledge) -> Value:
        """Return the operator applied; None if a side is unknown or it divides by zero."""
        left, right = self.left.value(known), self.right.value(known)
        if left is None or right is None:
            return None
        operator = self.operator
        if operator in (b"<<", b">>"):
            return _shift(left, right if operator == b"<<" else -right)
        if operator in (b"/", b"%") and right == 0:
            return None
        unsigned = isinstance(left, Unsigned) or isinstance(right, Unsigned)
        if unsigned:
            left, right = left & MASK, right & MASK
        compare = _COMPARISON.get(operator)
        if compare is not None:
            return int(compare(int(left), int(right)))
        return wrap(_ARITHMETIC[operator](int(left), int(right)), unsigned)


def _shift(left: int, by: int) -> int:
    """Shift as gcc's preprocessor does: a negative count shifts the other way."""
    by = max(-64, min(64, int(by)))
    shifted = int(left) << by if by >= 0 else int(left) >> -by
    return wrap(shifted, isinstance(left, Unsigned))
