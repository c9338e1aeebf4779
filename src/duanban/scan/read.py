"""Reading one file of the tree, whatever it is, without harm."""

from __future__ import annotations

import errno
import os
from codecs import BOM_UTF8
from pathlib import Path
from stat import S_ISREG

from duanban.binaries import payloads, payloads_of_head
from duanban.model import Skipped
from duanban.scan.examine import HEAD, Examiner, is_binary
from duanban.scan.record import FileRecord
from duanban.scan.walk import Entry, printable

MAX_TEXT_SIZE = 64 << 20
"""Bytes; a larger text file is no source that people write, and is listed as skipped."""

ARCHIVE_MAGICS = (b"PK\x03\x04", b"!<arch>\n")
"""First bytes of archives whose members are looked at: zip (wheels, jars) and ar (.a)."""

WHOLE_AT_ONCE = 1 << 20
"""Bytes up to which a file is read in one go, before it is known whether it is text."""


def base_directory(root: Path) -> str:
    """Return the directory that entries of `root` are relative to; `root` may be one file."""
    return str(root) if root.is_dir() else str(root.parent)


def read_entry(base: str, examiner: Examiner, entry: Entry) -> FileRecord | None:
    """Examine one file; whatever goes wrong with it becomes a value.

    Args:
        base: the directory that `entry.path` is relative to.
        examiner: looks at text.
        entry: the file.

    Returns:
        What is worth keeping of the file, or None.
    """
    path = f"{base}/{entry.path}"
    try:
        descriptor = open_regular(path)
    except OSError as error:
        return FileRecord(printable(entry.path), skipped=f"cannot be read: {error.strerror}")
    try:
        return _read(descriptor, path, entry, examiner)
    except OSError as error:
        return FileRecord(printable(entry.path), skipped=f"cannot be read: {error.strerror}")
    finally:
        os.close(descriptor)


def open_regular(path: str) -> int:
    """Open a regular file for reading and return its descriptor; links are not followed.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    # O_NONBLOCK: should the name have become a pipe since the walk, opening must not wait.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except UnicodeEncodeError:  # in a locale whose encoding has no such characters
        raise OSError(errno.EILSEQ, "a name that the locale cannot write") from None
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def read_text(path: str) -> bytes | None:
    """Return the bytes of a text file, or None if it is none or cannot be read."""
    try:
        descriptor = open_regular(path)
        try:
            size = os.fstat(descriptor).st_size
            if size > MAX_TEXT_SIZE:
                return None
            data = _read_rest(descriptor, b"", size)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return None if is_binary(data) else _unmarked(data)


def _read(descriptor: int, path: str, entry: Entry, examiner: Examiner) -> FileRecord | None:
    data = os.read(descriptor, entry.size + 1 if entry.size <= WHOLE_AT_ONCE else HEAD)
    if is_binary(data):
        return _binary(path, entry, data)
    if entry.size > MAX_TEXT_SIZE:
        return FileRecord(
            printable(entry.path), skipped=f"text larger than {MAX_TEXT_SIZE >> 20} MiB"
        )
    if entry.size > WHOLE_AT_ONCE:
        data = _read_rest(descriptor, data, entry.size)
    return examiner.examine(printable(entry.path), _unmarked(data))


def _unmarked(data: bytes) -> bytes:
    """Return `data` with blanks for a byte order mark, which would hide what line 1 begins with."""
    return b"   " + data[3:] if data.startswith(BOM_UTF8) else data


def _read_rest(descriptor: int, head: bytes, size: int) -> bytes:
    parts = [head]
    missing = size - len(head)
    while missing > 0 and (part := os.read(descriptor, missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _binary(path: str, entry: Entry, head: bytes) -> FileRecord | None:
    shown = printable(entry.path)
    if not head.startswith(ARCHIVE_MAGICS):
        native = payloads_of_head(head, shown)
        return FileRecord(shown, native=native) if native else None
    notes: list[Skipped] = []
    native = tuple(payloads(Path(path), shown, note=notes.append))
    if not native and not notes:
        return None
    return FileRecord(shown, skipped=notes[0].reason if notes else "", native=native)
