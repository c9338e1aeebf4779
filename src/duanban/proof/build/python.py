"""A Python source distribution with extensions in C, under the Python of each machine.

Setuptools builds, with a setup.py or from pyproject.toml alone.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "python"
DIRECTORY = "duanban-build"
_TEST = re.compile(r"^(\S+::\S+(?: \S+)*?) (PASSED|FAILED|ERROR|XFAIL|XPASS)\b", re.MULTILINE)
_TESTS = ("tests", "test")


def claims(tree: Path) -> bool:
    """Return whether there are build files beside a source distribution's metadata."""
    files = ("setup.py", "pyproject.toml")
    return (tree / "PKG-INFO").is_file() and any((tree / name).is_file() for name in files)


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands: built beside the sources, and whole into a directory of its own."""
    setup: tuple[str, ...] = ("setup.py",)
    if not (tree / "setup.py").is_file():
        setup = ("-c", "import setuptools; setuptools.setup()")
    beside = ("python3", *setup, "build_ext", "--inplace", *options)
    whole = ("python3", *setup, "build", "--build-lib", DIRECTORY)
    places = [name for name in _TESTS if (tree / name).is_dir()]
    test = ("python3", "-m", "pytest", "-v", "-p", "no:cacheprovider", *places) if places else ()
    environment = {"PYTHONPATH": DIRECTORY, "PYTHONHASHSEED": "0"}
    return Recipe(NAME, (), (beside, whole), test, (), environment, _hindrance(tree))


def _hindrance(tree: Path) -> str:
    """Return which other backend builds it (PEP 517), if one does."""
    try:
        data = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    system = data.get("build-system")
    backend = system.get("build-backend", "") if isinstance(system, dict) else ""
    known = not backend or str(backend).startswith("setuptools.")
    return "" if known or (tree / "setup.py").is_file() else f"it is built by {backend}"


def results(output: str) -> Results:
    """Return pytest's lines."""
    found = _TEST.findall(output)
    return Results({name: word in ("PASSED", "XFAIL", "XPASS") for name, word in found})
