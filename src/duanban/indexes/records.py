"""Copies of what registries say of single packages: one file `records.json`, a record for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from duanban.indexes.interface import Copy, Fetched
from duanban.indexes.store import verified
from duanban.model.errors import UsageError

RECORDS = "records.json"
R = TypeVar("R")


def earlier(directory: Path | None, type: type[R]) -> dict[str, R]:
    """Return the records of the copy in `directory`; none where there is no such copy."""
    if directory is None or not (directory / RECORDS).is_file():
        return {}
    return _decoded(directory / RECORDS, type)


def write(directory: Path, records: Mapping[str, object]) -> Fetched:
    """Write records, sorted by name."""
    packed = msgspec.json.encode(dict(sorted(records.items())))
    (directory / RECORDS).write_bytes(msgspec.json.format(packed, indent=1) + b"\n")
    return Fetched(((RECORDS, "records"),))


def read(copy: Copy, directory: Path, type: type[R]) -> dict[str, R]:
    """Return the records of a copy.

    Raises:
        UsageError: its file is missing or damaged.
    """
    for file in copy.files:
        if file.role == "records":
            return _decoded(verified(copy, directory, file), type)
    raise UsageError(f"index {copy.name}: holds no records")


def _decoded(path: Path, type: type[R]) -> dict[str, R]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, type])  # type: ignore[valid-type]
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"{path}: {error}") from error
