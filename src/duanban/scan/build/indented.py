"""Chains of conditions in Python, whose blocks are told by their indentation.

Only chains that speak of a machine are kept: what other tests decide is the program's affair, and
code under them is taken to be there.
"""

from __future__ import annotations

import re

from duanban.scan.build.chains import MAX_NESTING, Branch, Chain
from duanban.scan.build.names import mentions

_KEYWORD = re.compile(rb"(if|elif|else)\b[ \t]*")
_BRACKET = re.compile(rb"[()\[\]{}:\n]")
LONGEST_TEST = 4000


def indented_chains(code: bytes, text: bytes) -> list[Chain]:
    """Return the chains of a Python file that name a machine, outer before inner.

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
    return [chain for chain in found if any(_names_machine(one) for one in chain.branches)]


def _end(chain: Chain, line: int) -> None:
    chain.branches[-1].end_line = chain.end_line = line


def _names_machine(branch: Branch) -> bool:
    return next(mentions(branch.test), None) is not None


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
