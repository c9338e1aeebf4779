"""What a sandbox runs, within which limits, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may use; past any of these all of its processes are ended."""

    seconds: float = 1800.0
    """Of the clock."""
    memory: int = 6 * GIB
    """Bytes that all processes together may hold; twice as much address space for each."""
    processes: int = 400
    output: int = 64 * MIB
    """Bytes on standard output and error."""
    disk: int = 8 * GIB
    """Bytes that all files in the writable directories may hold together."""
    files: int = 400_000
    """Files there."""
    temporary: int = 512 * MIB
    """Bytes in /tmp, and as many in /dev/shm; both are empty at the start."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run."""

    command: tuple[str, ...]
    directory: Path
    """To run in; below one of `writable` or `readable`."""
    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    """Directories and files besides the system's own programs and libraries."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of it, but for PATH, HOME and TMPDIR, which are given where they are not here."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a job."""

    code: int
    """Exit code; negative for a signal, 128 + the signal from a shell."""
    output: str
    """Standard output and error as they came, shortened in the middle."""
    seconds: float
    ended: str = ""
    """The limit that it was ended for; empty if it ended by itself."""

    @property
    def passed(self) -> bool:
        """Return whether it ended by itself, with exit code 0."""
        return self.code == 0 and not self.ended

    @property
    def why(self) -> str:
        """Return in a few words how it ended."""
        return self.ended or f"exit code {self.code}"


class Sandbox(Protocol):
    """One way to confine."""

    name: str

    @property
    def version(self) -> str:
        """Of the program that confines; empty if there is none."""
        ...

    def run(self, job: Job, limits: Limits) -> Ran:
        """Run `job` until it ends or has used up a limit; nothing of it is left running."""
        ...
