"""Copies of the tree to prove, and the hash that says which tree it is."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

_LEFT_OUT = frozenset({".git", ".hg", ".svn"})


def copy_tree(root: Path, to: Path) -> None:
    """Copy the regular files, directories and links of `root`; links stay as they are.

    What was there under `to` is removed. A link that leads out of the tree leads nowhere in the
    sandbox, as it should.
    """
    shutil.rmtree(to, ignore_errors=True)
    if not root.is_dir():
        to.mkdir(parents=True)
        shutil.copy2(root, to / root.name)
        return
    for base, names, files in os.walk(root):
        names[:] = sorted(set(names) - _LEFT_OUT)
        here = to / Path(base).relative_to(root)
        here.mkdir(parents=True, exist_ok=True)
        for name in (*names, *files):
            path = Path(base, name)
            if path.is_symlink():
                (here / name).symlink_to(path.readlink())
                names[:] = [one for one in names if one != name]
            elif name in files and stat.S_ISREG(path.lstat().st_mode):
                shutil.copy2(path, here / name)
                (here / name).chmod(path.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)


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
        names[:] = [name for name in names if name not in _LEFT_OUT]
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
