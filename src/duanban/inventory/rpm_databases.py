"""Takes the package headers out of RPM's databases: SQLite, ndb, and Berkeley DB hash files.

Formats: rpm's own sources and the SQLite and Berkeley DB documentation name the pages and slots;
rpm 4.16 writes SQLite, SUSE's rpm ndb (`Packages.db`), older ones Berkeley DB (`Packages`).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator

from duanban.inventory.parse import DamagedError, first_line

_SQLITE = b"SQLite format 3\0"
_MOST_STEPS = 20_000_000
"""Instructions of SQLite's machine: what a hostile view would go beyond."""
_NDB = b"RpmP"
_NDB_SLOT, _NDB_BLOB = b"Slot", b"BlbS"
_NDB_PAGE, _NDB_BLOCK = 4096, 16
_BDB_MAGIC = 0x061561
_BDB_HASH_PAGES = (2, 13)
_BDB_OVERFLOW, _BDB_OFF_PAGE = 7, 3
_BDB_HEAD = 26


def header_blobs(data: bytes) -> Iterator[bytes]:
    """Yield the headers in a database of any of the three kinds.

    Raises:
        DamagedError: it is none of them, or damaged.
    """
    if data.startswith(_SQLITE):
        yield from _of_sqlite(data)
    elif data.startswith(_NDB):
        yield from _of_ndb(data)
    else:
        yield from _of_bdb(data)


def _of_sqlite(data: bytes) -> Iterator[bytes]:
    # A database in write-ahead mode cannot be opened from memory; its main file is whole without.
    image = data[:18] + b"\1\1" + data[20:]
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(image)
        connection.text_factory = bytes  # a damaged one may hold text that is not UTF-8
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(data))
        connection.set_progress_handler(lambda: 1, _MOST_STEPS)
        for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum"):
            if isinstance(blob, bytes):
                yield blob
    except (sqlite3.Error, ValueError) as error:
        raise DamagedError(f"not readable as an SQLite database: {first_line(error)}") from None
    finally:
        connection.close()


def _of_ndb(data: bytes) -> Iterator[bytes]:
    """Follow the slots: magic, number, place in blocks, size in blocks."""
    if len(data) < 32:
        raise DamagedError("not readable as an ndb database: cut off")
    pages = struct.unpack_from("<I", data, 12)[0]
    table = data[: min(pages * _NDB_PAGE, len(data))]
    for place in range(32, len(table) - 15, 16):
        magic, number, block, blocks = struct.unpack_from("<4sIII", table, place)
        if magic != _NDB_SLOT or not number:
            continue
        start = block * _NDB_BLOCK
        head = data[start : start + 16]
        if len(head) < 16 or not head.startswith(_NDB_BLOB):
            continue
        size = struct.unpack_from("<I", head, 12)[0]
        if size <= blocks * _NDB_BLOCK:
            yield data[start + 16 : start + 16 + size]


def _of_bdb(data: bytes) -> Iterator[bytes]:
    """Walk the pages of a hash file; values too large for a page stand in chains of others."""
    order = next((o for o in "<>" if data[12:16] == struct.pack(f"{o}I", _BDB_MAGIC)), "")
    if not order or len(data) < 72:
        raise DamagedError("not a database that rpm keeps packages in")
    (size,) = struct.unpack_from(f"{order}I", data, 20)
    if not 512 <= size <= 65536 or size & (size - 1):
        raise DamagedError("not readable as a Berkeley DB file: its page size")
    for start in range(size, len(data) - size + 1, size):
        if data[start + 25] not in _BDB_HASH_PAGES:
            continue
        (entries,) = struct.unpack_from(f"{order}H", data, start + 20)
        entries = min(entries, (size - _BDB_HEAD) // 2)
        offsets = struct.unpack_from(f"{order}{entries}H", data, start + _BDB_HEAD)
        for offset in offsets[1::2]:  # keys and values by turns
            if offset + 12 <= size and data[start + offset] == _BDB_OFF_PAGE:
                page, length = struct.unpack_from(f"{order}II", data, start + offset + 4)
                yield _overflow(data, order, size, (page, length))


def _overflow(data: bytes, order: str, size: int, item: tuple[int, int]) -> bytes:
    page, length = item
    parts: list[bytes] = []
    have = 0
    while page and have < length:
        start = page * size
        head = data[start : start + _BDB_HEAD]
        if len(head) < _BDB_HEAD or head[25] != _BDB_OVERFLOW:
            break
        (page,) = struct.unpack_from(f"{order}I", head, 16)
        (used,) = struct.unpack_from(f"{order}H", head, 22)
        part = data[start + _BDB_HEAD : start + _BDB_HEAD + min(used, size - _BDB_HEAD)]
        if not part:
            break
        parts.append(part)
        have += len(part)
    return b"".join(parts)[:length]
