"""What every locator gives: a local tree to read, and where it came from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from duanban.model import Skipped

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


@dataclass(frozen=True, slots=True)
class Located:
    """A tree on this machine that a locator stands for."""

    root: Path
    """A directory, or a single regular file."""
    locator: str
    """As the user wrote it."""
    name: str
    version: str = ""
    purl: str = ""
    """The package URL of the input itself, where it has one."""
    skipped: tuple[Skipped, ...] = field(default=())
    """Members that unpacking refused, and why."""
    fetched: str = ""
    """When it was fetched (ISO date and time, UTC); empty for what was on this machine already."""
    release: str = ""
    """Of a distribution's package whose version the user left open: the release it was taken of
    (`bookworm`)."""


class Locator(Protocol):
    """One kind of locator."""

    def claims(self, text: str) -> bool:
        """Return whether this locator understands `text`."""
        ...

    def open(self, text: str, progress: Progress) -> AbstractContextManager[Located]:
        """Make the tree that `text` names readable until the context ends.

        Raises:
            LocatorError: it does not exist or is named wrongly.
            FetchError: a registry did not give it.
            UnpackError: its archive was refused.
        """
        ...
