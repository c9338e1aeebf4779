"""Functions that C files define, and where they are called: by their looks, without a parser.

A definition is a name at the left margin, its arguments and a brace; a call is an indented name
before a parenthesis. Code that is laid out otherwise is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.readers import CSource
from duanban.scan.regex import Pattern, compile_pattern

ASSEMBLER = (".S", ".s", ".asm")
_BODY = re.compile(rb"\)[ \t\r\n]*\{")
_NAME = re.compile(rb"([A-Za-z_][\w:]*)[ \t\r\n]*\Z")
_WORDS = frozenset((b"if", b"for", b"while", b"switch", b"main", b"defined", b"catch"))
_OWN = re.compile(rb"\b(?:static|STATIC|inline)\b")
_GLOBAL = re.compile(rb"^[ \t]*\.glob(?:a)?l[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_LONGEST_HEAD = 2000
"""Bytes from a function's name to its brace."""
_SHORTEST = 4
"""Letters of a name that is worth asking for; shorter ones are common by chance."""


def defined(path: str, text: bytes) -> set[bytes]:
    """Return the names of the functions that other files can call.

    Args:
        path: whose ending says whether it is C or assembler.
        text: of the file.
    """
    if path.endswith(ASSEMBLER):
        return {name for name in _GLOBAL.findall(text) if len(name) >= _SHORTEST}
    return {name for name, head in _heads(CSource(text).code) if not _OWN.search(head)}


def _heads(code: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and the words before it of each function with a body."""
    for body in _BODY.finditer(code):
        opening = _opening(code, body.start())
        found = _NAME.search(code, max(0, opening - 200), opening) if opening > 0 else None
        if found is None or found[1] in _WORDS or len(found[1]) < _SHORTEST:
            continue
        if b":" in found[1]:  # a method: calls do not name its class
            continue
        line = code.rfind(b"\n", 0, found.start(1)) + 1
        if code[line : line + 1].isspace():
            continue
        # The type may stand on the line before.
        before = max(code.rfind(b"\n", 0, max(0, line - 1)), code.rfind(b"}", 0, line)) + 1
        yield found[1], code[before : found.start(1)]


def _opening(code: bytes, closing: int) -> int:
    """Return where the parenthesis begins that ends at `closing`; -1 if it is not near."""
    depth = 0
    for at in range(closing, max(-1, closing - _LONGEST_HEAD), -1):
        byte = code[at]
        if byte == 0x29:
            depth += 1
        elif byte == 0x28:
            depth -= 1
            if not depth:
                return at
        elif byte in b";{}":
            return -1
    return -1


class Names:
    """Some functions that are looked for in other files."""

    def __init__(self, names: Iterable[bytes]) -> None:
        one_of = b"|".join(sorted(names))
        self._any: Pattern = compile_pattern(rb"\b(?:" + one_of + rb")\b")
        self._called: Pattern = compile_pattern(rb"^[ \t].*?\b(" + one_of + rb")[ \t]*\(")
        self._macro: Pattern = compile_pattern(rb"^[ \t]*#[ \t]*define[ \t]+(" + one_of + rb")\b")

    def occur_in(self, text: bytes) -> bool:
        """Return whether one of the names stands in the text."""
        return self._any.search(text) is not None

    def defined_in(self, path: str, text: bytes) -> set[bytes]:
        """Return those that the file defines, as a function of its own or as a macro."""
        code = text if path.endswith(ASSEMBLER) else CSource(text).code
        macros = {name for match in self._macro.finditer(code) if (name := match.group(1))}
        return macros | defined(path, text) | {name for name, _ in _heads(code)}

    def calls(self, text: bytes, environment: MacroEnvironment) -> dict[bytes, int]:
        """Return where each is called first, as a line, in code that is surely compiled."""
        source = CSource(text)
        found: dict[bytes, int] = {}
        sure = [one for one in source.regions(environment) if one.state is Truth.TRUE]
        lines = {line for region in sure for line in range(region.line, region.end_line + 1)}
        for match in self._called.finditer(source.code):
            line = source.code.count(b"\n", 0, match.start(1)) + 1
            name = match.group(1)
            if name and line in lines:
                found.setdefault(name, line)
        return found


def alike(parts: Iterable[Set[bytes]]) -> set[bytes]:
    """Return the names that most of `parts`, and two at least, have in common."""
    each = [part for part in parts if part]
    if len(each) < 2:
        return set()
    enough = max(2, -(-len(each) * 3 // 5))
    every = set[bytes]().union(*each)
    return {name for name in every if sum(name in part for part in each) >= enough}
