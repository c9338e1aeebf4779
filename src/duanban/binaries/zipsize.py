"""Tells how large a zip file's directory says it is, before it is read into memory.

Layout: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, NamedTuple

_END = struct.Struct("<4s6xHII2x")  # signature, members in all, directory bytes, directory offset
_LOCATOR = struct.Struct("<4s4xQ4x")
_END64 = struct.Struct("<4s28xQQ8x")
_LONGEST_COMMENT = 65_535


class DirectorySize(NamedTuple):
    """What the end of a zip file says."""

    members: int
    bytes: int


def directory_size(stream: BinaryIO) -> DirectorySize | None:
    """Return the size that the end record claims; None where there is none that is sound."""
    end = stream.seek(0, os.SEEK_END)
    start = max(0, end - 22 - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read(end - start)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + _END.size:
        return None
    _, members, size, _ = _END.unpack_from(tail, place)
    claimed = DirectorySize(members, size)
    if place >= _LOCATOR.size:
        signature, offset = _LOCATOR.unpack_from(tail, place - _LOCATOR.size)
        if signature == b"PK\x06\x07":
            claimed = _zip64(stream, offset) or claimed
    return claimed if claimed.bytes <= end else None


def _zip64(stream: BinaryIO, offset: int) -> DirectorySize | None:
    if offset >= 1 << 62:
        return None
    stream.seek(offset)
    raw = stream.read(_END64.size)
    if len(raw) < _END64.size or raw[:4] != b"PK\x06\x06":
        return None
    _, members, size = _END64.unpack(raw)
    return DirectorySize(members, size)
