"""A Python source distribution with extensions in C, under the Python of each machine."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "python"
DIRECTORY = "duanban-build"
_TEST = re.compile(r"^(\S+::\S+(?: \S+)*?) (PASSED|FAILED|ERROR|XFAIL|XPASS)\b", re.MULTILINE)
_TESTS = ("tests", "test")


def claims(tree: Path) -> bool:
    """Return whether there is a setup.py beside a source distribution's metadata."""
    return (tree / "setup.py").is_file() and (tree / "PKG-INFO").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands: built beside the sources, and whole into a directory of its own."""
    beside = ("python3", "setup.py", "build_ext", "--inplace", *options)
    whole = ("python3", "setup.py", "build", "--build-lib", DIRECTORY)
    places = [name for name in _TESTS if (tree / name).is_dir()]
    test = ("python3", "-m", "pytest", "-v", "-p", "no:cacheprovider", *places) if places else ()
    environment = {"PYTHONPATH": DIRECTORY, "PYTHONHASHSEED": "0"}
    return Recipe(NAME, (), (beside, whole), test, (), environment)


def results(output: str) -> Results:
    """Return pytest's lines."""
    found = _TEST.findall(output)
    return Results({name: word in ("PASSED", "XFAIL", "XPASS") for name, word in found})
