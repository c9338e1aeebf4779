"""The portable form of a statement of inline assembly, as it stands in place of the statement."""

from __future__ import annotations

import re

from duanban.answers.guarded import Replacement, indentation
from duanban.answers.idioms import Portable
from duanban.answers.work import Text
from duanban.scan.readers import AsmStatement


def replacement(text: Text, statement: AsmStatement, portable: Portable) -> Replacement:
    """Return the portable form in place of the statement, indented as it is."""
    lines = portable.lines
    if len(lines) == 1:
        return Replacement(statement.start, statement.end, lines[0].rstrip(b";"))
    first = text.line(statement.start)
    margin = indentation(text, statement.start)
    step = b"\t" if margin.startswith(b"\t") or b"\n\t" in text.data else b"  "
    splice = _splice(text, first)
    body = b"".join(margin + step + line + splice + b"\n" for line in lines)
    new = b"do {" + splice + b"\n" + body + margin + b"} while (0)"
    return Replacement(statement.start, statement.end, new)


def _splice(text: Text, line: int) -> bytes:
    """Return what ends a line within a directive that goes on."""
    in_directive = re.match(rb"[ \t]*#", text.span(line, line)) is not None
    while line > 1 and re.search(rb"\\[ \t\r]*\n\Z", text.span(line - 1, line - 1)):
        line -= 1
        in_directive = re.match(rb"[ \t]*#", text.span(line, line)) is not None
    return b" \\" if in_directive else b""
