"""Statements of build files: where they begin, what stands open, where a setting can be put."""

from __future__ import annotations

import re

from duanban.answers.work import Text

_LOOK_BACK = 60
"""Lines above in which an open parenthesis is looked for."""
_STRING = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'")
_GOES_ON = re.compile(rb"(?:else|elif|except|finally)\b|[)\]}]")
_OUTPUT = re.compile(rb"^AC_OUTPUT\b", re.MULTILINE)
_PYTHON_IMPORT = re.compile(rb"(?:import|from)[ \t]+[\w.]")


def statement(text: Text, line: int) -> int:
    """Return the first line of the statement, or of the rule, that a line belongs to."""
    while line > 1:
        above = text.span(line - 1, line - 1).rstrip()
        here = text.span(line, line)
        continues = above.endswith(b"\\")
        if text.language == "make":
            continues = continues or here.startswith(b"\t")
        elif text.language in ("cmake", "meson", "python"):
            continues = continues or not is_balanced(text, line)
        if not continues:
            break
        line -= 1
    return line


def is_balanced(text: Text, line: int) -> bool:
    """Return whether no parenthesis or bracket is open where a line begins."""
    first = max(1, line - _LOOK_BACK)
    depth = 0
    for number in range(line - 1, first - 1, -1):
        code = re.sub(rb"#[^\n]*", b"", _STRING.sub(b"", text.span(number, number)))
        for sign in reversed(code):
            depth += (sign in b")]") - (sign in b"([")
            if depth < 0:
                return False
        if not depth and code.strip() and not code[:1].isspace():
            return True
    return True


def outside_strings(code: bytes) -> bytes:
    """Return code of a build file without strings and without `#` that begin no comment."""
    return re.sub(rb"\"[^\"\n]*\"|'[^'\n]*'|\$[{(]?#|\\#", b"", code)


def setting_line(text: Text, line: int) -> int:
    """Return the line before which a variable that a line uses can be set.

    That is where its statement begins; in Python the end of the imports above, or the statement
    outside of any block.
    """
    first = statement(text, line)
    if text.language != "python":
        return first
    for above in range(first - 1, 0, -1):
        if _PYTHON_IMPORT.match(text.span(above, above)) and is_balanced(text, above):
            return _behind(text, above)
    while first > 1 and _is_inside(text.span(first, first)):
        first -= 1
    return first


def _is_inside(line: bytes) -> bool:
    return line[:1] in (b" ", b"\t", b"\n", b"\r", b"#") or _GOES_ON.match(line) is not None


def _behind(text: Text, line: int) -> int:
    """Return the line behind the statement that begins at a line."""
    line += 1
    while line <= len(text.lines) and statement(text, line) < line:
        line += 1
    return line


def before_output(text: Text) -> int:
    """Return the offset in a configure.ac behind which it only writes; -1 for none."""
    found = list(_OUTPUT.finditer(text.data))
    return found[-1].start() if found else -1
