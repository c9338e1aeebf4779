"""Chains of conditions in Python, whose blocks are told by their indentation.

Only chains that speak of a machine, or ask what the compiler can do, are kept: what other tests
decide is the program's affair, and code under them is taken to be there.
"""

from __future__ import annotations

import re

from duanban.scan.build.chains import MAX_NESTING, Branch, Chain
from duanban.scan.build.names import mentions

_KEYWORD = re.compile(rb"(if|elif|else)\b[ \t]*")
_ASKS = re.compile(
    rb"(?i)\b(?:test|try|check|has|can|supports?|probe|detect|accepts?)_?\w*"
    rb"(?:compil|flag|option|argument|simd|intrin|isa|sse|avx)\w*[ \t]*\("
)
_SPACES = bytes(10 if c == 10 else 32 for c in range(256))
_BRACKET = re.compile(rb"[()\[\]{}:\n]")
_LONG_STRING = re.compile(rb"\"\"\"|'''")
_PREFIXES = (b"", b"r", b"R", b"u", b"b")
LONGEST_TEST = 4000


def indented_chains(code: bytes, text: bytes) -> list[Chain]:
    """Return the chains of a Python file that name a machine or ask a compiler, outer before inner.

    Args:
        code: the file with comments and the contents of strings blanked.
        text: the same with the contents of strings, of the same length.
    """
    found: list[Chain] = []
    open_chains: list[tuple[int, Chain]] = []
    offset, behind, last = 0, 0, 0
    for number, line in enumerate(code.split(b"\n"), 1):
        start, offset = offset, offset + len(line) + 1
        body = line.lstrip()
        if not body or start < behind:  # blank, or the rest of a test
            continue
        indent = len(line) - len(body)
        keyword = _KEYWORD.match(body)
        word = keyword[1] if keyword else b""
        while open_chains and (
            open_chains[-1][0] > indent
            or (open_chains[-1][0] == indent and word not in (b"elif", b"else"))
        ):
            _end(open_chains.pop()[1], last)
        if keyword is not None:
            begin = start + indent + keyword.end()
            behind = _colon(code, begin)
            branch = Branch(
                text[begin:behind].strip(),
                number,
                first_line=number + code.count(b"\n", begin, behind) + 1,
                is_default=word == b"else",
            )
            if word == b"if" and len(open_chains) < MAX_NESTING:
                open_chains.append((indent, Chain([branch], line=number)))
                found.append(open_chains[-1][1])
            elif word != b"if" and open_chains and open_chains[-1][0] == indent:
                chain = open_chains[-1][1]
                chain.branches[-1].end_line = last
                chain.branches.append(branch)
        last = number
    for _, chain in open_chains:
        _end(chain, last)
    return [chain for chain in found if any(map(_counts, chain.branches))]


def _end(chain: Chain, line: int) -> None:
    chain.branches[-1].end_line = chain.end_line = line


def _counts(branch: Branch) -> bool:
    """Return whether a test names a machine, or asks the compiler."""
    return next(mentions(branch.test), None) is not None or _ASKS.search(branch.test) is not None


def _colon(code: bytes, start: int) -> int:
    """Return where the colon stands that ends a test, or the line does."""
    depth = 0
    for match in _BRACKET.finditer(code, start, start + LONGEST_TEST):
        byte = match[0]
        if byte in b"([{":
            depth += 1
        elif byte in b")]}":
            depth -= 1
        elif depth <= 0 and (byte == b":" or code[match.start() - 1 : match.start()] != b"\\"):
            return match.start()
    return min(len(code), start + LONGEST_TEST)


def without_prose(code: bytes, strings: bytes) -> bytes:
    """Return `strings` without docstrings: what they name is told to readers, not to the program.

    Args:
        code: the file with comments and the contents of strings blanked.
        strings: only the strings, of the same length.
    """
    parts, at = [], 0
    while (opening := _LONG_STRING.search(strings, at)) is not None:
        start = opening.start()
        closing = strings.find(opening[0], opening.end())
        end = closing + 3 if closing >= 0 else len(strings)
        is_prose = code[code.rfind(b"\n", 0, start) + 1 : start].strip() in _PREFIXES
        inside = strings[start:end]
        parts += [strings[at:start], inside.translate(_SPACES) if is_prose else inside]
        at = end
    return b"".join((*parts, strings[at:]))
