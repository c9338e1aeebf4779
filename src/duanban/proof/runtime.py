"""The target's own Python: its packages and all that they need, unpacked into a directory.

The emulator runs it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.interface import Progress
from duanban.proof.closure import newest, unpacked
from duanban.proof.debian_packages import debian_packages
from duanban.proof.interface import ProofError, Tool
from duanban.targets.interface import Architecture

_BESIDES = ("libstdc++6", "libgcc-s1", "libatomic1", "libgomp1")
"""What extensions are linked with."""
_NOT_NEEDED = r"dpkg|debconf|linux-libc-dev|libc6-dev|libc-dev-bin|tzdata|libdb\d"
"""Of the closure: what configures packages, and headers that the compiler has its own of."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A directory with the target's programs and libraries."""

    root: Path
    python: Path
    """The program, for the target's machine."""
    packages: tuple[Tool, ...] = ()

    @property
    def includes(self) -> tuple[Path, ...]:
        """Directories of headers, among them those of Python."""
        include = self.root / "usr/include"
        return (include, include / self.python.name)


def python_version(machine: Architecture, progress: Progress) -> str:
    """Return the version of Debian's Python for `machine`, like `3.14`.

    Raises:
        FetchError: apt is missing, or the index has no Python.
    """
    version = newest("python3", machine.names["debian"][0], progress)
    return ".".join(version.split(".")[:2])


def python_runtime(names: Sequence[str], machine: Architecture, progress: Progress) -> Runtime:
    """Return Python for `machine`, with the packages `names` besides.

    Raises:
        ProofError: the index has no Python.
        FetchError: apt is missing, or does not have one of them for the machine.
    """
    debian = machine.names["debian"][0]
    wanted = (*debian_packages().python, *names)
    got = unpacked((*wanted, *_BESIDES), debian, progress, without=_NOT_NEEDED)
    found = sorted((got.root / "usr/bin").glob("python3.[0-9]*[0-9]"))
    if not found:
        raise ProofError(f"the index has no Python for {debian}")
    return Runtime(got.root, found[-1], got.versions(wanted))
