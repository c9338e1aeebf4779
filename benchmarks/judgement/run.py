#!/usr/bin/env python3
"""Score `duanban check` and its peers against the benchmark's truth and print the table.

    benchmarks/judgement/run.py --work DIR --bench DIR [--peers DIR] [--split dev]

DIR of --work is what fetch.py filled; reports are kept there (reports/LABEL), so that a run that
was stopped goes on; give another --label after the tool has changed. DIR of --bench holds
compile_truth_SPLIT.csv, packages_SPLIT.csv and patches_SPLIT.csv. Errors for study are written to
WORK/errors-LABEL-files.csv and -places.csv. The table goes to standard output.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Collection
from pathlib import Path

from baselines import ADVISORS, any_marker, read_advisor, run_advisor
from judgements import DEBIAN, Judgement, is_done, read_report, run_check
from places import Place
from sample import HeldBackError
from tables import (
    Judgements,
    Row,
    effort_rows,
    file_rows,
    package_rows,
    place_rows,
    write_file_errors,
    write_place_errors,
)
from truth import FileTruth, PackageTruth, PatchSize, read_files, read_packages, read_places


class Truth:
    """Everything the tools are scored against."""

    def __init__(self, bench: Path, split: str, work: Path, corrected: bool) -> None:
        self.files: list[FileTruth] = read_files(bench / f"compile_truth_{split}.csv")
        self.packages: list[PackageTruth] = read_packages(
            bench / f"packages_{split}.csv", corrected
        )
        self.places: list[Place]
        self.sizes: list[PatchSize]
        self.places, self.sizes, self.notes = read_places(bench / f"patches_{split}.csv", work)

    def keep(self, packages: Collection[str]) -> None:
        """Keep what is known of `packages` only."""
        self.files = [one for one in self.files if one.package in packages]
        self.packages = [one for one in self.packages if one.package in packages]
        self.places = [one for one in self.places if one.package in packages]
        self.sizes = [one for one in self.sizes if one.package in packages]

    def names(self) -> list[str]:
        """Return every package that something is known of."""
        every = (self.files, self.packages, self.places, self.sizes)
        return sorted({one.package for side in every for one in side})


def ours(work: Path, label: str, names: list[str]) -> dict[tuple[str, str], Judgement]:
    """Return what the reports under a label say, by package and machine."""
    found: dict[tuple[str, str], Judgement] = {}
    for name in names:
        report = work / "reports" / label / f"{name}.json"
        if is_done(report):
            found |= {(name, machine): one for machine, one in read_report(report).items()}
    return found


def for_all(judged: dict[str, Judgement]) -> dict[tuple[str, str], Judgement]:
    """Return judgements that are the same for every machine."""
    return {(name, machine): one for name, one in judged.items() for machine in DEBIAN.values()}


def table(truth: Truth, tool: Judgements, trees: Path) -> list[Row]:
    """Return all measures of one tool."""
    return [
        *file_rows(truth.files, tool),
        *package_rows(truth.packages, tool),
        *place_rows(truth.places, tool, trees),
        *effort_rows(truth.sizes, tool),
    ]


def markdown(tables: dict[str, list[Row]]) -> str:
    """Return the tables, one after the other."""
    lines = []
    for tool, rows in tables.items():
        lines += [f"### {tool}", "", "| measure | value (95 % interval) | from |", "|---|---|---|"]
        lines += [f"| {row.measure} | {row.value} | {row.basis} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run the tools where there is no report yet, then score them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--peers", type=Path, help="with aws/, arm/ (checkouts) and venv/")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--label", default="now", help="name of this run's reports")
    parser.add_argument("--command", default=f"{sys.executable} -m duanban")
    parser.add_argument("--limit", type=float, default=600, help="seconds for a tree")
    parser.add_argument(
        "--packages", nargs="+", help="score these only; `files`: those of the compile truth"
    )
    parser.add_argument("--as-labelled", action="store_true", help="leave our corrections out")
    options = parser.parse_args()
    work: Path = options.work
    trees = work / "trees"
    try:
        truth = Truth(options.bench, options.split, work, not options.as_labelled)
    except (OSError, ValueError, HeldBackError) as error:
        sys.exit(f"run: {error}")
    if options.packages == ["files"]:
        truth.keep({one.package for one in truth.files})
    elif options.packages:
        truth.keep(options.packages)
    names = [name for name in truth.names() if (trees / name).is_dir()]
    missing = sorted(set(truth.names()) - set(names))
    run_check(
        shlex.split(options.command), trees, work / "reports" / options.label, names, options.limit
    )
    tools: dict[str, Judgements] = {"duanban": ours(work, options.label, names)}
    tools["any x86 marker"] = for_all({name: any_marker(trees / name) for name in names})
    if options.peers:
        for advisor, (checkout, directory) in ADVISORS.items():
            reports = work / "reports" / directory
            if (options.peers / checkout).is_dir():
                run_advisor(options.peers / checkout, trees, reports, names, options.limit)
            done = [name for name in names if (reports / f"{name}.json").exists()]
            tools[advisor] = for_all(
                {name: read_advisor(reports / f"{name}.json", trees / name) for name in done}
            )
    errors = work / f"errors-{options.label}"
    write_file_errors(truth.files, tools["duanban"], errors.with_name(f"{errors.name}-files.csv"))
    write_place_errors(
        truth.places, tools["duanban"], errors.with_name(f"{errors.name}-places.csv")
    )
    print(f"{len(names)} packages judged; without a tree: {', '.join(missing) or 'none'}\n")
    print(markdown({tool: table(truth, judged, trees) for tool, judged in tools.items()}))


if __name__ == "__main__":
    main()
