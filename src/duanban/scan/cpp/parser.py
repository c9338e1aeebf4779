"""Tokens of a condition → expression, and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from duanban.model import Truth
from duanban.scan.cpp.expansion import TooComplexError, expand
from duanban.scan.cpp.expression import (
    UNKNOWN_VALUE,
    And,
    Binary,
    Call,
    Conditional,
    Constant,
    Defined,
    HasInclude,
    Name,
    NeedsExpansionError,
    Node,
    Or,
    Unary,
)
from duanban.scan.cpp.knowledge import Knowledge
from duanban.scan.cpp.numbers import Value, character, number
from duanban.scan.cpp.tokens import is_name, tokenize

MAX_DEPTH = 60
"""Nesting of parentheses and operators that is followed."""

_LEVELS = {
    b"||": 1, b"or": 1, b"&&": 2, b"and": 2, b"|": 3, b"bitor": 3, b"^": 4, b"xor": 4,
    b"&": 5, b"bitand": 5, b"==": 6, b"!=": 6, b"not_eq": 6, b"<": 7, b">": 7, b"<=": 7,
    b">=": 7, b"<<": 8, b">>": 8, b"+": 9, b"-": 9, b"*": 10, b"/": 10, b"%": 10,
}  # fmt: skip
_SPELLING = {
    b"or": b"||", b"and": b"&&", b"bitor": b"|", b"xor": b"^", b"bitand": b"&",
    b"not_eq": b"!=", b"not": b"!", b"compl": b"~",
}  # fmt: skip
"""Alternative tokens of C++ (C++20 lex.digraph)."""
_NOT_MACROS = frozenset(_SPELLING) | {b"defined", b"__has_include", b"__has_include_next"}


class SyntaxProblemError(Exception):
    """The tokens are not an expression that this parser follows."""


class _Parser:
    """Precedence climbing over a list of tokens."""

    def __init__(self, tokens: tuple[bytes, ...]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def peek(self) -> bytes:
        return self.tokens[self.at] if self.at < len(self.tokens) else b""

    def take(self) -> bytes:
        token = self.peek()
        if not token:
            raise SyntaxProblemError
        self.at += 1
        return token

    def expect(self, token: bytes) -> None:
        if self.take() != token:
            raise SyntaxProblemError

    def whole(self) -> Node:
        node = self.comma()
        if self.peek():
            raise SyntaxProblemError
        return node

    def comma(self) -> Node:
        node = self.conditional()
        while self.peek() == b",":
            self.at += 1
            node = self.conditional()
        return node

    def conditional(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxProblemError
        node = self.binary(1)
        if self.peek() == b"?":
            self.at += 1
            yes = self.comma()
            self.expect(b":")
            node = Conditional(node, yes, self.conditional())
        self.depth -= 1
        return node

    def binary(self, lowest: int) -> Node:
        left = self.unary()
        chain = 0
        while (level := _LEVELS.get(self.peek(), 0)) >= lowest:
            chain += 1
            if chain > MAX_DEPTH:  # the tree leans left: as deep as the chain is long
                raise SyntaxProblemError
            operator = self.take()
            operator = _SPELLING.get(operator, operator)
            right = self.binary(level + 1)
            if operator == b"&&":
                left = And(left, right)
            elif operator == b"||":
                left = Or(left, right)
            else:
                left = Binary(operator, left, right)
        return left

    def unary(self) -> Node:
        operators = []
        while self.peek() in (b"!", b"-", b"+", b"~", b"not", b"compl"):
            operator = self.take()
            operators.append(_SPELLING.get(operator, operator))
        if len(operators) > MAX_DEPTH:
            raise SyntaxProblemError
        node = self.primary()
        for operator in reversed(operators):
            node = Unary(operator, node)
        return node

    def primary(self) -> Node:
        token = self.take()
        if token == b"(":
            node = self.comma()
            self.expect(b")")
            return node
        if token == b"defined":
            return self.defined()
        if token[:1].isdigit() or token[:1] in b".'":
            return Constant(character(token) if token[:1] == b"'" else number(token))
        if not is_name(token):
            raise SyntaxProblemError
        return self.named(token)

    def named(self, token: bytes) -> Node:
        if self.peek()[:1] == b"'":
            self.at += 1
            return UNKNOWN_VALUE  # L'a' and the like: widths differ
        if self.peek() == b"(":
            return self.call(token)
        return Name(token)

    def defined(self) -> Node:
        token = self.take()
        if token == b"(":
            token = self.take()
            self.expect(b")")
        if not is_name(token):
            raise SyntaxProblemError
        return Defined(token)

    def call(self, name: bytes) -> Node:
        start = self.at + 1
        level = 0
        while True:
            token = self.take()
            level += (token == b"(") - (token == b")")
            if not level:
                break
        inside = self.tokens[start : self.at - 1]
        if name in (b"__has_include", b"__has_include_next"):
            return _has_include(name, inside)
        return Call(name)


def _has_include(operator: bytes, inside: tuple[bytes, ...]) -> Node:
    """Return the node of a header test whose argument is the tokens `inside`."""
    if operator == b"__has_include_next" or not inside:
        return UNKNOWN_VALUE  # which header is next depends on the search path
    if inside[0][:1] == b'"' and len(inside) == 1:
        return HasInclude(inside[0][1:-1], angled=False)
    if inside[0] == b"<" and inside[-1] == b">":
        return HasInclude(b"".join(inside[1:-1]), angled=True)
    return UNKNOWN_VALUE


@lru_cache(maxsize=4096)
def parse(tokens: tuple[bytes, ...]) -> Node:
    """Return the expression that `tokens` spell; what is not one has an unknown value."""
    try:
        return _Parser(tokens).whole()
    except SyntaxProblemError:
        return UNKNOWN_VALUE


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of one `#if`, `#ifdef`, ... read once and evaluated for each target."""

    tokens: tuple[bytes, ...]
    node: Node
    text: str
    """As written, blanks reduced; `defined(X)` for `#ifdef X`."""
    names: frozenset[bytes]
    """The macros that it mentions."""

    @property
    def is_disjunction(self) -> bool:
        """Whether its text needs parentheses beside `&&`."""
        return isinstance(self.node, (Or, Conditional))

    def value(self, known: Knowledge) -> Value:
        """Return the value, None where it is not known. Never raises."""
        try:
            return self.node.value(known)
        except NeedsExpansionError:
            pass
        try:
            return parse(expand(self.tokens, known)).value(known)
        except (TooComplexError, NeedsExpansionError):
            return None

    def truth(self, known: Knowledge) -> Truth:
        """Return whether the condition holds."""
        value = self.value(known)
        if value is None:
            return Truth.UNKNOWN
        return Truth.TRUE if value else Truth.FALSE


@lru_cache(maxsize=4096)
def condition(text: bytes) -> Condition:
    """Return the condition that `text` (one logical line, without the directive) spells."""
    tokens = tokenize(text)
    shown = " ".join(text.decode("utf-8", "replace").split())
    names = frozenset(t for t in tokens if is_name(t) and t not in _NOT_MACROS)
    return Condition(tokens, parse(tokens), shown, names)


@lru_cache(maxsize=4096)
def definedness(name: bytes, negated: bool) -> Condition:
    """Return the condition of `#ifdef name`, or of `#ifndef name` if `negated`."""
    node: Node = Defined(name)
    tokens: tuple[bytes, ...] = (b"defined", b"(", name, b")")
    if negated:
        node, tokens = Unary(b"!", node), (b"!", *tokens)
    shown = ("!" if negated else "") + f"defined({name.decode('utf-8', 'replace')})"
    return Condition(tokens, node, shown, frozenset((name,)))
