"""What can still be read of a ZIP archive whose directory is missing or broken."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from duanban.locate.unpack_zip import moment
from duanban.locate.writer import CHUNK, Writer

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_DESCRIPTOR = b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8


def salvage(path: Path, writer: Writer) -> None:
    """Write the members that local file headers lead to, up to the first that cannot be read.

    A deflated member ends where its data says; a stored one needs its size in the header.

    Raises:
        UnpackError: a limit is passed.
    """
    with path.open("rb") as file:
        while (header := _read_header(file)) is not None:
            name, method, size, mtime, encrypted = header
            if encrypted or method not in (_STORED, _DEFLATED):
                writer.skip(name, "encrypted or compressed in a way that is not supported")
                file.seek(size, 1)
            elif name.endswith("/"):
                writer.directory(name)
            else:
                chunks = _stored(file, size) if method == _STORED else _deflated(file)
                try:
                    writer.file(name, chunks, executable=False, mtime=mtime)
                    for _ in chunks:  # of a refused member: to get to the next
                        pass
                except (EOFError, zlib.error) as error:
                    writer.skip(name, f"cut off: {error}")
                    return
            _pass_descriptor(file)


def _read_header(file: IO[bytes]) -> tuple[str, int, int, float, bool] | None:
    raw = file.read(_HEADER.size)
    if len(raw) < _HEADER.size:
        return None
    magic, _, flags, method, time, date, _, size, _, name_size, extra = _HEADER.unpack(raw)
    name = file.read(name_size)
    if magic != b"PK\x03\x04" or len(name) < name_size:
        return None
    file.seek(extra, 1)
    when = (
        (date >> 9) + 1980, (date >> 5) & 15, date & 31,
        time >> 11, (time >> 5) & 63, (time & 31) * 2,
    )  # fmt: skip
    text = name.decode("utf-8", "surrogateescape") if flags & 0x800 else name.decode("cp437")
    return text.replace("\\", "/"), method, size, moment(when), bool(flags & 1)


def _stored(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(size, CHUNK))
        if not chunk:
            raise EOFError("the file ends early")
        size -= len(chunk)
        yield chunk


def _deflated(file: IO[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-15)
    pending = b""
    while not decoder.eof:
        pending = pending or file.read(CHUNK)
        if not pending:
            raise EOFError("the file ends early")
        yield decoder.decompress(pending, CHUNK)
        pending = decoder.unconsumed_tail
    file.seek(-len(decoder.unused_data), 1)


def _pass_descriptor(file: IO[bytes]) -> None:
    """Step over the checksum and sizes that follow a member whose header left them out."""
    at = file.tell()
    if file.read(4) == _DESCRIPTOR:
        file.seek(12, 1)
    else:
        file.seek(at)
