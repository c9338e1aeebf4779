"""What earlier scans found, so that only files that changed are read again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from duanban import __version__
from duanban.locate.keep import keep
from duanban.scan.record import FileRecord
from duanban.scan.walk import Entry

SETTLED = 2_000_000_000
"""Nanoseconds that must lie between a file's stamp and the scan for the stamp to be trusted: a
write within the same tick of the file system's clock would otherwise go unseen."""


class Stored(msgspec.Struct, array_like=True):
    """The store's file."""

    scanned_at: int
    stamps: dict[str, tuple[int, int]]
    """Path to size and stamp."""
    records: list[FileRecord]


def scan_key(root: Path, ingredients: Sequence[str]) -> str:
    """Return the name under which a scan is stored: the tree and all that decides its result.

    Args:
        root: the tree.
        ingredients: whatever else matters: the targets' ids, the digest of the rules.
    """
    text = "\n".join((__version__, package_stamp(), str(root.resolve()), *ingredients))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def package_stamp() -> str:
    """Return a text that changes whenever a file of the installed package does."""
    newest, count = 0, 0
    for directory, _, names in os.walk(Path(__file__).parent.parent):
        for name in names:
            if not name.endswith(".pyc"):
                newest = max(newest, os.stat(f"{directory}/{name}").st_mtime_ns)
                count += 1
    return f"{newest}-{count}"


class ScanStore:
    """One stored scan of one tree."""

    def __init__(self, directory: Path, key: str) -> None:
        self._path = directory / f"{key}.msgpack"

    def load(self) -> Stored | None:
        """Return the stored scan, or None if there is none that can be used."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Stored)
        except (OSError, msgspec.MsgspecError):
            return None

    def save(self, entries: Sequence[Entry], records: Sequence[FileRecord], started: int) -> None:
        """Keep a scan; a store that cannot be written is not an error."""
        stored = Stored(started, {e.path: (e.size, e.stamp) for e in entries}, list(records))
        # A path that is no Unicode cannot be kept, and so neither can the scan.
        with suppress(UnicodeError):
            keep(self._path, msgspec.msgpack.encode(stored))


def changed_since(stored: Stored, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that must be read again: new, changed, or too fresh to be sure."""
    trusted = stored.scanned_at - SETTLED
    stamps = stored.stamps
    return [
        entry
        for entry in entries
        if stamps.get(entry.path) != (entry.size, entry.stamp) or entry.stamp >= trusted
    ]


def now() -> int:
    """Return the time as stamps count it, in nanoseconds."""
    return time.time_ns()
