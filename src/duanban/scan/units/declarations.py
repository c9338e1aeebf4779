"""What a file declares outside of functions: told from its tokens, without knowing any type.

C cannot be parsed without its headers, but a declaration at file scope can be read off its form:
words, then the name, then what can follow a name (C17 6.7 and 6.9, and what C++ adds). Bodies of
functions are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

_TOKEN = re.compile(rb"[A-Za-z_$][\w$]*+|[{}();,=\[:*]|\"")
_ASIDE = frozenset(
    (b"__attribute__", b"__attribute", b"__declspec", b"alignas", b"_Alignas", b"__asm__", b"asm",
     b"__asm", b"_Static_assert", b"static_assert", b"decltype", b"typeof", b"__typeof__")
)  # fmt: skip
"""Words whose parentheses hold no declaration."""
_ACCESS = frozenset((b"public", b"private", b"protected", b"default"))
_RECORDS = frozenset((b"struct", b"union", b"class"))
NEVER_DECLARED = frozenset(
    (b"const", b"volatile", b"static", b"extern", b"inline", b"__inline", b"__inline__", b"int",
     b"char", b"short", b"long", b"unsigned", b"signed", b"float", b"double", b"void", b"struct",
     b"union", b"enum", b"class", b"typedef", b"register", b"auto", b"public", b"private",
     b"protected", b"operator", b"return", b"template", b"typename", b"using", b"namespace",
     b"virtual", b"explicit", b"friend", b"constexpr", b"noexcept", b"override", b"final",
     b"restrict", b"__restrict", b"__restrict__", b"__extension__", b"_Noreturn", b"bool", b"_Bool",
     b"default", b"delete", b"if", b"else", b"for", b"while", b"do", b"switch", b"case",
     b"goto", b"break", b"continue", b"sizeof", b"this", b"new")
)  # fmt: skip
"""Words that are never declared."""


class Scope(Enum):
    """What a pair of braces holds."""

    FILE = auto()
    """Declarations: the file itself, `extern "C" {`, a namespace."""
    ENUM = auto()
    RECORD = auto()
    """Members of a structure, union or class."""
    BODY = auto()
    """Statements or an initializer: nothing that is seen from outside."""


@dataclass(slots=True)
class _Declaration:
    """The declaration that is being read."""

    words: list[bytes] = field(default_factory=list)
    last: tuple[bytes, int] | None = None
    """The last word that can be a name, and where it stands."""
    named: bool = False
    """The present declarator has its name."""
    has_parameters: bool = False
    has_value: bool = False
    """An initializer has begun: what stands in it is no name."""
    follows_record: bool = False
    inherits: bool = False
    """A list of base classes has begun."""


class _Reader:
    def __init__(self) -> None:
        self.found: list[tuple[bytes, int, bool]] = []
        self.scopes = [Scope.FILE]
        self.parens = 0
        self.aside = 0
        """Depth of parentheses at which a passage that declares nothing ends; 0: none."""
        self.now = _Declaration()
        self.outer: list[_Declaration] = []
        self.before = b""
        self.is_linkage = False

    def take(self, token: bytes, at: int) -> None:
        scope = self.scopes[-1]
        if token == b"{":
            self._open(scope)
        elif token == b"}":
            self._close()
        elif scope is Scope.BODY:
            pass
        elif scope is Scope.ENUM:
            if self.before in (b"{", b",") and token not in (b",", b"="):
                self.found.append((token, at, False))
        elif token == b"(":
            self._parenthesis()
        elif token == b")":
            self.parens = max(0, self.parens - 1)
            if self.parens < self.aside:
                self.aside = 0
        elif self.parens:
            if token not in b"*,;=[:" and self.before == b"*" and not self.now.has_parameters:
                self._name(token, at)  # (*NAME)
        else:
            self._declare(token, at)
        self.before = token

    def _declare(self, token: bytes, at: int) -> None:
        now = self.now
        if token == b";":
            self._end_declarator()
            self.now = _Declaration()
        elif token == b",":
            self._end_declarator()
            now.named = now.has_value = now.has_parameters = False
            now.last = None
        elif token == b'"':
            self.is_linkage = now.words[-1:] == [b"extern"]
        elif token == b":" and now.words[-1:] and now.words[-1] in _ACCESS:
            self.now = _Declaration()
        elif token == b":" and not now.has_value and not _RECORDS.isdisjoint(now.words):
            now.inherits = True
        elif token in (b"=", b"[", b":"):
            self._end_declarator()
            now.has_value = now.words[-1:] != [b"operator"]
        elif token != b"*" and not now.has_value and not now.inherits:
            now.words.append(token)
            if token not in NEVER_DECLARED and token not in _ASIDE:
                now.last = (token, at)

    def _name(self, name: bytes, at: int) -> None:
        if name not in NEVER_DECLARED:
            self.now.named = True
            self.found.append((name, at, self.scopes[-1] is Scope.RECORD))

    def _end_declarator(self) -> None:
        now = self.now
        is_list = len(now.words) > 1 or now.follows_record
        if now.last is not None and is_list and not now.named and not now.has_value:
            self._name(*now.last)

    def _parenthesis(self) -> None:
        self.parens += 1
        now = self.now
        if self.aside:
            return
        if self.before in _ASIDE:
            self.aside = self.parens
        elif self.parens == 1 and not now.named and not now.has_value:
            is_name = now.last is not None and self.before == now.last[0]
            if is_name and (len(now.words) > 1 or now.follows_record):
                assert now.last is not None
                self._name(*now.last)
                now.has_parameters = True

    def _open(self, scope: Scope) -> None:
        now = self.now
        kind = Scope.BODY
        if scope in (Scope.FILE, Scope.RECORD) and not self.parens and not now.has_value:
            words = now.words
            if b"namespace" in words or (self.is_linkage and words == [b"extern"]):
                kind = Scope.FILE
            elif b"enum" in words:
                kind = Scope.ENUM
                if now.last is not None and not _RECORDS.isdisjoint(words):  # `enum class NAME`
                    self.found.append((*now.last, False))
            elif not now.named and not _RECORDS.isdisjoint(words):
                kind = Scope.RECORD
                if now.last is not None:
                    self.found.append((*now.last, False))
        self.is_linkage = False
        self.scopes.append(kind)
        self.outer.append(now)
        self.now = _Declaration()

    def _close(self) -> None:
        if len(self.scopes) == 1:
            self.now = _Declaration()
            return
        kind = self.scopes.pop()
        before = self.outer.pop()
        if kind in (Scope.ENUM, Scope.RECORD):
            self.now = _Declaration(words=before.words, follows_record=True)
        elif before.has_value:
            self.now = before  # behind an initializer
        else:
            self.now = _Declaration()


def declared(texts: Iterable[tuple[bytes, int]]) -> list[tuple[bytes, int, bool]]:
    """Return the names that are declared at file scope, with their members and constants.

    Args:
        texts: pieces of a file's code in order, without directives, comments and the contents of
            strings, each with its offset in the file.

    Returns:
        Each name with its offset in the file, and whether it is a member.
    """
    reader = _Reader()
    for text, start in texts:
        for match in _TOKEN.finditer(text):
            reader.take(match[0], start + match.start())
    return reader.found
