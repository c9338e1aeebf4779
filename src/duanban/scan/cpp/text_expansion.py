"""Macro expansion of pieces of C as text, spaces and all.

Follows C17 6.10.3 with arguments, `#`, `##` and `__VA_ARGS__`, and joins adjacent strings
(5.1.1.2). `expansion.py` expands conditions: it has no use for spaces and strings, and refuses what
it cannot be sure of, since a wrong value is worse there than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from duanban.scan.cpp.knowledge import Definition

Macros = Mapping[bytes, Definition]

MAX_TOKENS = 8_000
"""Tokens that one statement may come to."""

_TOKEN = re.compile(
    rb"""[A-Za-z_$][\w$]*+ | \.?[0-9][\w.]*+ | "(?:[^"\\]|\\.)*+" | '(?:[^'\\\n]|\\.)*+'
    | \#\# | (?:\s|\\\n)++ | .""",
    re.VERBOSE | re.DOTALL,
)


class _TooLongError(Exception):
    """A text comes to more tokens than are followed."""


def expanded(text: bytes, macros: Macros) -> bytes:
    """Return `text` with its macros replaced and adjacent strings joined; nothing if too long.

    Args:
        text: of C.
        macros: by name.
    """
    try:
        return b"".join(_joined(_Expansion(macros).run(_tokens(text), frozenset())))
    except _TooLongError:
        return b""


def _tokens(text: bytes) -> list[bytes]:
    return [
        b" " if token[:1].isspace() or token[:1] == b"\\" else token
        for token in _TOKEN.findall(text)
    ]


def _joined(tokens: list[bytes]) -> Iterator[bytes]:
    """Yield tokens with strings that stand beside each other made one."""
    string = b""
    for token in tokens:
        if token[:1] == b'"':
            string = string[:-1] + token[1:] if string else token
        elif token != b" " or not string:
            if string:
                yield string
                string = b""
            yield token
    if string:
        yield string


class _Expansion:
    def __init__(self, macros: Macros) -> None:
        self._macros = macros
        self._left = MAX_TOKENS

    def run(self, tokens: list[bytes], active: frozenset[bytes]) -> list[bytes]:
        out: list[bytes] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            self._left -= 1
            if self._left < 0:
                raise _TooLongError
            fact = None if token in active else self._macros.get(token)
            if fact is None or fact.body is None:
                out.append(token)
            elif fact.params is None:
                out += self.run(_tokens(fact.body), active | {token})
            else:
                called = _arguments(tokens, at)
                if called is None:
                    out.append(token)
                    continue
                arguments, at = called
                body = self._substitute(fact.params, _tokens(fact.body), arguments, active)
                out += self.run(body, active | {token})
        return out

    def _substitute(
        self,
        params: tuple[bytes, ...],
        body: list[bytes],
        arguments: list[list[bytes]],
        active: frozenset[bytes],
    ) -> list[bytes]:
        given = _bound(params, arguments)
        out: list[bytes] = []
        at = 0
        while at < len(body):
            token = body[at]
            after = _next(body, at + 1)
            if token == b"#" and after < len(body) and body[after] in given:
                out.append(b'"' + _written(given[body[after]]) + b'"')
                at = after + 1
                continue
            if token == b"##" and after < len(body):
                while out and out[-1] == b" ":
                    out.pop()
                part = given.get(body[after], [body[after]])
                out[-1:] = [(out[-1] if out else b"") + b"".join(part[:1]), *part[1:]]
                at = after + 1
                continue
            if token in given:
                is_pasted = after < len(body) and body[after] == b"##"
                out += given[token] if is_pasted else self.run(given[token], active)
            else:
                out.append(token)
            at += 1
        return out


def _next(tokens: list[bytes], at: int) -> int:
    while at < len(tokens) and tokens[at] == b" ":
        at += 1
    return at


def _written(tokens: list[bytes]) -> bytes:
    """Return an argument as a string's contents (C17 6.10.3.2)."""
    return b"".join(
        token.replace(b"\\", b"\\\\").replace(b'"', b'\\"') if token[:1] in b"\"'" else token
        for token in tokens
    )


def _bound(params: tuple[bytes, ...], arguments: list[list[bytes]]) -> dict[bytes, list[bytes]]:
    """Return the arguments by parameter; what is left over belongs to a variable one."""
    given: dict[bytes, list[bytes]] = {}
    for number, param in enumerate(params):
        if param.endswith(b"..."):
            rest = arguments[number:]
            joined = [token for part in rest for token in (b",", *part)][1:]
            given[param[:-3].strip() or b"__VA_ARGS__"] = joined
        else:
            given[param] = arguments[number] if number < len(arguments) else []
    return given


def _arguments(tokens: list[bytes], at: int) -> tuple[list[list[bytes]], int] | None:
    """Return the arguments of a call and the place behind it; None if none begins at `at`."""
    at = _next(tokens, at)
    if at >= len(tokens) or tokens[at] != b"(":
        return None
    arguments: list[list[bytes]] = [[]]
    level = 1
    for place in range(at + 1, len(tokens)):
        token = tokens[place]
        level += (token == b"(") - (token == b")")
        if not level:
            return [_stripped(one) for one in arguments], place + 1
        if token == b"," and level == 1:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return None


def _stripped(tokens: list[bytes]) -> list[bytes]:
    first, last = 0, len(tokens)
    while first < last and tokens[first] == b" ":
        first += 1
    while last > first and tokens[last - 1] == b" ":
        last -= 1
    return tokens[first:last]
