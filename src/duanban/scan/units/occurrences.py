"""Whether a name in C code is used or declared at a place, told by what stands around it.

A generous reading: what cannot be told from a declaration is one.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_LAST_WORD = re.compile(rb"([A-Za-z_$][\w$]*+)\Z")
_REACH = 300
_LINE = 2_000
"""Characters of a line that are looked at."""
_IS_WORD_OR_POINTER = re.compile(rb"[A-Za-z_$*]")
_STATEMENT = frozenset(
    (b"return", b"else", b"case", b"throw", b"delete", b"new", b"sizeof", b"do", b"and", b"or",
     b"not", b"co_return", b"co_yield", b"typeof", b"__typeof__", b"__typeof", b"alignof",
     b"_Alignof")
)  # fmt: skip
_TAGS = frozenset((b"struct", b"union", b"enum", b"class", b"goto", b"namespace", b"typename"))
_DECLARATOR = re.compile(rb"[\s\w$*]*[\w$][\s\w$]*\*[\s*]*")
"""Words and asterisks: a declaration, or a product."""
_LIST = re.compile(
    rb"[ \t]*+(?!(?:return|case|throw|delete|new|else|goto)\b)"
    rb"(?:[A-Za-z_$][\w$:]*+[ \t*&]++)+[\w$*]++(?:\[\w*+\])?[ \t]*+(?:=[^,;(]*+)?"
    rb"(?:,[ \t*]*+[\w$]++(?:\[\w*+\])?[ \t]*+(?:=[^,;(]*+)?)*+,[ \t*]*+"
)
"""A declaration of several names, up to one of the later ones."""
_INVOCATION = re.compile(rb"(?!(?:if|for|while|switch|return|sizeof)\b)[A-Za-z_$][\w$]*+[ \t]*+\(")


class Occurrence(Enum):
    """What a name does at a place."""

    USE = auto()
    DECLARATION = auto()
    MEMBER = auto()
    """A member of something: `p->NAME`."""
    OTHER = auto()
    """A tag, a label, or something else that needs no declaration of the name."""


def occurrence(text: bytes, start: int, end: int) -> Occurrence:
    """Return what the name at `start` to `end` of the code `text` does there."""
    before = text[max(0, start - _REACH) : start].rstrip()
    first = text[end : end + _REACH].lstrip()[:1]
    if before.endswith((b"->", b".")) and not before.endswith(b"..."):
        return Occurrence.MEMBER
    if _is_other(before, first):
        return Occurrence.OTHER
    line = max(text.rfind(b"\n", 0, start) + 1, start - _LINE)
    word = _LAST_WORD.search(before)
    if line < start and _INVOCATION.match(text, line):
        declares = True  # at the first column, the call of a macro that may declare anything
    elif word is not None:
        declares = word[1] not in _STATEMENT and not _IS_WORD_OR_POINTER.match(first)
    else:
        declares = _is_declarator(before, first, text[line:start])
    return Occurrence.DECLARATION if declares else Occurrence.USE


def _is_other(before: bytes, first: bytes) -> bool:
    if before.endswith((b"::", b"~", b"#", b"@")):
        return True
    word = _LAST_WORD.search(before)
    if word is not None:
        return word[1] in _TAGS
    return first == b":" and (not before or before[-1:] in b";{}")  # a label


def _is_declarator(before: bytes, first: bytes, line: bytes) -> bool:
    """Return whether what stands before a name, no word, may belong to a declaration of it."""
    last = before[-1:]
    if last in (b"*", b"&"):
        begin = max(before.rfind(c) for c in (b";", b"{", b"}", b"(", b",", b"=")) + 1
        return _DECLARATOR.fullmatch(before[begin:].replace(b"&", b"*")) is not None
    if last == b",":
        return _LIST.fullmatch(line) is not None
    return last == b">" and first in (b";", b",", b"=", b"(", b"{", b"[", b")")
