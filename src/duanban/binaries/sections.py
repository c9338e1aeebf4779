"""Reads named sections of an ELF file: what compilers and build tools leave in it for others."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Collection
from pathlib import Path

from duanban.binaries.header import identify

_MOST_SECTIONS = 4096
_LARGEST_NAMES = 1 << 20
_LONGEST_NAME = 64
_LARGEST_SECTION = 16 << 20
_NO_BITS = 8


def read_sections(path: Path, names: Collection[str]) -> dict[str, bytes]:
    """Return the content of those of the sections `names` that the file has.

    Sections of more than 16 MiB and damaged tables are left out.

    Raises:
        OSError: the path cannot be opened, or is not a regular file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"not a regular file: {path}")
        return _read(handle, {name.encode(): name for name in names})
    finally:
        os.close(handle)


def _read(handle: int, wanted: dict[bytes, str]) -> dict[str, bytes]:
    head = os.pread(handle, 64, 0)
    header = identify(head)
    if header is None or header.format != "elf":
        return {}
    order, wide = "<" if header.little_endian else ">", header.bits == 64
    place = struct.Struct(order + ("40xQ10xHHH" if wide else "32xI10xHHH"))
    entry = struct.Struct(order + ("II16xQQ24x" if wide else "II8xII16x"))
    if len(head) < place.size:
        return {}
    start, size, count, names_index = place.unpack_from(head)
    if size != entry.size or not 0 < count <= _MOST_SECTIONS or names_index >= count:
        return {}
    table = _pread(handle, size * count, start)
    if len(table) < size * count:
        return {}
    sections = list(entry.iter_unpack(table))
    _, _, offset, length = sections[names_index]
    texts = _pread(handle, min(length, _LARGEST_NAMES), offset)
    found: dict[str, bytes] = {}
    for name_at, kind, offset, length in sections:
        name = texts[name_at : name_at + _LONGEST_NAME].partition(b"\0")[0]
        if name in wanted and kind != _NO_BITS and 0 < length <= _LARGEST_SECTION:
            found[wanted[name]] = _pread(handle, length, offset)
    return found


def _pread(handle: int, size: int, offset: int) -> bytes:
    try:
        return os.pread(handle, size, offset)
    except (OSError, OverflowError):  # beyond what a file offset can be
        return b""
