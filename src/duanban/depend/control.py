"""Reads the stanzas of Debian's `Packages` and `Sources` files (deb-control(5)), field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from duanban.locate.streams import DamagedError, Guarded, decompressed
from duanban.locate.writer import Limits
from duanban.model.errors import UnpackError, UsageError

CHUNK = 1 << 20
"""Bytes that are read at a time."""

MAX_STANZA = 16 << 20
"""Bytes; a stanza larger than this is no package."""

INDEX_LIMITS = Limits()
"""Growth that is allowed to a compressed index, as to any archive."""

Stanza = dict[bytes, bytes]
"""Field name to value; the lines of a folded value are kept with their line ends."""


def read_stanzas(path: Path, fields: Iterable[bytes]) -> Iterator[Stanza]:
    """Yield every stanza of an index, compressed or not, with those of `fields` that it has.

    Args:
        path: a `Packages` or `Sources` file; plain, gzip, bzip2, xz, zstd or LZ4.
        fields: names as they are spelled in indexes (`Build-Depends`).

    Raises:
        UsageError: the file cannot be read, is damaged, or holds no stanzas.
    """
    pattern = re.compile(
        rb"\n(%s):[ \t]*(.*(?:\n[ \t].*)*)" % b"|".join(re.escape(name) for name in fields)
    )
    found = False
    with _opened(path) as stream:
        for block in _blocks(stream, path):
            for text in block.split(b"\n\n"):
                stanza = dict(pattern.findall(b"\n" + text))
                if stanza:
                    found = True
                    yield stanza
    if not found:
        raise UsageError(f"{path}: holds no package stanzas (is it a Packages or Sources file?)")


@contextmanager
def _opened(path: Path) -> Iterator[Guarded]:
    if not path.is_file():  # opening a pipe could wait for ever
        raise UsageError(f"{path}: not a regular file")
    try:
        with path.open("rb") as file:
            yield decompressed(file, path.stat().st_size, INDEX_LIMITS)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except (DamagedError, UnpackError) as error:
        raise UsageError(f"{path}: {error}") from error


def _blocks(stream: Guarded, path: Path) -> Iterator[bytes]:
    """Yield the stream in pieces that end where a stanza does."""
    rest = b""
    while chunk := stream.read(CHUNK):
        rest += chunk
        if b"\r" in chunk:
            rest = rest.replace(b"\r\n", b"\n")
        end = rest.rfind(b"\n\n")
        if end >= 0:
            yield _without_trailing_blanks(rest[:end])
            rest = rest[end + 2 :]
        elif len(rest) > MAX_STANZA:
            raise UsageError(f"{path}: no stanza ends within {MAX_STANZA >> 20} MiB")
    if rest.strip():
        yield _without_trailing_blanks(rest)


def _without_trailing_blanks(block: bytes) -> bytes:
    if b" \n" in block:
        block = block.replace(b" \n", b"\n")  # the usual kind: one blank, as after `Package-List:`
        if b" \n" in block:
            return _stripped(block)
    if (b"\t" in block and b"\t\n" in block) or block.endswith((b" ", b"\t")):
        return _stripped(block)
    return block


def _stripped(block: bytes) -> bytes:
    return b"\n".join(line.rstrip(b" \t") for line in block.split(b"\n"))
