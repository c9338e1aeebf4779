"""Where copies of indexes are kept: a directory each, replaced as a whole.

Layout below the cache directory::

    indexes/<name>/index.json     what the copy is (`Copy`)
    indexes/<name>/...            its files, as `index.json` lists them
    derived/<hash>.sqlite         made from a copy's files, remade when it is missing
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import msgspec

from duanban.indexes.interface import SCHEMA, Copy, CopyFile, Fetched, Request
from duanban.locate import cache_directory
from duanban.locate.cache import hash_file, now
from duanban.model.errors import UsageError

MANIFEST = "index.json"
DERIVED = 1
"""Raised when what is derived from copies changes."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Store:
    """The copies below a directory.

    Args:
        directory: the cache directory; None for the user's.
    """

    def __init__(self, directory: Path | None = None) -> None:
        base = directory or cache_directory()
        self._copies = base / "indexes"
        self._derived = base / "derived"

    def place(self, name: str) -> Path:
        """Return where the copy of that name is, or would be.

        Raises:
            UsageError: it is no name for a copy.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name an index: use letters a-z, digits, `.`, `-`")
        return self._copies / name

    def names(self) -> list[str]:
        """Return the names of all copies, sorted."""
        return sorted(path.parent.name for path in self._copies.glob(f"*/{MANIFEST}"))

    def find(self, name: str) -> tuple[Copy, Path] | None:
        """Return the copy of that name and its directory; None if there is none.

        Raises:
            UsageError: it is damaged.
        """
        place = self.place(name)
        return (read_copy(place), place) if (place / MANIFEST).is_file() else None

    def derived(self, copy: Copy) -> Path:
        """Return the file that may be derived from `copy`; its directory is there."""
        self._derived.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._derived / f"{copy.sha256[:40]}-{DERIVED}.sqlite"

    def replace(self, request: Request, make: Callable[[Path], Fetched]) -> Copy:
        """Make a copy and put it where the earlier one of that name was, if there was one.

        Args:
            request: what the copy is of.
            make: fills the empty directory that it gets.
        """
        place = self.place(request.name)
        self._copies.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _staging(self._copies) as staging:
            fetched = make(staging)
            stamp = now()
            copy = Copy(
                name=request.name,
                kind=request.known.kind,
                title=request.known.title,
                fetched=stamp,
                dated=fetched.dated or stamp[:10],
                files=tuple(
                    CopyFile(name, role, hash_file(staging / name), (staging / name).stat().st_size)
                    for name, role in sorted(fetched.files)
                ),
                given=request.given,
                settings={**request.known.settings, **request.settings},
            )
            write_copy(copy, staging)
            old = place.with_name(f".old-{place.name}-{os.getpid()}")
            with suppress(FileNotFoundError):
                place.rename(old)
            staging.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        return copy

    def remove(self, name: str) -> None:
        """Delete the copy of that name.

        Raises:
            UsageError: there is none.
        """
        found = self.find(name)
        if found is None:
            raise UsageError(f"there is no copy of {name!r}; `duanban index list` names them")
        copy, place = found
        self.derived(copy).unlink(missing_ok=True)
        shutil.rmtree(place)


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    staging = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=directory))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_copy(copy: Copy, directory: Path) -> None:
    """Write what a copy is into its directory."""
    text = json.dumps({"schema": SCHEMA, **asdict(copy)}, indent=1, ensure_ascii=False)
    (directory / MANIFEST).write_text(text + "\n", "utf-8")


def read_copy(directory: Path) -> Copy:
    """Read what the copy in `directory` is.

    Raises:
        UsageError: there is none, or its description is damaged.
    """
    path = directory / MANIFEST
    try:
        copy = msgspec.json.decode(path.read_bytes(), type=Copy)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path}: not a copy of an index: {error}") from error
    if copy.schema != SCHEMA:
        raise UsageError(f"{path}: schema {copy.schema!r} is not {SCHEMA!r}")
    if any("/" in one.name or one.name.startswith(".") for one in copy.files):
        raise UsageError(f"{path}: names a file outside of the copy")
    return copy


def verified(copy: Copy, directory: Path, file: CopyFile) -> Path:
    """Return where a file of a copy is, once its hash is what the copy says.

    Raises:
        UsageError: it is missing or another one.
    """
    path = directory / file.name
    try:
        found = hash_file(path)
    except OSError as error:
        raise UsageError(f"index {copy.name}: {path}: {error.strerror or error}") from error
    if found != file.sha256:
        raise UsageError(f"index {copy.name}: {file.name} is damaged; `duanban index update`")
    return path
