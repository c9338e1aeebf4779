"""GNU Autotools, and any other `configure`."""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "autotools"
_TEST = re.compile(r"^(PASS|FAIL|XFAIL|XPASS|ERROR): (.+)$", re.MULTILINE)
_HAS_CHECK = re.compile(r"^(check|test)\s*:(?!=)", re.MULTILINE)
_SOURCES = ("configure.ac", "configure.in")
_LARGEST = 4 << 20


def claims(tree: Path) -> bool:
    """Return whether there is a configure script, or what Autoconf makes one from."""
    return any((tree / name).is_file() for name in ("configure", *_SOURCES))


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; configure tells the machine by itself, as it would there."""
    prepare: tuple[tuple[str, ...], ...] = ()
    needs: tuple[str, ...] = ("make",)
    if not (tree / "configure").is_file():
        prepare, needs = (("autoreconf", "-fi"),), ("make", "autoreconf")
    configure = ("sh", "./configure", *options)
    build = ("make", "-k", f"-j{jobs}")
    return Recipe(NAME, (*prepare, configure), (build,), ("make", "-k", _test(tree)), needs)


def _test(tree: Path) -> str:
    """Return the target that tests: `check` as GNU has it, unless there is only another one."""
    for name in ("Makefile.in", "Makefile.am", "Makefile"):
        if (tree / name).is_file():
            with (tree / name).open("rb") as file:
                text = file.read(_LARGEST).decode("utf-8", "replace")
            found = _HAS_CHECK.findall(text)
            if name != "Makefile.am":
                return "check" if "check" in found or "test" not in found else "test"
    return "check"


def results(output: str) -> Results:
    """Return the lines of Automake's test driver."""
    return Results({name: word in ("PASS", "XFAIL") for word, name in _TEST.findall(output)})
