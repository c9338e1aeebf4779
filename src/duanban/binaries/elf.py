"""Reads the metadata of ELF files: what they need, their symbol versions, their interpreter.

Follows the program headers, as the dynamic loader does, so that files whose section headers were
stripped read the same; files without program headers have no dynamic part. Layout and numbers:
System V ABI and <elf.h>. Reads a few blocks of the file, never the whole, and survives any input.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from duanban.binaries.header import identify
from duanban.binaries.interface import ElfFile, VersionNeed

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SONAME = 0, 1, 5, 14
_DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFE, 0x6FFFFFFF
_BLOCK = 4096
_MOST_PROGRAM_HEADERS = 1024
_LARGEST_PROGRAM_HEADER = 256
_MOST_BLOCKS = 256
_MOST_DYNAMIC_BYTES = 1 << 18
_MOST_VERSIONS = 10_000
_LONGEST_STRING = 4096

ReadAt = Callable[[int, int], bytes]
"""Gives up to `size` bytes from `offset`; fewer at the end of the file."""


def read_elf(source: str | Path | bytes) -> ElfFile | None:
    """Return the metadata of an ELF file given by path or content; None if it is not one.

    What is damaged or cut off is named in `ElfFile.damaged`, never raised.

    Raises:
        OSError: the path cannot be opened, or is not a regular file.
    """
    if isinstance(source, bytes):
        return _read(lambda offset, size: source[offset : offset + size])
    handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"not a regular file: {source}")
        return _read(_Blocks(handle).read)
    finally:
        os.close(handle)


class _Blocks:
    """A file read in blocks that are kept; unlike a memory map, it survives a file that shrinks."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._blocks: dict[int, bytes] = {}

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        number, start = divmod(offset, _BLOCK)
        if start + size <= _BLOCK:
            return self._block(number)[start : start + size]
        return self._pread(size, offset)

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            block = self._blocks[number] = self._pread(_BLOCK, number * _BLOCK)
        return block

    def _pread(self, size: int, offset: int) -> bytes:
        try:
            return os.pread(self._handle, size, offset)
        except (OSError, OverflowError):  # beyond what a file offset can be
            return b""


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


@dataclass(slots=True)
class _Layout:
    """How numbers stand in this file."""

    read: ReadAt
    order: str
    wide: bool
    segments: list[_Segment]
    damaged: list[str]

    def place(self, address: int) -> int | None:
        """Return the file offset of a virtual address; None if no loaded segment holds it."""
        for segment in self.segments:
            if (
                segment.kind == _PT_LOAD
                and segment.address <= address < segment.address + segment.size
            ):
                return segment.offset + address - segment.address
        return None

    def string(self, offset: int) -> str:
        """Return the NUL-terminated string at a file offset, cut at a fixed length."""
        size = _BLOCK - offset % _BLOCK
        text = self.read(offset, size)
        end = text.find(b"\0")
        if end < 0:
            text = self.read(offset, _LONGEST_STRING)
            end = text.find(b"\0")
        if end < 0:
            self.damaged.append("string")
            return ""
        return text[:end].decode("utf-8", "replace")


def _read(read: ReadAt) -> ElfFile | None:
    head = read(0, 64)
    header = identify(head)
    if header is None or header.format != "elf":
        return None
    order = "<" if header.little_endian else ">"
    layout = _Layout(read, order, header.bits == 64, [], [])
    flags = _program_headers(layout, head)
    interpreter = ""
    dynamic = _Dynamic()
    for segment in layout.segments:
        if segment.kind == _PT_INTERP and segment.size:
            interpreter = layout.string(segment.offset)
        elif segment.kind == _PT_DYNAMIC and segment.size:
            dynamic = _dynamic(layout, segment)
    kind = "executable" if header.kind == "shared" and interpreter else header.kind
    return ElfFile(
        machine=header.machine,
        bits=header.bits,
        little_endian=header.little_endian,
        kind=kind,
        os_abi=head[7],
        flags=flags,
        interpreter=interpreter,
        soname=dynamic.soname,
        needed=dynamic.needed,
        versions=dynamic.versions,
        damaged=tuple(dict.fromkeys(layout.damaged)),
    )


def _program_headers(layout: _Layout, head: bytes) -> int:
    """Fill in the segments and return `e_flags`."""
    place = struct.Struct(layout.order + ("32xQ8xI2xHH" if layout.wide else "28xI4xI2xHH"))
    entry = struct.Struct(layout.order + ("I4xQQ8xQ16x" if layout.wide else "III4xI12x"))
    if len(head) < place.size:
        layout.damaged.append("header")
        return 0
    start, flags, size, count = place.unpack_from(head)
    if not count:
        return int(flags)
    if not entry.size <= size <= _LARGEST_PROGRAM_HEADER:
        layout.damaged.append("program headers")
        return int(flags)
    count = min(count, _MOST_PROGRAM_HEADERS)
    table = layout.read(start, size * count)
    if len(table) < size * count:
        layout.damaged.append("program headers")
    for offset in range(0, len(table) - entry.size + 1, size):
        layout.segments.append(_Segment(*entry.unpack_from(table, offset)))
    return int(flags)


@dataclass(frozen=True, slots=True)
class _Dynamic:
    soname: str = ""
    needed: tuple[str, ...] = ()
    versions: tuple[VersionNeed, ...] = ()


def _dynamic(layout: _Layout, segment: _Segment) -> _Dynamic:
    """Return soname, needed libraries and wanted versions from the dynamic segment."""
    entry = struct.Struct(layout.order + ("QQ" if layout.wide else "II"))
    table = layout.read(segment.offset, min(segment.size, _MOST_DYNAMIC_BYTES))
    table = table[: len(table) - len(table) % entry.size]
    needed: list[int] = []
    tags: dict[int, int] = {}
    for tag, value in entry.iter_unpack(table):
        if tag == _DT_NULL:
            break
        if tag == _DT_NEEDED:
            needed.append(value)
        else:
            tags.setdefault(tag, value)
    else:
        layout.damaged.append("dynamic segment")
    strings = layout.place(tags.get(_DT_STRTAB, 0)) if _DT_STRTAB in tags else None
    if strings is None:
        if needed:
            layout.damaged.append("string table")
        return _Dynamic()
    soname = layout.string(strings + tags[_DT_SONAME]) if _DT_SONAME in tags else ""
    names = tuple(layout.string(strings + value) for value in needed)
    versions: tuple[VersionNeed, ...] = ()
    if _DT_VERNEED in tags:
        start = layout.place(tags[_DT_VERNEED])
        if start is None:
            layout.damaged.append("version needs")
        else:
            versions = _version_needs(layout, start, tags.get(_DT_VERNEEDNUM, 0), strings)
    return _Dynamic(soname, names, versions)


def _version_needs(
    layout: _Layout, offset: int, count: int, strings: int
) -> tuple[VersionNeed, ...]:
    """Walk `Elf_Verneed` and its `Elf_Vernaux`; steps only lead forward and are counted."""
    need_entry = struct.Struct(layout.order + "HHIII")
    want_entry = struct.Struct(layout.order + "IHHII")
    needs: list[VersionNeed] = []
    budget = _MOST_VERSIONS
    while count > 0 and budget > 0:
        count -= 1
        raw = layout.read(offset, need_entry.size)
        if len(raw) < need_entry.size:
            layout.damaged.append("version needs")
            break
        _, wants, library, want, step = need_entry.unpack(raw)
        versions: list[str] = []
        place = offset + want
        for _ in range(wants):
            budget -= 1
            raw = layout.read(place, want_entry.size)
            if len(raw) < want_entry.size or budget < 0:
                layout.damaged.append("version needs")
                break
            _, _, _, name, next_step = want_entry.unpack(raw)
            versions.append(layout.string(strings + name))
            if not next_step:
                break
            place += next_step
        needs.append(VersionNeed(layout.string(strings + library), tuple(versions)))
        if not step:
            break
        offset += step
        budget -= 1
    return tuple(needs)
