"""The one walk over a tree: which regular files it has, and what is left out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

import msgspec

from duanban.model import Skipped

RECORDS = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", "CVS", "_darcs", ".pc"),
        *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"),
    }
)
"""Directories of records that version control (`.pc`: quilt) and other tools keep, not source."""

VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
"""The file that makes a directory a Python virtual environment (PEP 405): other people's packages
that were installed to work on the system, not the system."""

MAX_DEPTH = 200
"""Directories nested deeper than this are left out; a real tree stays far below."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A regular file of the tree."""

    path: str
    """Relative to the root, with `/`; undecodable bytes as surrogates (`os.fsdecode`)."""
    size: int
    """Bytes."""
    stamp: int
    """Changes whenever the file is written: the later of its mtime and ctime, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found, in a deterministic order."""

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]


def printable(path: str) -> str:
    r"""Return `path` with bytes that are not UTF-8 written as `\xNN`: any output takes that."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(root: Path, exclude: frozenset[str] = RECORDS) -> Walked:
    """List the regular files under `root` (or `root` itself), without following any link.

    Links, devices, sockets and pipes are never opened. A link that stays inside the tree is
    passed over in silence, since what it points at is seen anyway; one that leaves it is listed
    as skipped.

    Args:
        root: a directory or a regular file.
        exclude: names of directories that are not entered.

    Returns:
        The files sorted by path, and what was left out with the reason.
    """
    if not root.is_dir():
        status = root.stat()
        return Walked((Entry(root.name, status.st_size, _stamp(status)),), ())
    walker = _Walker(os.path.realpath(root), exclude)
    walker.visit()
    walker.entries.sort(key=lambda entry: entry.path)
    walker.skipped.sort(key=lambda skipped: skipped.path)
    return Walked(tuple(walker.entries), tuple(walker.skipped))


def _stamp(status: os.stat_result) -> int:
    return max(status.st_mtime_ns, status.st_ctime_ns)


class _Walker:
    """A walk with its own stack: a deep tree must not exhaust Python's."""

    def __init__(self, root: str, exclude: frozenset[str]) -> None:
        self.root = root
        self.exclude = exclude
        self.entries: list[Entry] = []
        self.skipped: list[Skipped] = []

    def skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(printable(path), reason))

    def visit(self) -> None:
        pending = [("", 0)]
        while pending:
            directory, depth = pending.pop()
            if depth > MAX_DEPTH:
                self.skip(directory, f"directory nested deeper than {MAX_DEPTH}")
                continue
            pending.extend((name, depth + 1) for name in self._directory(directory))

    def _directory(self, directory: str) -> list[str]:
        """Record the files of one directory and return its subdirectories."""
        subdirectories: list[str] = []
        files: list[Entry] = []
        virtual = False
        prefix = f"{directory}/" if directory else ""
        try:
            with os.scandir(f"{self.root}/{directory}") as children:
                for child in children:
                    path = prefix + child.name
                    try:
                        status = child.stat(follow_symlinks=False)
                    except OSError as error:
                        self.skip(path, f"cannot be read: {error.strerror}")
                        continue
                    if S_ISREG(status.st_mode):
                        files.append(Entry(path, status.st_size, _stamp(status)))
                        virtual = virtual or child.name == VIRTUAL_ENVIRONMENT
                    elif S_ISLNK(status.st_mode):
                        self._link(path)
                    elif not S_ISDIR(status.st_mode):
                        self.skip(path, "not a regular file")
                    elif child.name not in self.exclude:
                        subdirectories.append(path)
        except OSError as error:
            self.skip(directory, f"cannot be read: {error.strerror}")
        if directory and virtual:
            self.skip(directory, "a virtual environment; check it by itself")
            return []
        self.entries.extend(files)
        return subdirectories

    def _link(self, path: str) -> None:
        target = os.path.realpath(f"{self.root}/{path}")
        if target != self.root and not target.startswith(self.root + os.sep):
            self.skip(path, "link that leaves the tree")
