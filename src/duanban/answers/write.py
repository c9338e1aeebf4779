"""Changes a directory in place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISREG

from duanban.model.errors import DuanbanError, UsageError


def write_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files under `root`, each whole or not at all, with the mode that it had.

    All places are looked at before the first is written.

    Raises:
        UsageError: a path would leave the root, or goes through a link.
        DuanbanError: a file cannot be written.
    """
    for path in files:
        _refuse_links(root, path)
    for path, data in sorted(files.items()):
        try:
            _replace(root / path, data)
        except OSError as error:
            raise DuanbanError(f"{path}: cannot be written: {error.strerror}") from error


def _refuse_links(root: Path, path: str) -> None:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "" in parts:
        raise UsageError(f"{path}: leaves the directory that is to be changed")
    place = root
    for part in parts:
        place = place / part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return
        if not (S_ISREG(mode) or S_ISDIR(mode)):
            raise UsageError(f"{path}: goes through a link; nothing was changed")


def _replace(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    mode = S_IMODE(place.stat().st_mode) if place.exists() else 0o644
    beside = place.with_name(f".{place.name[:200]}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(beside, flags, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
