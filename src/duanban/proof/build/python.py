"""A Python source distribution with extensions in C; this Python cannot load what is built."""

from __future__ import annotations

import sys
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "python"


def claims(tree: Path) -> bool:
    """Return whether there is a setup.py beside a source distribution's metadata."""
    return (tree / "setup.py").is_file() and (tree / "PKG-INFO").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; the headers are this Python's, which are the same on 64-bit Linux."""
    build = (sys.executable, "setup.py", "build_ext", "--inplace", *options)
    return Recipe(NAME, (), (build,), (), (sys.executable,))


def results(output: str) -> Results:
    """Return nothing: no tests are run."""
    return Results()
