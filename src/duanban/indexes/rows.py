"""Excerpts of a distribution's copy: what it says of some packages, small enough to carry along."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from duanban.indexes.distribution import Distribution
from duanban.indexes.interface import Copy, Fetched, Wanted
from duanban.indexes.store import verified
from duanban.indexes.tables import Held, Row, SourceRow, Tables, Writer
from duanban.model.errors import UsageError
from duanban.targets.interface import Target

ROWS = "rows.json"


class Rows(Struct, frozen=True):
    """The rows that answers were made from."""

    asked: list[str]
    """Names that it was asked about, with their type (`deb/rspamd`); of others it knows nothing."""
    packages: list[Row]
    provided: list[tuple[str, str, str]]
    sources: list[SourceRow]
    held: list[Held]


class Recorder(Tables):
    """Tables that keep what is looked up in them."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._packages: dict[Row, None] = {}
        self._provided: dict[tuple[str, str, str], None] = {}
        self._sources: dict[SourceRow, None] = {}
        self._held: dict[Held, None] = {}

    def package(self, arch: str, name: str) -> Row | None:
        """Return a package of an architecture."""
        found = super().package(arch, name)
        if found is not None:
            self._packages[found] = None
        return found

    def providers(self, arch: str, virtual: str) -> list[Row]:
        """Return the packages that provide a name."""
        found = super().providers(arch, virtual)
        self._provided.update({(arch, virtual, row.name): None for row in found})
        return found

    def of_stem(self, arch: str, stem: str) -> list[Row]:
        """Return the packages whose names differ from one another in numbers only."""
        found = super().of_stem(arch, stem)
        self._packages.update(dict.fromkeys(found))
        return found

    def of_source(self, arch: str, source: str) -> list[Row]:
        """Return the packages that a source has on an architecture."""
        found = super().of_source(arch, source)
        self._packages.update(dict.fromkeys(found))
        return found

    def source(self, name: str) -> SourceRow | None:
        """Return a source package."""
        found = super().source(name)
        if found is not None:
            self._sources[found] = None
        return found

    def held(self, arch: str, kind: str, name: str) -> Held | None:
        """Return what holds something back."""
        found = super().held(arch, kind, name)
        if found is not None:
            self._held[found] = None
        return found

    def built_from(self, arch: str, source: str) -> Row | None:
        """Return a package that a source has for this very architecture."""
        found = super().built_from(arch, source)
        if found is not None:
            self._packages[found] = None
        return found

    def rows(self, asked: Iterable[str]) -> Rows:
        """Return what was looked up, sorted, and one package of every architecture."""
        for arch in self.architectures:
            if not any(row.arch == arch for row in self._packages):
                self._packages.update(dict.fromkeys(self.first(arch)))
        return Rows(
            sorted(set(asked)),
            sorted(self._packages),
            sorted(self._provided),
            sorted(self._sources),
            sorted(self._held),
        )


class Excerpt(Distribution):
    """A distribution of which only what was asked about is known."""

    asked: frozenset[str] = frozenset()

    def concerns(self, wanted: Wanted) -> bool:
        """Return whether the excerpt was made with this part in mind."""
        return super().concerns(wanted) and _asked(wanted) in self.asked


def export(
    distribution: Distribution,
    tables: Path,
    parts: Iterable[Wanted],
    targets: Iterable[Target],
    directory: Path,
) -> Fetched:
    """Write what a distribution says of `parts` on `targets` into `directory`."""
    recorder = Recorder(tables)
    distribution.tables = recorder
    known = [one for one in parts if distribution.concerns(one)]
    for target in targets:
        for one in known:
            distribution.offers(one, target)
    rows = recorder.rows(_asked(one) for one in known)
    (directory / ROWS).write_bytes(b"\n".join(_lines(rows)))
    return Fetched(((ROWS, "rows"),))


def _lines(rows: Rows) -> Iterable[bytes]:
    """Yield the JSON with one row a line, so that versions of an excerpt can be compared."""
    encode = msgspec.json.encode
    for number, name in enumerate(Rows.__struct_fields__):
        packed = b",\n".join(encode(row) for row in getattr(rows, name))
        yield (b"{" if not number else b",") + encode(name) + b": [\n" + packed + b"]"
    yield b"}\n"


def _asked(wanted: Wanted) -> str:
    # What stands before a distribution's package is the distribution.
    name = wanted.name if wanted.type in ("deb", "rpm", "apk") else wanted.full_name
    return f"{wanted.type}/{name}"


def open_distribution(
    copy: Copy, directory: Path, derived: Path, type: str, derive: Callable[[Writer], None]
) -> Distribution:
    """Open a copy or an excerpt of a distribution.

    Args:
        copy: what it is.
        directory: where its files are.
        derived: where its tables are, or will be.
        type: of its package URLs.
        derive: writes the tables, where they are not there yet and it is no excerpt.

    Raises:
        UsageError: a file is damaged.
    """
    excerpt = next((one for one in copy.files if one.role == "rows"), None)
    rows = None
    if excerpt is not None:
        try:
            data = verified(copy, directory, excerpt).read_bytes()
            rows = msgspec.json.decode(data, type=Rows)
        except (OSError, msgspec.MsgspecError) as error:
            raise UsageError(f"index {copy.name}: {error}") from error
    if not derived.is_file():
        writer = Writer(derived)
        try:
            if rows is None:
                derive(writer)
            else:
                _write(writer, rows)
            writer.finish()
        except BaseException:
            writer.drop()
            raise
    reference = copy.settings.get("reference", "")
    if rows is None:
        return Distribution(copy.provenance, Tables(derived), type, reference)
    opened = Excerpt(copy.provenance, Tables(derived), type, reference)
    opened.asked = frozenset(rows.asked)
    return opened


def _write(writer: Writer, rows: Rows) -> None:
    writer.packages(rows.packages)
    for arch, virtual, name in rows.provided:
        writer.provided(arch, [(virtual, name)])
    writer.sources(rows.sources)
    writer.held(rows.held)
