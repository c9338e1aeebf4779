"""CMake with CTest."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "cmake"
DIRECTORY = "duanban-build"
_TEST = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (\S+) \.+\s*(\*{3})?\s*(\w+)", re.MULTILINE)


def claims(tree: Path) -> bool:
    """Return whether there is a CMakeLists.txt."""
    return (tree / "CMakeLists.txt").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; libraries are static unless the project says otherwise."""
    configure = (
        *("cmake", "-S", ".", "-B", DIRECTORY, "-G", "Unix Makefiles"),
        *("-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF", *options),
    )
    build = ("cmake", "--build", DIRECTORY, "-j", str(jobs), "--", "-k")
    test = (
        "ctest",
        "--test-dir",
        DIRECTORY,
        "-j",
        str(jobs),
        "--no-tests=error",
        "--output-on-failure",
    )
    return Recipe(NAME, (configure,), (build,), test, ("cmake", "ctest", "make"))


def results(output: str) -> Results:
    """Return CTest's lines."""
    return Results({name: word == "Passed" for name, _, word in _TEST.findall(output)})
