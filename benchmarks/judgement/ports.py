#!/usr/bin/env python3
"""Score `duanban check` against commits that ported a project: where they worked, and how much.

    benchmarks/judgement/ports.py --work DIR --repositories DIR [--label NAME]

`ports.csv` names repositories and commits; DIR of --repositories has a clone of each as OWNER+NAME
or OWNER+NAME/repo (bare or not). What is checked is the tree before the commit, for the targets
that the commit is for; what is scored is the commit's changes outside tests and documentation and
outside files that build tools make. The table is printed for all commits and for each half of the
projects: what is improved by reading one half is measured on the other. Packages of the held-back
half are refused.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from clones import CloneError, bring, git
from judgements import DEBIAN, Judgement, is_done, read_report, run_check
from patches import locate, parse, read_lines
from places import Place, is_aside
from run import markdown
from sample import refuse_held_back
from tables import effort_rows, place_rows
from truth import PatchSize

PORTS = Path(__file__).with_name("ports.csv")
GENERATED = ("configure", "config.guess", "config.sub", "Makefile.in", "aclocal.m4", "ltmain.sh")


@dataclass(frozen=True, slots=True)
class Port:
    """A commit that brought a target to a project."""

    package: str
    """Debian's name of the project's source package."""
    repository: str
    commit: str
    arch: str
    """Debian's names of the targets, joined by `+`."""

    @property
    def name(self) -> str:
        """Return what its tree and report are called."""
        return f"{self.package}_{self.commit}"


def read_ports() -> list[Port]:
    """Return the commits of `ports.csv`.

    Raises:
        HeldBackError: a package of the held-back half is named.
    """
    with PORTS.open(encoding="utf-8", newline="") as stream:
        found = [Port(**row) for row in csv.DictReader(stream)]
    refuse_held_back(port.package for port in found)
    return found


def half_of(package: str) -> str:
    """Return the half that a project is in: `read` while rules are made, or `measured`."""
    digest = hashlib.sha1(package.encode(), usedforsecurity=False).hexdigest()
    return "read" if digest[1] < "8" else "measured"


def truth(repositories: Path, port: Port, tree: Path) -> tuple[list[Place], int]:
    """Return the places that the commit changed and how many lines it changed in all."""
    diff = git(repositories, port.repository, "diff", "-M", f"{port.commit}^", port.commit)
    hunks = [
        hunk
        for hunk in parse(diff.decode("utf-8", "replace"))
        if not is_aside(hunk.path) and not hunk.path.endswith(GENERATED)
    ]
    places: dict[Place, None] = {}
    for hunk in hunks:
        start = locate(hunk, read_lines(tree / hunk.path))
        for span in hunk.spans(start) if start is not None else ():
            places[Place(port.name, port.arch, hunk.path, *span)] = None
    return list(places), sum(hunk.changed for hunk in hunks)


def main() -> None:
    """Bring the trees, check those without a report, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--label", default="ports", help="name of this run's reports")
    parser.add_argument("--command", default=f"{sys.executable} -m duanban")
    parser.add_argument("--limit", type=float, default=600, help="seconds for a tree")
    options = parser.parse_args()
    trees, reports = options.work / "ports", options.work / "reports" / options.label
    places: list[Place] = []
    sizes: list[PatchSize] = []
    judged: dict[tuple[str, str], Judgement] = {}
    for port in read_ports():
        tree = trees / port.name
        try:
            bring(options.repositories, port.repository, f"{port.commit}^", tree)
            found, lines = truth(options.repositories, port, tree)
        except (OSError, CloneError) as error:
            print(f"{port.name}: {error}", file=sys.stderr, flush=True)
            continue
        run_check(shlex.split(options.command), trees, reports, [port.name], options.limit)
        report = reports / f"{port.name}.json"
        if not is_done(report):
            continue
        said = read_report(report)
        places += found
        for arch in port.arch.split("+"):
            judged[port.name, DEBIAN[arch]] = said[DEBIAN[arch]]
            sizes.append(PatchSize(port.name, DEBIAN[arch], lines))
    halves = {port.name: half_of(port.package) for port in read_ports()}
    tables = {}
    for half in ("", *sorted(set(halves.values()))):
        some = [one for one in sizes if half in ("", halves[one.package])]
        rows = [
            *place_rows([p for p in places if half in ("", halves[p.package])], judged, trees),
            *effort_rows(some, judged),
        ]
        tables[f"{half or 'all'}: {len({one.package for one in some})} commits"] = rows
    print(markdown(tables))


if __name__ == "__main__":
    main()
