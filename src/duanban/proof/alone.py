"""Compiles single files with guessed include directories, where no build tells how."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from duanban.locate.digest import file_hash
from duanban.proof.compile_log import SOURCES, Compiled, first_error
from duanban.proof.interface import Unit
from duanban.proof.sandbox import Limits, Ran
from duanban.proof.workshop import Workshop

MOST = 60
"""Files that are compiled alone; beyond, a build is needed to tell."""
_LIMITS = Limits(seconds=120, processes=50)
_MISSING = re.compile(r"(?:fatal error: |')([^\s':]+)(?:: No such file|' file not found)")
_FEATURE = re.compile(
    r"target specific option mismatch|target feature|needs target|without '?\w+'? enabled"
)
_RICH = ("-march=sapphirerapids",)
_TRIES = 12


class Alone:
    """Compiles on the reference first: only what passes there says something about the target.

    Args:
        reference: a workshop of the machine to compare with.
        target: of the machine to prove for, with the same tree.
    """

    def __init__(self, reference: Workshop, target: Workshop) -> None:
        self._reference = reference
        self._target = target
        self._headers = _by_name(reference.tree)

    def units(self, paths: Iterable[str], jobs: int) -> list[Unit]:
        """Return what the compilers say of each of `paths` that compiles on the reference."""
        chosen = [path for path in paths if path.endswith(SOURCES)][:MOST]
        with ThreadPoolExecutor(max(jobs, 1)) as pool:
            return [unit for unit in pool.map(self._unit, chosen) if unit is not None]

    def _unit(self, path: str) -> Unit | None:
        includes = _guessed(self._reference.tree, path)
        flags: tuple[str, ...] = ()
        for _ in range(_TRIES):
            ran = _compile(self._reference, path, (*flags, *includes))
            if ran.passed:
                break
            if found := self._directory(ran.output, path, includes):
                includes = (*includes, f"-I{found}")
            elif not flags and _FEATURE.search(ran.output):
                flags = _RICH
            else:
                return None
        else:
            return None
        ran = _compile(self._target, path, includes)
        tree = self._target.tree
        place, line, message = first_error(ran.output, str(tree), tree)
        return Unit(
            path,
            file_hash(tree / path),
            reference=True,
            target=ran.passed,
            by="alone",
            line=0 if ran.passed else line,
            place="" if ran.passed else place,
            message="" if ran.passed else message,
            warnings=ran.output.count(": warning: "),
            warnings_before=ran.output.count(": warning: "),
        )

    def _directory(self, output: str, path: str, have: tuple[str, ...]) -> str:
        """Return the nearest directory of the tree that has the header that was not found."""
        found = _MISSING.search(output)
        if found is None:
            return ""
        wanted = found[1]
        places = [
            header[: -len(wanted)].rstrip("/") or "."
            for header in self._headers.get(wanted.rpartition("/")[2], ())
            if f"/{header}".endswith(f"/{wanted}")
        ]
        new = [place for place in places if f"-I{place}" not in have]
        return max(new, key=lambda place: (_shared(place, path), place), default="")


def unit_of(
    path: str, reference: Compiled, target: Compiled, before: Compiled | None, tree: Path
) -> Unit:
    """Return what two builds say of one file."""
    return Unit(
        path,
        file_hash(tree / path),
        reference=reference.passed,
        target=target.passed,
        by="build",
        line=target.line,
        place=target.place,
        message=target.message,
        warnings=target.warnings,
        warnings_before=before.warnings if before and before.passed else target.warnings,
    )


def _compile(workshop: Workshop, path: str, flags: tuple[str, ...]) -> Ran:
    compiler = "cc" if path.endswith((".c", ".s", ".S")) else "c++"
    command = (compiler, "-c", "-O0", *flags, path, "-o", "/dev/null")
    return workshop.with_environment({"DUANBAN_LOG": ""}).run(command, limits=_LIMITS)


def _guessed(tree: Path, path: str) -> tuple[str, ...]:
    """Return the include directories that a build would likely give."""
    places = [".", "include", "src", "inc"]
    here = Path(path).parent
    for parent in (here, *here.parents):
        places += [str(parent), str(parent / "include"), str(parent / "src")]
    return tuple(f"-I{place}" for place in dict.fromkeys(places) if (tree / place).is_dir())


def _by_name(tree: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for base, _, names in os.walk(tree):
        relative = os.path.relpath(base, tree)
        for name in names:
            path = name if relative == "." else f"{relative}/{name}"
            found.setdefault(name, []).append(path)
    return found


def _shared(one: str, other: str) -> int:
    """Return how many directories two paths have in common, from the root down."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
