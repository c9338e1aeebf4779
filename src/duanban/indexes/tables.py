"""A distribution's packages as tables, whatever format its indexes have.

One SQLite file per copy, derived from its files: what is asked for is looked up, and nothing else
is read.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from duanban.model import Blocker
from duanban.model.errors import UsageError

_SCHEMA = """
CREATE TABLE package (arch TEXT, name TEXT, version TEXT, source TEXT, stem TEXT, reason TEXT,
    independent INTEGER,
    PRIMARY KEY (arch, name)) WITHOUT ROWID;
CREATE TABLE provided (arch TEXT, virtual TEXT, name TEXT,
    PRIMARY KEY (arch, virtual, name)) WITHOUT ROWID;
CREATE TABLE source (name TEXT PRIMARY KEY, version TEXT, architectures TEXT) WITHOUT ROWID;
CREATE TABLE held (arch TEXT, kind TEXT, name TEXT, reason TEXT, ways TEXT,
    PRIMARY KEY (arch, kind, name)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX package_stem ON package (arch, stem);
CREATE INDEX package_source ON package (arch, source);
"""

_ARCHITECTURE_WORDS = (
    r"amd64|arm64|aarch64|loong64|loongarch64|riscv64|x86[-_]64|i386|ppc64el|s390x"
)
_VARIABLE = re.compile(rf"(?:{_ARCHITECTURE_WORDS})|t64\b|[0-9][0-9.+~]*(?:[a-z](?=\b|-))?")


class Row(NamedTuple):
    """A binary package of one architecture."""

    arch: str
    name: str
    version: str
    source: str
    reason: str = ""
    """Why it cannot be installed there; empty if it can."""
    independent: bool = False
    """Whether it is the same on all architectures."""


class Held(NamedTuple):
    """Something that is held back on an architecture."""

    arch: str
    kind: str
    """`source` (no current binary packages), `build` (cannot be built) or `binary` (broken)."""
    name: str
    reason: str
    ways: tuple[tuple[Blocker, ...], ...]


class SourceRow(NamedTuple):
    """A source package."""

    name: str
    version: str
    architectures: str
    """As its own list says; empty where the distribution has no such lists."""


def stem_of(name: str) -> str:
    """Return the name of a package without version numbers and architectures.

    `libssl3t64` and `libssl4` share a stem, `linux-image-6.1.0-30-amd64` and
    `linux-image-6.17-loong64` too.
    """
    return re.sub(r"[-.]{2,}", "-", _VARIABLE.sub("", name)).strip("-.")


def _packed(ways: tuple[tuple[Blocker, ...], ...]) -> str:
    return json.dumps([[(one.name, one.cause) for one in way] for way in ways])


class Writer:
    """Writes the tables of a copy; they appear at their place when all is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self._part.unlink(missing_ok=True)
        self._base = sqlite3.connect(self._part)
        self._base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)

    def packages(self, rows: Iterable[Row]) -> None:
        """Add binary packages; of several versions the last one counts."""
        self._base.executemany(
            "INSERT OR REPLACE INTO package VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((*r[:4], stem_of(r.name), *r[4:]) for r in rows),
        )

    def provided(self, arch: str, rows: Iterable[tuple[str, str]]) -> None:
        """Add virtual packages with what provides them."""
        self._base.executemany(
            "INSERT OR IGNORE INTO provided VALUES (?, ?, ?)", ((arch, *row) for row in rows)
        )

    def sources(self, rows: Iterable[SourceRow]) -> None:
        """Add source packages."""
        self._base.executemany("INSERT OR REPLACE INTO source VALUES (?, ?, ?)", rows)

    def held(self, rows: Iterable[Held]) -> None:
        """Add what is held back."""
        self._base.executemany(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)",
            ((r.arch, r.kind, r.name, r.reason, _packed(r.ways)) for r in rows),
        )

    def finish(self) -> None:
        """Put the tables at their place."""
        self._base.executescript(_INDEXES)
        self._base.commit()
        self._base.close()
        self._part.replace(self._path)

    def drop(self) -> None:
        """Leave nothing behind."""
        self._base.close()
        self._part.unlink(missing_ok=True)


class Tables:
    """The tables of a copy, open for questions.

    Raises:
        UsageError: they cannot be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            self.architectures = frozenset(
                row[0] for row in self._base.execute("SELECT DISTINCT arch FROM package")
            )
        except sqlite3.Error as error:
            raise UsageError(f"{path}: {error}; delete it, it is made again") from error

    def package(self, arch: str, name: str) -> Row | None:
        """Return a package of an architecture."""
        return next(self._rows("arch = ? AND name = ?", arch, name), None)

    def providers(self, arch: str, virtual: str) -> list[Row]:
        """Return the packages that provide a name."""
        found = self._base.execute(
            "SELECT name FROM provided WHERE arch = ? AND virtual = ? ORDER BY name",
            (arch, virtual),
        )
        rows = [self.package(arch, name) for (name,) in found.fetchall()]
        return [row for row in rows if row is not None]

    def of_stem(self, arch: str, stem: str) -> list[Row]:
        """Return the packages whose names differ from one another in numbers only."""
        return list(self._rows("arch = ? AND stem = ?", arch, stem))

    def source(self, name: str) -> SourceRow | None:
        """Return a source package."""
        found = self._base.execute("SELECT * FROM source WHERE name = ?", (name,)).fetchone()
        return SourceRow(*found) if found else None

    def held(self, arch: str, kind: str, name: str) -> Held | None:
        """Return what holds something back."""
        found = self._base.execute(
            "SELECT * FROM held WHERE arch = ? AND kind = ? AND name = ?", (arch, kind, name)
        ).fetchone()
        if found is None:
            return None
        ways = tuple(tuple(Blocker(*one) for one in way) for way in json.loads(found[4]))
        return Held(arch, kind, name, found[3], ways)

    def built_from(self, arch: str, source: str) -> Row | None:
        """Return a package that a source has for this very architecture; None if it has none."""
        found = self._rows("arch = ? AND source = ? AND independent = 0", arch, source)
        return next(found, None)

    def of_source(self, arch: str, source: str) -> list[Row]:
        """Return the packages that a source has on an architecture."""
        return list(self._rows("arch = ? AND source = ?", arch, source))

    def first(self, arch: str) -> list[Row]:
        """Return the first package of an architecture, in a list."""
        return list(self._rows("arch = ?", arch, most=1))

    def count(self) -> dict[str, int]:
        """Return how many packages there are, per architecture."""
        return dict(self._base.execute("SELECT arch, count(*) FROM package GROUP BY arch"))

    def _rows(self, where: str, *values: str, most: int = -1) -> Iterator[Row]:
        columns = "arch, name, version, source, reason, independent"
        question = f"SELECT {columns} FROM package WHERE {where} ORDER BY name LIMIT ?"  # noqa: S608
        found = self._base.execute(question, (*values, str(most))).fetchall()
        return (Row._make((*row[:5], bool(row[5]))) for row in found)
