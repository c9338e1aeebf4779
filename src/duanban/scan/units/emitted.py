"""Functions that a unit keeps to itself and never uses: no code is made of them.

Compilers drop a `static` or `inline` function that nothing uses, and with it all that only the
assembler would refuse. Told by names, without types: whatever mentions a function uses it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from duanban.scan.units.names import Uses
from duanban.scan.units.visits import Visit

_WORD = re.compile(rb"[A-Za-z_$][\w$]*+")
_MARK = re.compile(rb"[{};]")
_OPEN = re.compile(rb"\bnamespace\b|\bextern\s*+\"")
"""What stands before a brace that holds declarations."""
_NAME = re.compile(rb"(?!__attribute|__declspec|alignas)(?<![\w$])([A-Za-z_$][\w$]*+)\s*+\(")
_PARAMETERS = re.compile(rb"\)[\s\w]*+(?:\(\([^()]*+\)\))?\s*+\Z")
_OWN = frozenset((b"static", b"inline", b"__inline", b"__inline__"))
_KEPT = frozenset(
    (b"extern", b"used", b"__used__", b"constructor", b"__constructor__", b"destructor",
     b"__destructor__", b"naked", b"__naked__")
)  # fmt: skip
"""Words of a function that is kept all the same."""


@dataclass(frozen=True, slots=True)
class _Function:
    name: bytes
    first: int
    """Line of its head, as `last` is of its end."""
    last: int
    words: frozenset[bytes]
    """What its body mentions."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a file has of a unit."""

    own: tuple[_Function, ...]
    """Functions of the unit alone, in order."""
    others: frozenset[bytes]
    """Names that stand anywhere else."""
    users: Mapping[bytes, Sequence[bytes]]
    """Per name the functions of the unit alone that mention it."""


class Emission:
    """Tells which places of a unit come to the assembler.

    Args:
        visits: of the unit.
    """

    def __init__(self, visits: Sequence[Visit]) -> None:
        self._visits = list({id(visit): visit for visit in visits}.values())

    def is_emitted(self, visit: Visit, line: int) -> bool:
        """Return whether code is made of a line of the unit, as far as it can be told."""
        own = self._layout(visit).own
        at = bisect_right([function.first for function in own], line) - 1
        return at < 0 or line > own[at].last or own[at].name in self._used

    @cached_property
    def _used(self) -> Uses:
        layouts = [self._layout(visit) for visit in self._visits]
        return Uses(
            [one.others for one in layouts],
            [*(one.users for one in layouts), *(one.live_words.users for one in self._visits)],
        )

    @cached_property
    def _own_words(self) -> frozenset[bytes]:
        """The words, and macros for such, that make a function one of the unit alone."""
        found = set(_OWN)
        for _ in range(2):
            found.update(
                name
                for visit in self._visits
                for name, body in visit.live_words.bodies
                if not found.isdisjoint(body)
            )
        return frozenset(found)

    def _layout(self, visit: Visit) -> _Layout:
        own_words = self._own_words & visit.live_words.used
        key = (_Layout, visit.live, own_words)
        return visit.file.keep(key, lambda: _layout_of(visit, own_words))


def _layout_of(visit: Visit, own_words: frozenset[bytes]) -> _Layout:
    pieces = list(visit.file.pieces(visit.live))
    code = b"".join(text for text, _ in pieces)
    starts, total = [], 0
    for text, _ in pieces:
        starts.append(total)
        total += len(text)

    def line_of(offset: int) -> int:
        at = bisect_right(starts, offset) - 1
        return visit.file.line_of(pieces[at][1] + offset - starts[at])

    own: list[_Function] = []
    others: set[bytes] = set()
    for head, body, begin, end in _passages(code):
        words = frozenset(_WORD.findall(head))
        name = _NAME.search(head) if _PARAMETERS.search(head) else None
        is_own = not own_words.isdisjoint(words) and _KEPT.isdisjoint(words)
        if name is None or not is_own:
            others.update(words, _WORD.findall(body))
        elif body:
            first = line_of(begin + len(head) - len(head.lstrip()))
            function = _Function(name[1], first, line_of(end), frozenset(_WORD.findall(body)))
            own.append(function)
    users: dict[bytes, list[bytes]] = defaultdict(list)
    for function in own:
        for word in function.words:
            users[word].append(function.name)
    return _Layout(tuple(own), frozenset(others), users)


def _passages(code: bytes) -> Iterable[tuple[bytes, bytes, int, int]]:
    """Return the declarations of a file: what stands before a body, the body, where they lie.

    All is one passage where braces do not match.
    """
    found = list(_declarations(code))
    return found if found and found[-1][3] == len(code) else [(code, b"", 0, len(code))]


def _declarations(code: bytes) -> Iterator[tuple[bytes, bytes, int, int]]:
    begin = depth = opening = 0
    for match in _MARK.finditer(code):
        mark, at = match[0], match.start()
        if mark == b"{":
            if not depth and _OPEN.search(code, begin, at):
                begin = at + 1
                continue
            opening = opening if depth else at
            depth += 1
        elif mark == b"}" and depth:
            depth -= 1
            if not depth:
                yield code[begin:opening], code[opening:at], begin, at
                begin = at + 1
        elif not depth:  # a declaration, or the end of what `extern "C" {` began
            yield code[begin:at], b"", begin, at
            begin = at + 1
    if not depth:
        yield code[begin:], b"", begin, len(code)
