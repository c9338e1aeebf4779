"""Hashes that say which tree it is."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})
"""Directories that are not part of a tree."""


def tree_hash(root: Path) -> str:
    """Return the SHA-256 of all paths and contents below `root`, version control left out."""
    whole = hashlib.sha256()
    for path in sorted(files_of(root)):
        whole.update(path.encode("utf-8", "surrogateescape") + b"\0")
        whole.update(file_hash(root / path).encode())
    return whole.hexdigest()


def files_of(root: Path) -> list[str]:
    """Return the regular files below `root`, relative to it."""
    if not root.is_dir():
        return [root.name]
    found = []
    for base, names, files in os.walk(root):
        names[:] = [name for name in names if name not in VERSION_CONTROL]
        relative = os.path.relpath(base, root)
        for name in files:
            if stat.S_ISREG(os.lstat(f"{base}/{name}").st_mode):
                found.append(name if relative == "." else f"{relative}/{name}")
    return found


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content; of nothing, if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256().hexdigest()
