#!/usr/bin/env python3
"""Ask the tags of the libraries in `inventory/vendored.toml` since when they know each machine.

    scripts/verify_vendored.py --repositories DIR [NAME…]

DIR has a clone (bare or not) of each library that `source` names as github.com/OWNER/NAME, in
OWNER+NAME or OWNER+NAME/repo. Printed are the libraries whose `since` the tags tell otherwise; the
exit code is 1 if there are any. A library whose file is gone for good needs no list of machines any
more and knows all of them. What the first version with the file knows is not compared: no copy that
can be recognised is older. Where `source` says commits, each commit is asked, and `since` is the
day (`of 2022-05-06`).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from duanban.inventory.vendored import Library, libraries

_VERSION = re.compile(r"[0-9]+(?:[._-][0-9]+)*[a-z]?(?![a-z])")
_UNFINISHED = re.compile(r"rc|alpha|beta|pre|dev|nightly", re.IGNORECASE)
MACHINES = ("aarch64", "riscv64", "loongarch64")


def git(clone: Path, *arguments: str) -> bytes:
    """Return what git says in a clone; nothing where it fails."""
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, capture_output=True, check=False).stdout


def states(clone: Path, library: Library) -> list[tuple[str, str]]:
    """Return commit and name of each version, the oldest first; days where commits count."""
    if not library.source.endswith("commits"):
        listed = git(clone, "tag").decode().split()
        versions = [
            (tag, found[0].replace("_", "."))
            for tag in listed
            if (found := _VERSION.search(tag)) and not _UNFINISHED.search(tag)
        ]
        return sorted(versions, key=lambda one: _order(one[1]))
    names = [f":(glob)**/{name}" for name in (*library.files, *library.beside.values())]
    log = git(clone, "log", "--reverse", "--format=%H of %cs", "--", *names).decode()
    return [(line[:40], line[41:]) for line in log.splitlines()]


def _order(version: str) -> tuple[tuple[int, str], ...]:
    parts = (re.fullmatch(r"([0-9]+)([a-z]?)", part) for part in re.split(r"[.-]", version))
    return tuple((int(part[1]), part[2]) for part in parts if part)


def known(clone: Path, library: Library, commit: str) -> set[str] | None:
    """Return the machines that a version knows; None if it does not have the file."""
    paths = git(clone, "ls-tree", "-r", "--name-only", commit).decode("utf-8", "replace")
    found: set[str] | None = None
    for path in paths.splitlines():
        directory, _, name = path.rpartition("/")
        if name not in library.files:
            continue
        data = git(clone, "show", f"{commit}:{path}")
        if library.contains.search(data):
            beside = [p for p in paths.splitlines() if p.rpartition("/")[0] == directory]
            siblings = frozenset(p.rpartition("/")[2] for p in beside)
            found = (found or set()) | library.knows_of(data, siblings)
    return found


def since(clone: Path, library: Library) -> dict[str, str]:
    """Return, by machine, the first version that knows it, unless that is the first of all."""
    every = [(known(clone, library, commit), version) for commit, version in states(clone, library)]
    while every and every[0][0] is None:
        every.pop(0)
    last = max((at for at, (machines, _) in enumerate(every) if machines is not None), default=-1)
    found: dict[str, str] = {}
    for at, (machines, version) in enumerate(every):
        for machine in MACHINES if at > last else machines or ():
            found.setdefault(machine, version if at else library.since[machine])
    return {machine: found.get(machine, "none") for machine in MACHINES}


def main() -> int:
    """Compare each library whose clone is there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    wrong = 0
    for library in libraries():
        home = re.match(r"github\.com/([\w.-]+)/([\w.-]+)", library.source)
        if home is None or (options.names and library.name not in options.names):
            continue
        clone = options.repositories / f"{home[1]}+{home[2]}"
        clone = clone / "repo" if (clone / "repo").is_dir() else clone
        if not clone.is_dir():
            print(f"{library.name}: no clone", file=sys.stderr)
            continue
        if not library.since:
            continue
        told = since(clone, library)
        if any(not library.since[machine].endswith(version) for machine, version in told.items()):
            wrong += 1
            print(f"{library.name}: {told}, not {dict(library.since)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
