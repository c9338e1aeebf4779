"""Lines that define the size of a page as a constant, once they are for the target."""

from __future__ import annotations

import re

from duanban.answers.work import Text
from duanban.targets.interface import Target

PAGE = re.compile(rb"(?i)page_?(?:size|shift|mask|bits)")
SMALL = 4096
PAGES = "kernels of {target} have pages of {size} bytes"
"""What is assumed where a constant becomes the target's."""
_VALUE = re.compile(
    rb"(?P<size>\b(?:4096|0x1000)|\b4[ \t]*\*[ \t]*1024|\b1[uUlL]*[ \t]*<<[ \t]*12)[uUlL]*\b"
    rb"|(?P<mask>\b(?:4095|0x0*fff))[uUlL]*\b|(?P<shift>\b12)[uUlL]*\b|(?P<named>\w*4K(?:i?B)?\w*)"
)
_DEFINE = re.compile(rb"([ \t]*#[ \t]*define[ \t]+\w+[ \t]+)([^\n]*\n?)")


def page_size(target: Target) -> int:
    """Return the size that the target's kernels are built with; 0 where there are several."""
    sizes = target.platform.page_sizes
    return sizes[0] if len(sizes) == 1 else 0


def paged(text: Text, body: bytes, target: Target) -> bytes | None:
    """Return lines with the target's page size in place of 4096; None where that cannot be said."""
    if not PAGE.search(body) or target.platform.page_sizes == (SMALL,):
        return body
    size = page_size(target)
    if not size:
        return None
    lines = []
    for line in body.splitlines(keepends=True):
        made: bytes | None = line
        if PAGE.search(line):
            match = _DEFINE.fullmatch(line)
            value = match and _value(text, match[2], size)
            made = match[1] + value if match and value else None
        if made is None:
            return None
        lines.append(made)
    return b"".join(lines)


def _value(text: Text, value: bytes, size: int) -> bytes | None:
    match = _VALUE.search(value)
    if match is None:
        return None
    if match["named"]:
        new = match["named"].replace(b"4K", b"%dK" % (size // 1024))
        if not re.search(rb"#[ \t]*define[ \t]+%s\b" % new, text.data):
            return None
    elif match["size"]:
        new = b"%d" % size
    else:
        new = b"0x%x" % (size - 1) if match["mask"] else b"%d" % (size.bit_length() - 1)
    group = match.lastgroup or "size"
    return value[: match.start(group)] + new + value[match.end(group) :]
