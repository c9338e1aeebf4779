"""Walks the members of an ar archive (static library), GNU and BSD flavour, by their headers.

Layout: ar(5); 60-byte member headers, two-byte alignment, BSD long names as `#1/LENGTH`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_HEADER = 60
_HEAD = 64
_LONGEST_NAME = 4096


def ar_members(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """Yield the first 64 bytes of each member, at most `most`; stops at the first damage."""
    offset = 8
    for _ in range(most):
        stream.seek(offset)
        header = stream.read(_HEADER)
        if len(header) < _HEADER or header[58:60] != b"`\n":
            return
        size = _number(header[48:58])
        if size is None:
            return
        skip = 0
        if header.startswith(b"#1/"):
            skip = _number(header[3:16]) or 0
            if skip > min(size, _LONGEST_NAME):
                return
        yield stream.read(skip + _HEAD)[skip : skip + min(_HEAD, size - skip)]
        offset += _HEADER + size + size % 2


def _number(field: bytes) -> int | None:
    digits = field.strip(b" ")
    return int(digits) if digits.isdigit() and digits.isascii() else None
