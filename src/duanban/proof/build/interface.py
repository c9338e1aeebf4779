"""What a build system is to a proof: commands, and how to read what its tests say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from duanban.targets.interface import Architecture

Command = tuple[str, ...]
OWN_COMPILER = "own-cc"
"""The C compiler of this machine along PATH, where `cc` is the target's."""


@dataclass(frozen=True, slots=True)
class Results:
    """What tests came to."""

    tests: Mapping[str, bool] = field(default_factory=dict)
    """Name to whether it passed; empty where only the exit code tells."""

    @property
    def passed(self) -> int:
        """How many passed."""
        return sum(self.tests.values())


@dataclass(frozen=True, slots=True)
class Probe:
    """A command that passes where something needed is there."""

    command: Command
    missing: str
    """What is to be said where it does not pass."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The commands for one tree; the machine they run on seems to be the one to build for."""

    system: str
    configure: tuple[Command, ...]
    build: tuple[Command, ...]
    test: Command = ()
    """Empty where the project has none that can be told."""
    needs: tuple[str, ...] = ()
    """Programs of this machine."""
    environment: Mapping[str, str] = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    """Run for the target before what it comes to is believed."""


class BuildSystem(Protocol):
    """One build system, a module of this package."""

    NAME: str

    def claims(self, tree: Path) -> bool:
        """Return whether the directory is built by it."""
        ...

    def recipe(
        self, tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture
    ) -> Recipe:
        """Return the commands, to be run in `tree`.

        Args:
            tree: the directory.
            jobs: processes at once.
            options: of the user, for the configure step (for Make: for every call).
            machine: to build for.
        """
        ...

    def results(self, output: str) -> Results:
        """Return what the test command's output says."""
        ...
