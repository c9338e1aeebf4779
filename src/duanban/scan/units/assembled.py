"""Inline assembly that macros put together: `#op " %%" #reg`, `LOCK "incl %0"`, `ASM("cpuid")`.

What stands in such a statement only shows once its macros are replaced, with the definitions that
hold in the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from duanban.model import Truth
from duanban.scan.cpp.knowledge import Definition
from duanban.scan.cpp.text_expansion import Macros, expanded
from duanban.scan.units.preprocess import UnitRun
from duanban.scan.units.visits import Visit

MAX_STATEMENTS = 200
"""Statements of one unit that are put together, all told."""
MAX_LENGTH = 8_000
"""Bytes of a macro's arguments."""
KEYWORDS = (b"asm", b"__asm", b"__asm__")

_QUALIFIERS = (
    rb"(?:[\s\\]++(?:__volatile__|__volatile|volatile|goto|inline|__inline__|__inline)(?![\w$]))*+"
    rb"(?:[\s\\]*+(?=\())?"
)
_PARENTHESIS = re.compile(rb"[()]")


def assembled(run: UnitRun) -> Iterator[tuple[str, int, bytes]]:
    """Yield path, line and text of the statements with macros that a unit surely compiles."""
    visits = list({id(visit): visit for visit in run.visits}.values())
    leading = _leading(visits)
    using = [visit for visit in visits if not visit.words.used.isdisjoint((*leading, *KEYWORDS))]
    macros = _definitions(visits) if using else {}
    seen: set[bytes] = set()
    for visit in using:
        for offset, text in _places(visit, leading & visit.words.used, macros):
            made = expanded(text, macros)
            if made not in seen and made != expanded(text, {}):
                seen.add(made)
                yield visit.path, visit.file.line_of(offset), made
            if len(seen) >= MAX_STATEMENTS:
                return


def _definitions(visits: Sequence[Visit]) -> dict[bytes, Definition]:
    """Return the macros that a unit surely defines; of several definitions the last."""
    found: dict[bytes, Definition] = {}
    for visit in visits:
        for step in visit.file.script.steps:
            fact = step.fact
            if isinstance(fact, Definition) and visit.state(step.line) is Truth.TRUE:
                found[step.name] = fact
    return found


def _leading(visits: Sequence[Visit]) -> set[bytes]:
    """Return the macros that lead to inline assembly."""
    found: set[bytes] = set()
    pending: list[bytes] = list(KEYWORDS)
    while pending:
        name = pending.pop()
        new = {user for visit in visits for user in visit.words.users.get(name, ())} - found
        found |= new
        pending += new
    return found


def _places(visit: Visit, wanted: set[bytes], macros: Macros) -> Iterator[tuple[int, bytes]]:
    """Yield offset and text of what leads to inline assembly in the code of a file."""
    names = b"|".join(re.escape(name) for name in (*KEYWORDS, *sorted(wanted)))
    use = re.compile(rb"(?<![\w$.>])(?:" + names + rb")(?![\w$])" + _QUALIFIERS)
    for code, start in visit.file.pieces(visit.sure):
        for match in use.finditer(code):
            begin, end = match.span()
            fact = macros.get(match[0])
            # A macro that is the keyword alone has a parenthesis behind it, like the keyword.
            stands_alone = fact is not None and fact.params is None and b"(" in (fact.body or b"")
            if not stands_alone:
                if code[end : end + 1] != b"(":
                    continue
                end = _closing(code, end)
            yield start + begin, visit.file.whole(start + begin, start + end)


def _closing(code: bytes, opening: int) -> int:
    level = 0
    for mark in _PARENTHESIS.finditer(code, opening, opening + MAX_LENGTH):
        level += 1 if mark[0] == b"(" else -1
        if not level:
            return mark.end()
    return opening
