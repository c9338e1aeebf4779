"""Preprocessing tokens of `#if` conditions and macro bodies (C17 6.4)."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TOKENS = 500
"""Longer conditions and bodies are not evaluated: their value stays unknown."""

SPLICE = re.compile(rb"\\[ \t\r]*+\n")
"""A backslash that joins a line to the next; blanks after it are tolerated as gcc and clang do."""

_TOKEN = re.compile(
    rb"""[A-Za-z_$][\w$]*+
    | \.?[0-9](?:[eEpP][+-]|[\w.]|'\w)*+
    | '(?:[^'\\\n]|\\.)*+'
    | "(?:[^"\\\n]|\\.)*+"
    | <<|>>|<=|>=|==|!=|&&|\|\||\#\#
    | [^\s\w]""",
    re.VERBOSE,
)
_NAME = re.compile(rb"[A-Za-z_$][\w$]*+")


@lru_cache(maxsize=4096)
def tokenize(text: bytes) -> tuple[bytes, ...]:
    """Return the tokens of `text`, white space dropped; too many give none but `b"?"`.

    Prefixed character constants (`L'a'`) come as two tokens, the prefix first.
    """
    if len(text) > 8 * MAX_TOKENS:
        return (b"?",)
    tokens = tuple(_TOKEN.findall(text))
    return tokens if len(tokens) <= MAX_TOKENS else (b"?",)


def is_name(token: bytes) -> bool:
    """Return whether `token` is an identifier."""
    return _NAME.fullmatch(token) is not None


def join_lines(text: bytes) -> bytes:
    """Return `text` with line splices removed and line ends inside comments made blanks."""
    if b"\\" in text:
        text = SPLICE.sub(b"", text)
    return text.replace(b"\v", b" ").strip()
