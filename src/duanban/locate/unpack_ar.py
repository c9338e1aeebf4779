"""Debian binary packages: an ar archive of two tars (deb(5))."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from duanban.locate.streams import decompressed
from duanban.locate.unpack_tar import unpack_tar
from duanban.locate.writer import Limits, Writer

_MAGIC = b"!<arch>\n"
_HEADER = 60


def is_deb(start: bytes) -> bool:
    """Return whether these are the first bytes of a Debian package (not of a static library)."""
    return start.startswith(_MAGIC + b"debian-binary")


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    offset: int
    size: int


def unpack_deb(path: Path, writer: Writer, control: Writer, limits: Limits) -> None:
    """Write the package's files with `writer` and its control files with `control`.

    Raises:
        UnpackError: a limit is passed.
    """
    found = set()
    with path.open("rb") as file:
        for part in _parts(file):
            kind, _, _ = part.name.partition(".")
            if kind not in ("data", "control"):
                continue
            found.add(kind)
            window = io.BufferedReader(Window(file, part.offset, part.size))
            stream = decompressed(window, part.size, limits)
            unpack_tar(stream, writer if kind == "data" else control, name=part.name)
    for kind in sorted({"data", "control"} - found):
        writer.skip(f"{kind}.tar", "missing: the package is cut off or not a Debian package")


def _parts(file: IO[bytes]) -> Iterator[_Part]:
    """Give the members of the ar archive; a broken header ends it."""
    offset = len(_MAGIC)
    while True:
        file.seek(offset)
        header = file.read(_HEADER)
        digits = header[48:58].strip()
        if len(header) < _HEADER or header[58:] != b"`\n" or not digits.isdigit():
            return
        size = int(digits)
        name = header[:16].decode("ascii", "replace").rstrip(" /")
        yield _Part(name, offset + _HEADER, size)
        offset += _HEADER + size + size % 2


class Window(io.RawIOBase):
    """A part of a file as a seekable file of its own."""

    def __init__(self, file: IO[bytes], offset: int, size: int) -> None:
        self._file = file
        self._offset = offset
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to `offset`; never past either end."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = min(max(start + offset, 0), self._size)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` as far as one step allows; return the count, 0 at the end."""
        self._file.seek(self._offset + self._at)
        data = self._file.read(min(len(buffer), self._size - self._at))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
