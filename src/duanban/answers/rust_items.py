"""Items of Rust under an attribute that names a machine: where they end, and which count.

`#[cfg(target_arch = "aarch64")]` and the item below are one row of a table; the attribute alone
says nothing, and two of them over one item mean both machines at once.
"""

from __future__ import annotations

import re

from duanban.answers.work import Text

LONGEST = 40
"""Lines of an item at most."""
_ATTRIBUTE = re.compile(rb"[ \t]*#!?\[")
_STRING_OR_REMARK = re.compile(rb'"(?:[^"\\\n]|\\.)*"|//[^\n]*')
_ENDS_IN_SEMICOLON = re.compile(
    rb"[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:let|const(?![ \t]+(?:fn|unsafe)\b)|static|use|type)\b"
)
_OF_OTHERS = re.compile(rb"\bnot\s*\(\s*(?:any\s*\(\s*)?target_arch")
_OTHER_SYSTEM = re.compile(rb'target_os\s*=\s*"(?!linux")|[(,]\s*windows\b')


def is_attribute(code: bytes) -> bool:
    """Return whether a line begins with an attribute."""
    return _ATTRIBUTE.match(code) is not None


def has_form(text: Text, rust: str) -> bool:
    """Return whether a file has something for the target: by its name, or as one of all others.

    Args:
        text: of Rust.
        rust: the target's name there.
    """
    named = rb"target_arch\s*=\s*\"%s\"" % rust.encode()
    return bool(_OF_OTHERS.search(text.data) or re.search(named, text.data))


def item_end(text: Text, line: int) -> int:
    """Return the last line of the item below the attribute of a line; 0 if it is no row.

    It is none if it is for another system, or does not end here.
    """
    first = _behind_attributes(text, line)
    attributes = text.span(line, first - 1)
    if _OTHER_SYSTEM.search(attributes):
        return 0
    start = text.span(first, first)
    wants_semicolon = _ENDS_IN_SEMICOLON.match(start) is not None
    depth = 0
    for number in range(first, min(len(text.lines), first + LONGEST) + 1):
        for byte in _STRING_OR_REMARK.sub(b"", text.span(number, number)):
            depth += (byte in b"([{") - (byte in b")]}")
            closed = byte == ord("}") and not wants_semicolon
            if depth == 0 and (byte in b";," or closed):
                return number
            if depth < 0:
                return 0
    return 0


def _behind_attributes(text: Text, line: int) -> int:
    """Return the first line behind the attributes that begin at a line."""
    last = min(len(text.lines), line + LONGEST)
    depth = 0
    while line <= last and (depth > 0 or is_attribute(text.span(line, line))):
        code = _STRING_OR_REMARK.sub(b"", text.span(line, line))
        depth += code.count(b"[") - code.count(b"]")
        line += 1
    return line
