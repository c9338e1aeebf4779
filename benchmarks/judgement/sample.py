"""Which half of the world a package is in, and what a CSV of the benchmark names."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path

HELD_BACK = frozenset("89abcdef")


class HeldBackError(ValueError):
    """A package of the held-back half was asked for."""


def is_held_back(package: str) -> bool:
    """Return whether the package belongs to the half that nobody may tune on.

    The halves are told apart by the first hex digit of SHA-1 of the name: 0 to 7 is for
    development, 8 to f is held back.
    """
    return hashlib.sha1(package.encode(), usedforsecurity=False).hexdigest()[0] in HELD_BACK


def refuse_held_back(packages: Iterable[str]) -> None:
    """Raise HeldBackError, naming them, if any of the packages is of the held-back half."""
    names = sorted({name for name in packages if is_held_back(name)})
    if names:
        raise HeldBackError(f"of the held-back half, not to be looked at: {', '.join(names)}")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header that has a `package` column.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no such column.
        HeldBackError: a row names a package of the held-back half.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if "package" not in (reader.fieldnames or ()):
            raise ValueError(f"{path}: no column named package")
        rows = list(reader)
    refuse_held_back(row["package"] for row in rows)
    return rows
