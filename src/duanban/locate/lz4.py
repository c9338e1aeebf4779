"""LZ4 frames, decoded in Python: none of our dependencies reads them and few archives use them.

Follows lz4_Frame_format.md and lz4_Block_format.md of the LZ4 project. Checksums are passed over;
the archive inside has its own.
"""

from __future__ import annotations

import io
import struct
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer
_MAGIC = 0x184D2204
_SKIPPABLE = 0x184D2A50
_WINDOW = 1 << 16
_BLOCK_SIZES = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}


class Frames(io.RawIOBase):
    """The decoded bytes of one or more LZ4 frames.

    Raises:
        EOFError: on read, where the input ends early.
        ValueError: on read, where the input breaks the format.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._flags: int | None = None
        self._largest = 0
        self._history = b""
        self._ready = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill `buffer` as far as one step allows; return the count, 0 at the end."""
        with memoryview(buffer) as view:
            while not self._ready:
                if self._flags is None and not self._start_frame():
                    return 0
                self._next_block()
            part = self._ready[: len(view)]
            self._ready = self._ready[len(part) :]
            view[: len(part)] = part
            return len(part)

    def _exactly(self, count: int) -> bytes:
        data = self._source.read(count)
        if len(data) < count:
            raise EOFError("the LZ4 frame ends early")
        return data

    def _start_frame(self) -> bool:
        while True:
            word = self._source.read(4)
            if len(word) < 4:
                return False
            (magic,) = struct.unpack("<I", word)
            if magic & 0xFFFFFFF0 != _SKIPPABLE:
                break
            (size,) = struct.unpack("<I", self._exactly(4))
            self._source.seek(size, io.SEEK_CUR)
        if magic != _MAGIC:
            return False  # padding after the last frame
        flags, block = self._exactly(2)
        if flags >> 6 != 1 or (block >> 4) & 7 not in _BLOCK_SIZES:
            raise ValueError("not a version 1 LZ4 frame")
        self._largest = _BLOCK_SIZES[(block >> 4) & 7]
        self._exactly((8 if flags & 8 else 0) + (4 if flags & 1 else 0) + 1)
        self._flags = flags
        self._history = b""
        return True

    def _next_block(self) -> None:
        assert self._flags is not None
        (size,) = struct.unpack("<I", self._exactly(4))
        if size == 0:
            self._exactly(4 if self._flags & 4 else 0)
            self._flags = None
            return
        stored, size = bool(size >> 31), size & 0x7FFFFFFF
        if size > self._largest:
            raise ValueError("LZ4 block larger than its frame allows")
        data = self._exactly(size)
        if self._flags & 16:
            self._exactly(4)
        independent = bool(self._flags & 32)
        history = b"" if independent else self._history
        self._ready = data if stored else decode_block(data, history, self._largest)
        self._history = (history + self._ready)[-_WINDOW:]


def decode_block(data: bytes, history: bytes, limit: int) -> bytes:
    """Return the decoded bytes of one block.

    Args:
        data: the compressed block.
        history: up to 64 KiB that came before and may be referred to.
        limit: the size that the result may have.

    Raises:
        ValueError: the block breaks the format or is larger than `limit`.
    """
    out = bytearray(history)
    limit += len(history)
    at = 0
    try:
        while True:
            token = data[at]
            length, at = _length(data, at + 1, token >> 4)
            if at + length > len(data) or len(out) + length > limit:
                raise ValueError("LZ4 literals run past the end")
            out += data[at : at + length]
            at += length
            if at == len(data):
                return bytes(out[len(history) :])
            offset = data[at] | data[at + 1] << 8
            length, at = _length(data, at + 2, token & 15)
            length += 4
            if not 0 < offset <= len(out) or len(out) + length > limit:
                raise ValueError("LZ4 match outside the window")
            start = len(out) - offset
            piece = out[start : start + length]
            # A match may overlap what it writes: the piece then repeats.
            out += (piece * (length // len(piece) + 1))[:length]
    except IndexError:
        raise ValueError("LZ4 block ends early") from None


def _length(data: bytes, at: int, start: int) -> tuple[int, int]:
    """Return a length that begins with the four bits `start`, and where it ends."""
    length = start
    if start == 15:
        while True:
            byte = data[at]
            at += 1
            length += byte
            if byte != 255:
                break
    return length, at
