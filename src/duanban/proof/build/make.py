"""A plain Makefile."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "make"
_NAMES = ("GNUmakefile", "makefile", "Makefile")
_TEST = re.compile(r"^(check|test|tests)\s*:(?!=)", re.MULTILINE)
_LARGEST = 1 << 20


def claims(tree: Path) -> bool:
    """Return whether there is a makefile under one of the names that Make looks for."""
    return any((tree / name).is_file() for name in _NAMES)


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; tests are the target `check`, else `test`, else `tests`."""
    targets = _TEST.findall(_text(tree))
    test = next((name for name in ("check", "test", "tests") if name in targets), "")
    call = ("make", *options)
    return Recipe(NAME, (), ((*call, "-k", f"-j{jobs}"),), (*call, test) if test else (), ("make",))


def results(output: str) -> Results:
    """Return nothing: every project says it in its own way, and the exit code tells."""
    return Results()


def _text(tree: Path) -> str:
    path = next((tree / name for name in _NAMES if (tree / name).is_file()), None)
    if path is None:
        return ""
    with path.open("rb") as file:
        return file.read(_LARGEST).decode("utf-8", "replace")
