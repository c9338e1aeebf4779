"""What a match must be part of: shapes of code that no expression alone can tell.

A rule with a `shape` finds candidates by its patterns; here it is asked whether the code around a
candidate is what the rule is about. All of it goes by the looks of one file, without a parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Others = Callable[[int], bool]
"""Whether what stands at an offset is compiled for other machines only."""

_NAME = rb"(?:[A-Za-z_]\w*(?:->|\.|::))*[A-Za-z_]\w*"
_TEST = re.compile(
    rb"(?:if|while)\s*\(\s*(?:!\s*(" + _NAME + rb")|(" + _NAME + rb")(?:\s*[!=]=\s*\w+)?)\s*\)"
)
_LOCKS = re.compile(rb"(?<![bcBC])(?i:lock)|(?i:mutex|guard|critical)")
_UNSET = re.compile(rb"\s*==\s*(?:NULL|nullptr|0|false|[A-Z][A-Z0-9_]+)\s*\)")
_ORDERS = re.compile(rb"(?i:barrier|fence|atomic|__sync|smp_|release|acquire|\b[rw]?mb\s*\()")
_POINTER = re.compile(rb"\(\s*\*\s*(?:const\s+|volatile\s+)?(\w+)\s*\)")
_OPENING, _CLOSING = b"{}"
NEAR = 120
"""Bytes around a store or a loop in which something may order it."""
WINDOW = 500
"""Bytes from the first test of a double-checked variable to the second."""
BODY = 4000
"""Bytes in which a function begins before a place, and in which it stores after it."""


def holds(shape: str, code: bytes, at: int, for_others: Others) -> bool:
    """Return whether the candidate at `at` has the shape.

    Args:
        shape: one of `SHAPES`.
        code: of the file, comments and strings blanked.
        at: where the candidate begins.
        for_others: says what is compiled for other machines only.
    """
    return SHAPES[shape](code, at, for_others)


def _double_checked(code: bytes, at: int, _: Others) -> bool:
    """`if (!x) { lock(); if (!x) x = …; }`, where `x` is shared and no atomic variable."""
    first = _TEST.match(code, at)
    if first is None or not (first[1] or _UNSET.match(code, first.end(2))):
        return False
    name: bytes = first[1] or first[2]
    again = re.compile(rb"\bif\s*\(\s*!?\s*" + re.escape(name) + rb"\s*(?:\)|==)")
    second = again.search(code, first.end(), first.end() + WINDOW)
    if second is None:
        return False
    between = code[first.end() : second.start()]
    if b"}" in between or not 1 <= between.count(b";") <= 3 or not _LOCKS.search(between):
        return False
    stored = re.compile(rb"(?<![\w.>])" + re.escape(name) + rb"\s*=(?!=)")
    store = stored.search(code, second.end(), second.end() + BODY)
    if store is None or _ORDERS.search(code, store.start() - NEAR, store.start()) is not None:
        return False
    return not _is_local(code, at, name) and not _is_atomic(code, name)


def _waited_for(code: bytes, at: int, _: Others) -> bool:
    """`while (!x);`, where `x` is volatile and stored to in the same file."""
    test = _TEST.match(code, at)
    if test is None or _ends_do(code, at):
        return False
    name = _last(test[1] or test[2])
    word = re.escape(name)
    declared = re.compile(
        rb"\bvolatile\b[^;(){}\n*]*\b" + word + rb"\s*(?:[;=,\[]|$)", re.MULTILINE
    )
    if declared.search(code) is None or _is_atomic(code, name):
        return False
    if _ORDERS.search(code, test.end(), test.end() + NEAR) is not None:
        return False
    stored = re.compile(rb"\b" + word + rb"\s*=(?!=)[^;]*;|\b" + word + rb"\s*(?:\+\+|--)")
    stores = [found.start() for found in stored.finditer(code)]
    plain = [found for found in stores if _ORDERS.search(code, found - NEAR, found) is None]
    declarations = len(declared.findall(code))
    return len(plain) == len(stores) > 0 and len(stores) >= declarations


def _only_others_fill(code: bytes, at: int, for_others: Others) -> bool:
    """Tell `static int (*f)(int);`, called, and assigned in branches for other machines only."""
    found = _POINTER.search(code, at)
    if found is None or for_others(at):
        return False
    word = re.escape(found[1])
    assigned = re.compile(rb"(?<![\w.>])" + word + rb"\s*=(?!=)\s*&?[A-Za-z_]")
    stores = [one.start() for one in assigned.finditer(code, found.end())]
    if not stores or not all(map(for_others, stores)):
        return False
    called = re.compile(rb"(?<![\w.>])" + word + rb"\s*\(|\(\s*\*\s*" + word + rb"\s*\)\s*\(")
    calls = (one.start() for one in called.finditer(code, found.end()))
    return any(not for_others(call) for call in calls)


def _ends_do(code: bytes, at: int) -> bool:
    """Return whether a `while` is the end of `do { … }`."""
    before = code[max(0, at - BODY) : at].rstrip()
    if not before.endswith(b"}"):
        return False
    depth = 0
    for place in range(len(before) - 1, -1, -1):
        depth += (before[place] == _CLOSING) - (before[place] == _OPENING)
        if not depth:
            return before[:place].rstrip().endswith(b"do")
    return False


def _is_local(code: bytes, at: int, name: bytes) -> bool:
    """Return whether a variable is one of the function's own, which no other thread sees."""
    if name != _last(name):
        return False
    begin = max(0, at - BODY, code.rfind(b"\n{", 0, at), code.rfind(b"\n}", 0, at))
    declared = re.compile(
        rb"(?:^|[;{(,])\s*(static\b)?(?!\s*(?:return|else|goto|delete)\b)(?:[\w:<>]+[\s*&]+)+"
        + re.escape(name)
        + rb"\s*(?:[;=,)\[])",
        re.MULTILINE,
    )
    found = declared.search(code, begin, at)
    return found is not None and not found[1] and b"static" not in found[0]


def _is_atomic(code: bytes, name: bytes) -> bool:
    declared = rb"(?i:atomic|thread_local|__thread)[^;{}\n]*\b" + re.escape(_last(name)) + rb"\b"
    return re.search(declared, code) is not None


def _last(name: bytes) -> bytes:
    return re.split(rb"->|\.|::", name)[-1]


SHAPES: Mapping[str, Callable[[bytes, int, Others], bool]] = {
    "double-checked": _double_checked,
    "waited-for": _waited_for,
    "only-others-fill": _only_others_fill,
}
"""Shapes that rules may name."""
