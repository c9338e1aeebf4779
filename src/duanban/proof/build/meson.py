"""Meson with Ninja."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "meson"
DIRECTORY = "duanban-build"
_TEST = re.compile(
    r"^\s*\d+/\d+ (.+?)\s+(OK|FAIL|TIMEOUT|ERROR|EXPECTEDFAIL|UNEXPECTEDPASS)\b", re.MULTILINE
)


def claims(tree: Path) -> bool:
    """Return whether there is a meson.build."""
    return (tree / "meson.build").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; no part is fetched."""
    configure = (
        *("meson", "setup", DIRECTORY, "--buildtype=release", "--default-library=static"),
        *("--wrap-mode=nodownload", *options),
    )
    build = ("ninja", "-C", DIRECTORY, "-j", str(jobs), "-k", "0")
    test = ("meson", "test", "-C", DIRECTORY, "--num-processes", str(jobs), "--print-errorlogs")
    return Recipe(NAME, (configure,), (build,), test, ("meson", "ninja"))


def results(output: str) -> Results:
    """Return Meson's lines."""
    return Results({name: word in ("OK", "EXPECTEDFAIL") for name, word in _TEST.findall(output)})
