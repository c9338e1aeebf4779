"""What a compiler for one machine is, and the directory of commands that make it the only one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

NATIVE_FLAGS = ("-march=native", "-mtune=native", "-mcpu=native")
"""What a compiler for another machine cannot know; there, its own would."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """Commands that build for one machine."""

    kind: str
    """`gcc` or `zig`."""
    version: str
    machine: str
    """GNU name of the machine that it builds for."""
    triplet: str
    commands: Mapping[str, tuple[str, ...]]
    """Command (`cc`, `c++`, `ar`, `ranlib`, `strip`, `nm`, `objcopy`) to what really runs."""
    readable: tuple[Path, ...] = ()
    """What a sandbox must show besides the system's own programs."""
    ld_prefix: str = ""
    """Where the emulator finds the machine's own loader and libraries; empty if linked in."""
    cache: Path | None = None
    """A directory of things compiled before, which is copied for each job."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def write_commands(
        self, directory: Path, *, crossing: bool, added: tuple[str, ...] = ()
    ) -> None:
        """Write commands that stand before the system's own along PATH.

        Args:
            directory: to write to.
            crossing: whether the compiler runs on another machine than it builds for.
            added: arguments that come after those of each call.
        """
        directory.mkdir(parents=True, exist_ok=True)
        template = files(__package__).joinpath("compiler.sh").read_text("utf-8")
        dropped = "|".join(NATIVE_FLAGS) if crossing else "''"
        for command, real in self.commands.items():
            line = shlex.join(real)
            text = f'#!/bin/sh\nexec {line} "$@"\n'
            if command in ("cc", "c++"):
                text = template.replace("@REAL@", line).replace("@DROPPED@", dropped)
                text = text.replace("@ADDED@", shlex.join(added))
            for name in _names(command, self.triplet):
                path = directory / name
                path.write_text(text, "utf-8")
                path.chmod(0o755)


def _names(command: str, triplet: str) -> tuple[str, ...]:
    """Return everything that `command` is called."""
    also = {"cc": ("gcc", "clang"), "c++": ("g++", "clang++")}.get(command, ())
    names = (command, *also)
    return (*names, *(f"{triplet}-{name}" for name in names))
