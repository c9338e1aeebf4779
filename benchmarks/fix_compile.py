"""How many files that do not compile for a target do so after `duanban fix`, and why the rest do not.

Every C and C++ file of a tree (up to a limit, sampled by hash) is compiled for x86-64 and the target,
as the tree is and with the patch, without the project's configure step: `compile_truth.py`, which comes
with the benchmark's CSV files, does that with the clang of PyPI's `ziglang` and stub headers, x86-only
headers hidden from other targets. SIMDe's headers stand on the include path.

Run it:

    benchmarks/judgement/fetch.py --work WORK --split PACKAGES.csv
    pip install --target TOOLS ziglang simde-py
    .venv/bin/python benchmarks/fix_compile.py --work WORK --packages PACKAGES.csv \
        --truth compile_truth.py --tools TOOLS --results benchmarks/results

A package counts for a target if the CSV file labels it `nonportable-code` there.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "judgement"))
from sample import HeldBackError, read_rows

from duanban.answers import How, Proposal, propose, write_files
from duanban.check.core import CheckOptions
from duanban.targets.loader import load_target

TARGETS = {
    "riscv64": ("debian-sid-riscv64", "riscv64"),
    "loong64": ("debian-sid-loong64", "loongarch64"),
}
"""The CSV file's name of a target to its id and the machine's GNU name."""
LABEL = "nonportable-code"
FILES = (400, 250)
"""C and C++ files of a tree that are compiled at most."""

LIMIT = 300
"""Seconds for one file: the machine may be busy."""
SUFFIXES = {
    ".c",
    ".cc",
    ".cpp",
    ".cxx",
    ".h",
    ".hh",
    ".hpp",
    ".hxx",
    ".inl",
    ".tcc",
    ".def",
    ".inc",
}
INCLUDE = re.compile(rb'#[ \t]*include[ \t]*[<"](?:[^>"]*/)?([^/>"]+)[>"]')

Outcome = dict[str, Any]
"""Per path what the compiler said: {"x86": 1, "l": 0 or 1, "e": first error}."""


class Patient:
    """What the compiler's driver uses of `subprocess`, with a limit of ours."""

    DEVNULL = subprocess.DEVNULL
    PIPE = subprocess.PIPE
    TimeoutExpired = subprocess.TimeoutExpired

    @staticmethod
    def run(*arguments: Any, **options: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401
        """Run a command."""
        return subprocess.run(*arguments, **{**options, "timeout": LIMIT})  # noqa: PLW1510


@dataclass
class Row:
    """One package on one target."""

    package: str
    target: str
    compiled: int = 0
    failing: int = 0
    mended: int = 0
    worse_x86: list[str] = field(default_factory=list)
    worse_target: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    fixers: Counter[str] = field(default_factory=Counter)


class Bench:
    """The compiler and where everything stands."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.work: Path = options.work.resolve()
        self.truth = load(options.truth)
        simde = next(options.tools.resolve().glob("**/simde/x86/sse2.h")).parents[2]
        zig = next(options.tools.resolve().glob("**/ziglang/zig")).parent
        self.tool = self.truth.Tool(str(zig), str(self.work / "compile"), [str(simde)])
        self.truth.subprocess = Patient
        self.jobs: int = options.jobs
        self.quick: bool = options.quick

    def compile(
        self, package: str, tree: Path, machine: str, only: Collection[str] | None = None
    ) -> Outcome:
        """Return what the compiler says of the files of a tree on x86-64 and `machine`."""
        self.truth.TARGETS = ["x86_64", machine]
        files = self.truth.Tree(package, str(tree), str(self.work / "compile"))
        with ThreadPoolExecutor(self.jobs) as pool:
            paths = [p for p in files.sample(*FILES) if only is None or p in only]
            return dict(pool.map(lambda path: self.one(files, path), paths))

    def one(self, files: Any, path: str) -> tuple[str, Outcome]:  # noqa: ANN401 - of its module
        """Return what the compiler says of one file."""
        found = self.truth.do_file(self.tool, files, path)
        told = next(iter(found.get("t", {}).values()), {})
        return path, {"x86": found["x86"], "l": told.get("l", 0), "e": told.get("e", "")}

    def remembered(self, name: str, make: Callable[[], Outcome]) -> Outcome:
        """Return what was measured before under this name, or measure it."""
        place = self.work / "fix" / f"{name}.json"
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(make()), "utf-8")
        found: Outcome = json.loads(place.read_text("utf-8"))
        return found

    def measure(self, package: str, target: str) -> Row:
        """Measure one package on one target."""
        target_id, machine = TARGETS[target]
        tree = self.work / "trees" / package
        before = self.remembered(
            f"before-{machine}-{package}", lambda: self.compile(package, tree, machine)
        )
        how = How(options=CheckOptions(read_config=False))
        proposal = propose(tree, load_target(target_id), how=how)
        after = before
        if proposal.diff:
            patched = self.work / "patched" / machine / package
            shutil.rmtree(patched, ignore_errors=True)
            shutil.copytree(tree, patched, symlinks=True)
            write_files(patched, proposal.files)
            # What did not compile on x86-64 before is no evidence of anything, and what includes
            # no changed file compiles as before.
            reached = includers(tree, proposal.files)
            only = {
                path
                for path, was in before.items()
                if was["x86"] and (was["l"] == 1 or (path in reached and not self.quick))
            }
            after = {**before, **self.compile(package, patched, machine, only)}
        return compare(Row(package, target), before, after, proposal)


def includers(tree: Path, changed: Collection[str]) -> set[str]:
    """Return the changed files and all that include one, by name alone: rather more than fewer."""
    names: dict[str, set[str]] = {}
    for path in tree.rglob("*"):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            found = INCLUDE.findall(path.read_bytes())
            names[str(path.relative_to(tree))] = {n.decode("latin-1") for n in found}
    reached = set(changed)
    while True:
        words = {path.rpartition("/")[2] for path in reached}
        more = {path for path, included in names.items() if included & words} - reached
        if not more:
            return reached
        reached |= more


def compare(row: Row, before: Outcome, after: Outcome, proposal: Proposal) -> Row:
    """Fill a row."""
    for change in proposal.changes:
        row.fixers[change.fixer] += 1
    for path, was in before.items():
        now = after.get(path, {"x86": 0, "l": 1, "e": "not compiled"})
        if not was["x86"]:
            continue
        row.compiled += 1
        if not now["x86"]:
            row.worse_x86.append(path)
        if was["l"] != 1:
            row.worse_target += [path] if now["l"] == 1 else []
            continue
        row.failing += 1
        if now["l"] == 0 and now["x86"]:
            row.mended += 1
        else:
            row.reasons[f"{path}: {now['e']}"] += 1
    return row


def load(path: Path) -> ModuleType:
    """Return a Python file as a module."""
    spec = importlib.util.spec_from_file_location("compile_truth", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(rows: list[Row]) -> str:
    """Return the result as Markdown."""
    lines = [
        "| package | target | compile on x86-64 | fail on the target | of these after `fix` | "
        "worse on x86-64 | worse on the target | fixers (files) |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        fixers = ", ".join(f"{name} ({n})" for name, n in sorted(row.fixers.items()))
        lines.append(
            f"| {row.package} | {row.target} | {row.compiled} | {row.failing} | {row.mended} | "
            f"{len(row.worse_x86)} | {len(row.worse_target)} | {fixers} |"
        )
    by_target: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_target[row.target].append(row)
    for target, own in [*by_target.items(), ("all", rows)]:
        failing, mended = sum(r.failing for r in own), sum(r.mended for r in own)
        some = [r.mended / r.failing for r in own if r.failing]
        share = f"{mended / failing:.0%}" if failing else "-"
        mean = f"{sum(some) / len(some):.0%}" if some else "-"
        lines.append(
            f"| **{target}** | | {sum(r.compiled for r in own)} | {failing} | {mended} ({share}; mean of "
            f"{len(some)} packages {mean}) | {sum(len(r.worse_x86) for r in own)} | "
            f"{sum(len(r.worse_target) for r in own)} | |"
        )
    return "\n".join(lines)


def rest(rows: list[Row]) -> str:
    """Return why what still fails does."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for reason in row.reasons:
            reasons[f"{row.package}: {reason}"].append(row.target)
        for path in row.worse_x86:
            reasons[f"{row.package}: {path}: WORSE ON x86-64"].append(row.target)
        for path in row.worse_target:
            reasons[f"{row.package}: {path}: worse on the target"].append(row.target)
    return "\n".join(f"- {reason} ({', '.join(targets)})" for reason, targets in reasons.items())


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="where fetch.py put the trees")
    parser.add_argument("--packages", type=Path, required=True, metavar="FILE")
    parser.add_argument("--truth", type=Path, required=True, help="compile_truth.py")
    parser.add_argument("--tools", type=Path, required=True, help="with ziglang and simde-py")
    parser.add_argument("--only", nargs="*", default=[], metavar="PACKAGE")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="compile again only what failed")
    parser.add_argument("--results", type=Path, help="directory to write the result to")
    options = parser.parse_args()
    try:
        wanted = read_rows(options.packages)
    except (HeldBackError, OSError, ValueError) as error:
        sys.exit(f"fix_compile: {error}")
    bench = Bench(options)
    rows: list[Row] = []
    for one in sorted(wanted, key=lambda row: (row["package"], row["target"])):
        package, target = one["package"], one["target"]
        chosen = not options.only or package in options.only
        if one["label"] != LABEL or target not in TARGETS or not chosen:
            continue
        if not (bench.work / "trees" / package).is_dir():
            print(package, "was not fetched", file=sys.stderr)
            continue
        rows.append(bench.measure(package, target))
        last = rows[-1]
        worse = f"worse on x86-64: {len(last.worse_x86)}, there: {len(last.worse_target)}"
        print(package, target, last.failing, last.mended, worse, file=sys.stderr, flush=True)
    text = f"{table(rows)}\n\n## Why the rest does not compile\n\n{rest(rows)}\n"
    if options.results:
        head = f"# Files that compile after `duanban fix`, {date.today().isoformat()}\n\n"
        command = "    " + (__doc__ or "").split("Run it:\n")[1].strip().split("\n\n")[0].strip()
        place = options.results / f"{date.today().isoformat()}-fix.md"
        place.write_text(f"{head}{command}\n\n{text}", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
