"""Reads the stanzas of Debian's `Packages` and `Sources` files (deb-control(5)), field by field."""

from __future__ import annotations

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
    names = [(name, b"\n" + name + b":") for name in fields]
    found = False
    with _opened(path) as stream:
        for block in _blocks(stream, path):
            for text in block.split(b"\n\n"):
                stanza = _fields(b"\n" + text, names)
                if stanza:
                    found = True
                    yield stanza
    if not found:
        raise UsageError(f"{path}: holds no package stanzas (is it a Packages or Sources file?)")


def _fields(text: bytes, names: Iterable[tuple[bytes, bytes]]) -> Stanza:
    """Return the fields of one stanza; searching for each is faster than looking at every line."""
    stanza: Stanza = {}
    for name, mark in names:
        start = text.find(mark)
        if start < 0:
            continue
        start += len(mark)
        end = text.find(b"\n", start)
        while end >= 0 and text[end + 1 : end + 2] in (b" ", b"\t"):
            end = text.find(b"\n", end + 1)
        stanza[name] = text[start : end if end >= 0 else len(text)].strip()
    return stanza


@contextmanager
def _opened(path: Path) -> Iterator[Guarded]:
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
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n")
        rest += chunk
        end = rest.rfind(b"\n\n")
        if end >= 0:
            yield rest[:end]
            rest = rest[end + 2 :]
        elif len(rest) > MAX_STANZA:
            raise UsageError(f"{path}: no stanza ends within {MAX_STANZA >> 20} MiB")
    if rest.strip():
        yield rest
