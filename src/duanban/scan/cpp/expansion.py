"""Macro expansion of a condition as text, within a budget.

Follows C17 6.10.3 for object-like macros and for function-like ones whose call stands wholly in
the condition, with `##` between names and numbers. What goes further (`#`, variable arguments, a
call that begins in a body and ends outside) is refused, so that the value stays unknown rather
than wrong.
"""

from __future__ import annotations

from duanban.scan.cpp.knowledge import Definition, Knowledge
from duanban.scan.cpp.tokens import is_name, tokenize

_BUDGET = 4000
"""Tokens that one expansion may write."""
_MAX_DEPTH = 40


class TooComplexError(Exception):
    """The expansion is beyond what is followed here."""


def expand(tokens: tuple[bytes, ...], known: Knowledge) -> tuple[bytes, ...]:
    """Return `tokens` with every macro whose body is known replaced.

    Raises:
        TooComplexError: it would take too long, or needs what is not followed here.
    """
    return _Expansion(known).run(tokens, frozenset())


class _Expansion:
    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.budget = _BUDGET

    def run(self, tokens: tuple[bytes, ...], active: frozenset[bytes]) -> tuple[bytes, ...]:
        if len(active) > _MAX_DEPTH:
            raise TooComplexError
        out: list[bytes] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            self.budget -= 1
            if self.budget < 0:
                raise TooComplexError
            if token == b"defined":
                end = _operand_end(tokens, at)
                out += (token, *tokens[at:end])
                at = end
                continue
            fact = self.known.fact(token)
            if token in active or not isinstance(fact, Definition) or fact.body is None:
                out.append(token)
                continue
            body = tokenize(fact.body)
            if fact.params is not None:
                if tokens[at : at + 1] != (b"(",):
                    raise TooComplexError
                arguments, at = _arguments(tokens, at + 1)
                body = self.substitute(fact.params, body, arguments, active)
            out += self.run(body, active | {token})
        return tuple(out)

    def substitute(
        self,
        params: tuple[bytes, ...],
        body: tuple[bytes, ...],
        arguments: list[tuple[bytes, ...]],
        active: frozenset[bytes],
    ) -> tuple[bytes, ...]:
        """Return `body` with `params` replaced by the expanded `arguments`."""
        if not params and arguments == [()]:
            arguments = []
        known_form = b"#" not in body and not any(p.endswith(b"...") for p in params)
        if not known_form or len(params) != len(arguments):
            raise TooComplexError
        raw = dict(zip(params, arguments, strict=True))
        out: list[bytes] = []
        for at, token in enumerate(body):
            if token == b"##":
                continue
            pasted = at > 0 and body[at - 1] == b"##"
            if pasted or body[at + 1 : at + 2] == (b"##",):
                part = raw.get(token, (token,))  # operands of ## are not expanded before
            elif token in raw:
                part = self.run(raw[token], active)
            else:
                part = (token,)
            self.budget -= len(part)
            if self.budget < 0:
                raise TooComplexError
            if pasted:
                part = _paste(out, part)
            out += part
        return tuple(out)


def _paste(out: list[bytes], part: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return `part` with its first token joined to the last of `out`, which it is taken from.

    Raises:
        TooComplexError: an operand is empty, or what comes out is not one token.
    """
    if not out or not part:
        raise TooComplexError
    joined = tokenize(out.pop() + part[0])
    if len(joined) != 1 or (not is_name(joined[0]) and not joined[0][:1].isdigit()):
        raise TooComplexError
    return (*joined, *part[1:])


def _operand_end(tokens: tuple[bytes, ...], at: int) -> int:
    """Return where the operand of `defined` ends that begins at `at`."""
    return at + 3 if tokens[at : at + 1] == (b"(",) else at + 1


def _arguments(tokens: tuple[bytes, ...], at: int) -> tuple[list[tuple[bytes, ...]], int]:
    """Return the arguments of a call whose `(` stands before `at`, and the place after `)`."""
    arguments: list[tuple[bytes, ...]] = []
    start, level = at, 1
    while at < len(tokens):
        token = tokens[at]
        level += (token == b"(") - (token == b")")
        if not level or (token == b"," and level == 1):
            arguments.append(tokens[start:at])
            start = at + 1
        at += 1
        if not level:
            return arguments, at
    raise TooComplexError
