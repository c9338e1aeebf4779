"""All build systems, the one that leads first."""

from __future__ import annotations

from pathlib import Path

from duanban.proof.build import autotools, cargo, cmake, go, make, meson, python
from duanban.proof.build.interface import BuildSystem

SYSTEMS: tuple[BuildSystem, ...] = (python, cmake, meson, autotools, cargo, go, make)
_BELOW = ("src", "source", "build", "lib")
"""Where else the build files may stand."""


def names() -> tuple[str, ...]:
    """Return the names of all build systems."""
    return tuple(system.NAME for system in SYSTEMS)


def find_build(tree: Path, name: str = "", below: str = "") -> tuple[BuildSystem, str] | None:
    """Return the build system of `tree`, and the directory that its files stand in.

    Args:
        tree: a directory.
        name: take this one.
        below: look in this directory only, relative to the tree; with a name beside it is
            believed, as build files can have names that only `--configure` tells.
    """
    places = (below,) if below else (".", *_BELOW)
    for place in places:
        for system in SYSTEMS:
            if (
                name in ("", system.NAME)
                and (tree / place).is_dir()
                and ((name and below) or system.claims(tree / place))
            ):
                return system, place
    return None
