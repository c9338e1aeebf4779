"""Decompression as a stream of bytes with limits on memory and growth.

Formats are recognised by their first bytes: gzip (RFC 1952), bzip2, xz (the .xz file format 1.2),
zstd (RFC 8878) and LZ4 frames (lz4_Frame_format.md of the LZ4 project).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Protocol

from duanban.locate.writer import CHUNK, MIB, Limits, check_ratio

if TYPE_CHECKING:
    from typing_extensions import Buffer
MEMORY = 256 * MIB
"""Window or dictionary that a stream may ask for: `xz -9` needs 65 MiB, `zstd --ultra` 128 MiB."""


class DamagedError(Exception):
    """A stream that ends early or breaks its format; the text says how."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's gzip decoder with the interface that bz2 and lzma have."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))


class _Members(io.RawIOBase):
    """The concatenated members of a gzip, bzip2 or xz file."""

    def __init__(self, source: IO[bytes], make: Callable[[], _Decompressor]) -> None:
        self._source = source
        self._make = make
        self._decoder: _Decompressor | None = make()
        self._pending = b""
        self._first = True

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill `buffer` as far as one step allows; return the count, 0 at the end."""
        with memoryview(buffer) as view:
            data = self._some(len(view))
            view[: len(data)] = data
            return len(data)

    def _some(self, size: int) -> bytes:
        while self._decoder is not None:
            if self._decoder.eof:
                self._next_member()
                continue
            wants = self._decoder.needs_input
            fed = (self._pending or self._source.read(CHUNK)) if wants else b""
            if wants and not fed:
                raise EOFError("the compressed stream ends early")
            self._pending = b""
            data = self._decoder.decompress(fed, size)
            if data:
                return data
        return b""

    def _next_member(self) -> None:
        """Go on after the end of a member; zero bytes and foreign bytes there are padding."""
        assert self._decoder is not None
        rest = self._decoder.unused_data.lstrip(b"\0")
        rest = rest or self._source.read(CHUNK).lstrip(b"\0")
        magic = len(rest) >= 2 and compression(rest) is not None
        self._decoder = self._make() if magic else None
        self._pending = rest


class Guarded(io.RawIOBase):
    """A decompressed stream that stops at the limits and has one kind of error.

    Raises:
        DamagedError: on read, where the compressed data is broken or cut off.
        UnpackError: on read, where it grows out of proportion.
    """

    def __init__(self, inner: IO[bytes], packed_bytes: int, limits: Limits) -> None:
        self._inner = inner
        self._packed = max(packed_bytes, 1)
        self._limits = limits
        self._count = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        import lzma  # noqa: PLC0415

        import zstandard  # noqa: PLC0415

        parts: list[bytes] = []
        wanted = size if size >= 0 else 1 << 62
        while wanted > 0:
            try:
                part = self._inner.read(min(wanted, CHUNK))
            except MemoryError:
                raise DamagedError("asks for too much memory to decompress") from None
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
                raise DamagedError(str(error)) from error
            except zstandard.ZstdError as error:
                raise DamagedError(str(error)) from error
            if not part:
                break
            self._count += len(part)
            check_ratio(self._count, self._packed, self._limits)
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


def compression(start: bytes) -> str | None:
    """Return the name of the compression that a file with these first bytes has, if any."""
    for magic, name in (
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x04\x22\x4d\x18", "lz4"),
    ):
        if start.startswith(magic):
            return name
    return None


def decompressed(source: IO[bytes], packed_bytes: int, limits: Limits) -> Guarded:
    """Return the bytes of `source`, decompressed if it is compressed.

    Args:
        source: a seekable binary file at its beginning.
        packed_bytes: its size.
        limits: the growth that is allowed.
    """
    start = source.read(6)
    source.seek(-len(start), io.SEEK_CUR)
    return Guarded(_decoder(source, compression(start)), packed_bytes, limits)


def _decoder(source: IO[bytes], kind: str | None) -> IO[bytes]:
    if kind == "gzip":
        return io.BufferedReader(_Members(source, _Gzip), CHUNK)
    if kind == "bzip2":
        import bz2  # noqa: PLC0415

        return io.BufferedReader(_Members(source, bz2.BZ2Decompressor), CHUNK)
    if kind == "xz":
        import lzma  # noqa: PLC0415

        def xz() -> _Decompressor:
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)

        return io.BufferedReader(_Members(source, xz), CHUNK)
    if kind == "zstd":
        import zstandard  # noqa: PLC0415

        decoder = zstandard.ZstdDecompressor(max_window_size=MEMORY)
        return decoder.stream_reader(source, read_across_frames=True, closefd=False)
    if kind == "lz4":
        from duanban.locate.lz4 import Frames  # noqa: PLC0415

        return io.BufferedReader(Frames(source), CHUNK)
    return source
