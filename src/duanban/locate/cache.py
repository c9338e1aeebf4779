"""The cache: downloads by their SHA-256, what each locator led to and when, and unpacked trees.

Layout below the cache directory::

    blobs/sha256/ab/abcd...      a downloaded file, named by its own hash
    index/<key>.json             a locator: when it was fetched, and the files it led to
    partial/<key>/               where a client downloads to; what is there after a break is resumed
    repositories/<key>.git       a bare repository that git fetches into
    trees/<version>/<key>/       an unpacked tree (`tree/`) and what is known of it (`tree.json`)

Everything appears under its final name by a rename, so a reader never sees half of it, and two runs
at once at worst do the same work twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from duanban.locate.unpack import VERSION, Unpacked
from duanban.locate.writer import GIB, remove_tree
from duanban.model import Skipped
from duanban.model.errors import UnpackError

TREES_SIZE = 20 * GIB
"""What unpacked trees may take before the least recently used go; DUANBAN_CACHE_SIZE changes it."""
_STALE = 24 * 3600.0
"""Seconds after which an unfinished tree belongs to a run that has died."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of the cache under the name that its registry gave it."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a locator led to."""

    locator: str
    fetched: str
    """ISO date and time, UTC."""
    blobs: tuple[Blob, ...] = ()
    commit: str = ""
    """Of a git locator."""
    facts: dict[str, str] = field(default_factory=dict)
    """`name`, `version`, `purl`, as far as the client told them."""


@dataclass(frozen=True, slots=True)
class Tree:
    """An unpacked tree of the cache."""

    root: Path
    skipped: tuple[Skipped, ...]


class Cache:
    """The cache below `directory`, which is created when something is put there."""

    def __init__(self, directory: Path, trees_size: int = TREES_SIZE) -> None:
        self.directory = directory
        self.blobs = directory / "blobs" / "sha256"
        self._trees_size = trees_size

    def blob(self, sha256: str) -> Path:
        """Return where the file with this hash is, or would be."""
        return self.blobs / sha256[:2] / sha256

    def add_blob(self, file: Path) -> Blob:
        """Move `file` into the cache."""
        blob = Blob(file.name, hash_file(file))
        place = self.blob(blob.sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(file, place)
        return blob

    def entry(self, locator: str) -> Entry | None:
        """Return what `locator` led to when it was last fetched, if all of it is still there."""
        try:
            raw = json.loads(self._index(locator).read_text("utf-8"))
            blobs = tuple(Blob(**blob) for blob in raw.pop("blobs"))
            entry = Entry(blobs=blobs, **raw)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return entry if all(self.blob(blob.sha256).is_file() for blob in blobs) else None

    def add_entry(self, entry: Entry) -> None:
        """Remember what a locator led to."""
        path = self._index(entry.locator)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(path, json.dumps(asdict(entry), ensure_ascii=False, indent=1, sort_keys=True))

    def partial(self, locator: str) -> Path:
        """Return the directory that a client downloads `locator` to; made if need be."""
        path = self.directory / "partial" / key_of(locator)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def repository(self, url: str) -> Path:
        """Return where the bare repository of `url` is, or would be."""
        return self.directory / "repositories" / f"{key_of(url)}.git"

    @contextlib.contextmanager
    def tree(self, key: str, make: Callable[[Path], Unpacked]) -> Iterator[Tree]:
        """Give the tree named `key`, unpacked by `make` if it is not there; kept while in use.

        Args:
            key: names the content, so that the same key always means the same tree.
            make: fills the empty directory that it gets.

        Raises:
            UnpackError: the disk is full or the like; whatever else `make` raises. Nothing is left
                behind then.
        """
        place = self.directory / "trees" / str(VERSION) / key
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _shared_lock(place):
            if not (place / "tree.json").is_file():
                self._make_tree(place, make)
            os.utime(place)
            yield _read_tree(place)

    def _make_tree(self, place: Path, make: Callable[[Path], Unpacked]) -> None:
        self.prune()
        staging = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=place.parent))
        try:
            (staging / "tree").mkdir()
            unpacked = make(staging / "tree")
            facts = {
                "top": unpacked.top,
                "files": unpacked.files,
                "bytes": unpacked.bytes,
                "skipped": [[skipped.path, skipped.reason] for skipped in unpacked.skipped],
            }
            (staging / "tree.json").write_text(json.dumps(facts), "utf-8")
            try:
                staging.rename(place)
            except OSError:
                if not (place / "tree.json").is_file():
                    raise
                # Another run has just made the same tree.
        except OSError as error:
            raise UnpackError(f"cannot unpack into {place.parent}: {error.strerror}") from error
        finally:
            remove_tree(staging)

    def prune(self, size: int | None = None) -> int:
        """Delete the least recently used trees until the rest fits, sparing those in use.

        Args:
            size: bytes that may stay; None for the cache's own limit.

        Returns:
            the bytes that were freed.
        """
        limit = self._trees_size if size is None else size
        trees: list[tuple[float, int, Path]] = []
        for place in (self.directory / "trees").glob("*/*"):
            if place.name.startswith(".unfinished-"):
                _remove_if_stale(place)
            elif place.is_dir():
                trees.append((place.stat().st_mtime, _tree_bytes(place), place))
        freed = 0
        excess = sum(size for _, size, _ in trees) - limit
        for _, size_here, place in sorted(trees):
            if freed >= excess:
                break
            if _remove_if_unused(place):
                freed += size_here
        return freed

    def _index(self, locator: str) -> Path:
        return self.directory / "index" / f"{key_of(locator)}.json"


def now() -> str:
    """Return the time as the index has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_of(text: str) -> str:
    """Return a file name for any text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]


def hash_file(path: Path) -> str:
    """Return the SHA-256 of the file at `path`.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_whole(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        file.write(text)
    Path(name).rename(path)


def _read_tree(place: Path) -> Tree:
    facts = json.loads((place / "tree.json").read_text("utf-8"))
    skipped = tuple(Skipped(path, reason) for path, reason in facts["skipped"])
    return Tree(place / "tree" / facts["top"] if facts["top"] else place / "tree", skipped)


def _tree_bytes(place: Path) -> int:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads((place / "tree.json").read_text("utf-8"))["bytes"])
    return 0


def _lock_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.lock")


@contextlib.contextmanager
def _shared_lock(place: Path) -> Iterator[None]:
    """Keep `prune` of any process from deleting the tree at `place`."""
    with _lock_file(place).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _remove_if_unused(place: Path) -> bool:
    with _lock_file(place).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        doomed = place.with_name(f".unfinished-{place.name}")
        with contextlib.suppress(OSError):
            place.rename(doomed)
        remove_tree(doomed)
        return True


def _remove_if_stale(place: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - place.stat().st_mtime > _STALE:
            remove_tree(place)
