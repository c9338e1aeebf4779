r"""`duanban check` against the two open porting advisors, tree by tree.

The advisors (aws/porting-advisor-for-graviton and arm-hpc/porting-advisor, both Apache-2.0) know
one target, aarch64; so ours checks that one. In rotation, round by round, on each tree:

    duanban check TREE -j2 --no-cache --no-config -t debian-sid-arm64 -f json
    python src/porting-advisor.py --no-progress --output-format json --output FILE TREE

Get them from their public repositories, and run:

    python -m venv WORK/peers
    WORK/peers/bin/pip install jinja2 markupsafe packaging progressbar33 xlsxwriter
    .venv/bin/python benchmarks/advisors.py --work WORK --python WORK/peers/bin/python \
        --advisor aws=WORK/aws/src/porting-advisor.py \
        --advisor arm=WORK/arm/src/porting-advisor.py \
        --results benchmarks/results TREE...

Speed is the bytes of all files of the tree over CPU seconds, start-up included. The last row is
one run of ours over all trees against the sum of the advisors' runs, which take one tree each.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from measure import BenchmarkError, Cost, machine, median, run

OURS = "duanban"


def main() -> None:
    """Measure and print a Markdown report."""
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        text = report(options)
    except BenchmarkError as error:
        sys.exit(f"advisors: {error}")
    print(text, end="")
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        file = options.results / f"{date.today().isoformat()}-advisors.md"
        file.write_text(text, encoding="utf-8")


def report(options: argparse.Namespace) -> str:
    """Run all rounds on all trees and return the report."""
    advisors = dict(text.split("=", 1) for text in options.advisor)
    heads = " | ".join(f"{name} CPU s" for name in (OURS, *advisors))
    lines = [
        f"# Against the porting advisors, {date.today().isoformat()}",
        "",
        f"- Machine: {machine()}.",
        f"- Each figure is the median of {options.rounds} rounds in rotation.",
        "",
        f"| tree | MB | {heads} | {OURS} MB/s | faster advisor MB/s | faster by |",
        "|---|---:|" + "---:|" * (len(advisors) + 4),
    ]
    totals: dict[str, float] = dict.fromkeys(advisors, 0.0)
    for tree in options.trees:
        cpu = _cpu(tree, advisors, options)
        lines.append(_row(tree.name, _size(tree) / 1e6, cpu))
        for name in advisors:
            totals[name] += cpu[name]
    together = [run(_our_command(options.trees, options)) for _ in range(options.rounds)]
    size = sum(_size(tree) for tree in options.trees) / 1e6
    lines.append(_row("**all, ours in one run**", size, {OURS: median(together).cpu, **totals}))
    return "\n".join(lines) + "\n"


def _cpu(tree: Path, advisors: dict[str, str], options: argparse.Namespace) -> dict[str, float]:
    """Return the median CPU seconds of each on one tree."""
    commands = {OURS: _our_command([tree], options)}
    for name, script in advisors.items():
        result = str(options.work / f"{name}.json")
        words = ["--no-progress", "--output-format", "json", "--output", result, str(tree)]
        commands[name] = [options.python, script, *words]
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            costs[name].append(run(command))
    cpu = {name: median(runs).cpu for name, runs in costs.items()}
    print(f"{tree.name}: {cpu}", file=sys.stderr)
    return cpu


def _row(title: str, size: float, cpu: dict[str, float]) -> str:
    best = min((name for name in cpu if name != OURS), key=cpu.__getitem__)
    figures = " | ".join(f"{seconds:.2f}" for seconds in cpu.values())
    return (
        f"| {title} | {size:.1f} | {figures} | {size / cpu[OURS]:.0f} "
        f"| {size / cpu[best]:.1f} ({best}) | {cpu[best] / cpu[OURS]:.1f} × |"
    )


def _our_command(trees: Sequence[Path], options: argparse.Namespace) -> list[str]:
    settings = ["-j2", "--no-cache", "--no-config", "-t", "debian-sid-arm64", "-f", "json"]
    return [options.duanban, "check", *map(str, trees), *settings]


def _size(tree: Path) -> int:
    return sum(
        file.lstat().st_size
        for folder, _, names in os.walk(tree)
        for name in names
        if not (file := Path(folder) / name).is_symlink()
    )


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    beside = Path(sys.executable).parent
    parser.add_argument("trees", nargs="+", type=Path, metavar="TREE")
    parser.add_argument("--work", type=Path, required=True, help="directory to work in")
    parser.add_argument("--advisor", action="append", required=True, metavar="NAME=SCRIPT")
    parser.add_argument("--python", default=sys.executable, help="that runs the advisors")
    parser.add_argument("--duanban", default=str(beside / "duanban"))
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    parser.add_argument("--results", type=Path, help="directory for the report")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
