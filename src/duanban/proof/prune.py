"""Takes away what proofs have left in the cache and nobody has used for some time.

Directories that stand for a set of Debian's packages (`closure.py`) share their files with the
packages unpacked one by one, as links: space comes free where the last of them goes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duanban.locate import cache_directory

_DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away."""

    directories: int
    """Sets of packages, modules and unfinished proofs."""
    bytes: int
    """Of files that nothing else links to."""


def prune(days: float) -> Pruned:
    """Delete what no proof has used for `days` days, and the archives that are unpacked.

    Directories that another process is working in stay.
    """
    before = time.time() - days * _DAY
    base = cache_directory()
    done = [_removed(one) for one in _old_proofs(base / "proof", before)]
    done += [_removed(one) for one in _old(base / "proof" / "modules", before)]
    freed = 0
    for index in sorted((base / "apt").glob("*-*")):
        with (index / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done += [_removed(one) for one in _old(index / "roots", before)]
            singles = [one for one in _directories(index / "unpacked") if _is_alone(one)]
            freed += sum(_removed(one) for one in singles)
            freed += sum(_unlinked(one) for one in sorted((index / "packages").glob("*.deb")))
    return Pruned(len(done), sum(done) + freed)


def _directories(place: Path) -> list[Path]:
    return sorted(one for one in place.glob("*") if one.is_dir() and not one.is_symlink())


def _old(place: Path, before: float) -> Iterator[Path]:
    return (one for one in _directories(place) if one.stat().st_mtime < before)


def _old_proofs(place: Path, before: float) -> Iterator[Path]:
    """Yield what proofs that were broken off have left, but those that go on now."""
    for lock in sorted(place.glob("*.lock")):
        with lock.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            work = lock.with_suffix("")
            if work.is_dir() and work.stat().st_mtime < before:
                yield work


def _is_alone(directory: Path) -> bool:
    """Return whether no other directory shares the files of one: with that, all are links."""
    counts = (
        os.lstat(f"{base}/{name}").st_nlink
        for base, _, names in os.walk(directory)
        for name in names
    )
    return any(count == 1 for count in counts)


def _removed(directory: Path) -> int:
    """Delete a directory and return the bytes of the files that only it had."""
    size = 0
    for base, _, names in os.walk(directory):
        for name in names:
            status = os.lstat(f"{base}/{name}")
            size += status.st_size if status.st_nlink == 1 else 0
    shutil.rmtree(directory)
    return size


def _unlinked(file: Path) -> int:
    size = file.stat().st_size
    file.unlink()
    return size
