#!/usr/bin/env python3
"""Fit the factors of `check/calibration.toml` to findings whose truth is known.

    benchmarks/judgement/calibrate.py --observations FILE --ported TREE... --truth CSV:TREES...
        --restricted CSV:TREES --ports TREES:REPOSITORIES [--write]

Truth comes from four sides. In a package that Debian builds for a target from upstream's source, no
finding is true (`--ported`; `needs_changes.csv` has those that Debian patches for it). Where a
compiler has judged a file, a finding that breaks its compilation is as true as the file fails
(`--truth`; of what the build needs it says nothing, so only findings that nothing speaks against
count). In a package that is not ported, by the labels and corrections of `packages_*.csv`, the
options, refusals, rows and assembler that block and that nothing speaks against are taken to be
true, since no compiler of single files can be asked there (`--restricted`). In the tree before a
commit that ported a project, a finding is true within 20 lines of what the commit changed, and a
row if the commit adds to it (`--ports`, of `ports.csv`); of what stops a unit that was followed
whole only the compiler tells. Packages of the held-back half are refused.

What is found is kept in FILE, a line each, so that fitting again costs nothing. Printed is how often
what was claimed came true, before and after, each package judged by factors that it was no part of.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

from clones import bring, git
from judgements import DEBIAN, TARGETS
from metrics import mean
from places import is_near
from ports import Port, read_ports
from ports import truth as places_of
from sample import refuse_held_back
from truth import read_packages

from duanban.check.calibration import calibration
from duanban.check.config import Config
from duanban.check.findings import COMPILED
from duanban.check.gather import Gatherer
from duanban.model import Finding, Severity
from duanban.scan.setup import expanded_rules
from duanban.targets.loader import load_target

TABLE = Path(__file__).parents[2] / "src/duanban/check/calibration.toml"
UNDISPUTED = ("", "compiled", "undecided", "needed", "assembler tree")
"""Circumstances that say nothing against a place."""
NOT_COMPILED = ("flag", "refusal", "row", "called row", "build", "assembler file")
"""Kinds of which a compiler of single files says nothing."""
NEEDS = Path(__file__).with_name("needs_changes.csv")
FOLDS = 5
RIDGE = 5.0
"""Penalty on the square of each shift of log-odds: with few findings, a claim stays as it is."""
ROUNDS = 60
"""Of coordinate descent; the shifts settle in about 30."""
ENOUGH = 20.0
"""Findings that must claim so much for a highest claim to be told from them."""
MOST_OF_ONE = 4.0
"""Weight of a package's findings in one cell, at most: few projects have most findings."""
BINS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding whose truth is known."""

    package: str
    source: str
    rule: str
    severity: str
    circumstance: str
    claimed: float
    is_true: bool

    @property
    def cell(self) -> tuple[str, str]:
        """Return what its factor is kept under."""
        return calibration().kind(self.rule), self.circumstance


def gather(tree: Path, machines: Sequence[str]) -> dict[str, list[Finding]]:
    """Return what is found in a tree before calibration, by machine."""
    targets = [load_target(TARGETS[machine]) for machine in machines]
    evidence = Gatherer(targets, jobs=1, cache=False, progress=lambda *_: None).gather(
        tree, Config()
    )
    return {
        machine: [finding for finding in one.findings if not finding.component]
        for machine, one in zip(machines, evidence.targets, strict=True)
    }


def of_tree(
    tree: Path, rows: Sequence[dict[str, str]], is_ported: bool, needing: set[tuple[str, str]]
) -> Iterator[Observation]:
    """Yield what is found in a tree that is ported, or of which a compiler has judged files."""
    breaking = {rule.id for rule in expanded_rules() if rule.breaks_compile}
    fails = {(r["target"], r["path"]): r["label"] == "1" for r in rows if r["label"] in "01"}
    for machine, found in gather(tree, [*TARGETS]).items():
        is_done = is_ported and (tree.name, machine) not in needing
        for one in found:
            if one.rule in breaking and (machine, one.path) in fails:
                if one.circumstance not in UNDISPUTED:
                    continue
                yield _observed(tree.name, "compiler", one, fails[machine, one.path])
            elif is_done:
                yield _observed(tree.name, "ported", one, False)


def of_restricted(tree: Path, machines: Sequence[str]) -> Iterator[Observation]:
    """Yield what blocks a package that is not ported, where only reading can tell."""
    for found in gather(tree, machines).values():
        for one in found:
            if one.severity is not Severity.BLOCKS or one.circumstance not in UNDISPUTED:
                continue
            if calibration().kind(one.rule) in NOT_COMPILED:
                yield _observed(tree.name, "restricted", one, True)


def of_port(port: Port, trees: Path, repositories: Path) -> Iterator[Observation]:
    """Yield what is found in a project before the commit that ported it."""
    tree = trees / port.name
    before = f"{port.commit}^"
    bring(repositories, port.repository, before, tree)
    places, _ = places_of(repositories, port, tree)
    news = git(
        repositories,
        port.repository,
        *("diff", "--diff-filter=A", "--name-only", before, port.commit),
    )
    new = [PurePosixPath(path) for path in news.decode("utf-8", "replace").splitlines()]
    breaking = {rule.id for rule in expanded_rules() if rule.breaks_compile}
    for found in gather(tree, [DEBIAN[arch] for arch in port.arch.split("+")]).values():
        for one in found:
            if one.rule == "chip.tree.functions":
                continue  # told at a call, not where the work is
            if one.rule in breaking and one.circumstance == COMPILED:
                continue  # a unit surely stops there, whether this commit or a later one mends it
            if one.rule == "chip.tree.missing":
                is_true = any(_is_beside(path, PurePosixPath(one.path)) for path in new)
            else:
                line = {max(1, one.line)}
                is_true = any(p.path == one.path and is_near(p, line) for p in places)
            yield _observed(port.package, "port", one, is_true)


def _is_beside(new: PurePosixPath, example: PurePosixPath) -> bool:
    """Return whether a file is of the row that `example` is of: in its directory or one beside."""
    if new.parent == example.parent:
        return True
    above = new.parent.parent
    return above == example.parent.parent and above != PurePosixPath()


def _observed(package: str, source: str, one: Finding, is_true: bool) -> Observation:
    severity = one.severity.value
    return Observation(
        package, source, one.rule, severity, one.circumstance, one.confidence, is_true
    )


def weights(observations: Sequence[Observation]) -> list[float]:
    """Return what each observation counts for, so that no package outweighs the others."""
    times: dict[tuple[str, ...], int] = defaultdict(int)
    for one in observations:
        times[one.package, *one.cell] += 1
    return [min(1.0, MOST_OF_ONE / times[one.package, *one.cell]) for one in observations]


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of the findings of one kind in one circumstance."""

    number: float
    true: float
    claimed: float
    """The mean."""
    factor: float = 1.0
    """What makes the mean claim what such findings are worth."""


def fit(observations: Sequence[Observation]) -> dict[tuple[str, str], Cell]:
    """Return the cells of observations, with their factors."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for one, weight in zip(observations, weights(observations), strict=True):
        total = sums[one.cell]
        total[0] += weight
        total[1] += weight * one.is_true
        total[2] += weight * one.claimed
    return shrunk(
        {
            cell: Cell(number, true, claimed / number)
            for cell, (number, true, claimed) in sorted(sums.items())
            if cell[0] and claimed > 0
        }
    )


def shrunk(cells: dict[tuple[str, str], Cell]) -> dict[tuple[str, str], Cell]:
    """Return the cells with factors from a logistic model of what came true.

    The log-odds of a finding are those that are claimed, shifted for all, for its kind, for its
    circumstance and for its cell, each shift but the first drawn to nothing: a cell with few
    findings learns from its kind and from its circumstance (Gelman and Hill 2007, chapter 14).
    """
    shifts: dict[tuple[str, ...], float] = defaultdict(float)
    members: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for cell in cells:
        for name in _shifts_of(cell):
            members[name].append(cell)

    def share(cell: tuple[str, str]) -> float:
        claimed = min(0.97, max(0.01, cells[cell].claimed))
        odds = math.log(claimed / (1 - claimed)) + sum(shifts[name] for name in _shifts_of(cell))
        return 1 / (1 + math.exp(-odds))

    for _ in range(ROUNDS):
        for name, its in members.items():
            ridge = RIDGE if name else 1e-3
            slope, bend = -ridge * shifts[name], ridge
            for cell in its:
                expected = share(cell)
                slope += cells[cell].true - cells[cell].number * expected
                bend += cells[cell].number * expected * (1 - expected)
            shifts[name] += slope / bend
    return {
        cell: replace(one, factor=round(share(cell) / one.claimed, 2))
        for cell, one in cells.items()
    }


def _shifts_of(cell: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
    kind, circumstance = cell
    return (), ("kind", kind), ("circumstance", circumstance), ("cell", *cell)


def crossed(observations: Sequence[Observation]) -> list[float]:
    """Return the confidence of each by factors that its package was no part of, without a cap."""
    fold = [int(hashlib.sha256(o.package.encode()).hexdigest(), 16) % FOLDS for o in observations]
    result = [0.0] * len(observations)
    for held in range(FOLDS):
        cells = fit([o for o, f in zip(observations, fold, strict=True) if f != held])
        for index, one in enumerate(observations):
            if fold[index] == held:
                factor = cells[one.cell].factor if one.cell in cells else 1.0
                result[index] = min(0.99, one.claimed * factor)
    return result


def most_of(observations: Sequence[Observation], claims: Sequence[float]) -> float:
    """Return the highest claim that holds: of those that claim so much, so many came true."""
    weight = weights(observations)
    for hundredth in range(95, 50, -1):
        most = hundredth / 100
        above = [i for i, claim in enumerate(claims) if claim >= most]
        total = sum(weight[i] for i in above)
        true = sum(weight[i] * observations[i].is_true for i in above)
        if total >= ENOUGH and true / total >= most:
            return most
    return 0.5


def reliability(observations: Sequence[Observation]) -> str:
    """Return the table of what was claimed against what came true, before and after."""
    weight = weights(observations)
    lines = [
        "| claimed | before: findings, mean, true | after: findings, mean, true |",
        "|---|---|---|",
    ]
    claims = crossed(observations)
    most = most_of(observations, claims)
    sides = ([one.claimed for one in observations], [min(most, claim) for claim in claims])
    for low, high in pairwise(BINS):
        texts = []
        for side in sides:
            inside = [i for i, c in enumerate(side) if low <= c < high]
            total = sum(weight[i] for i in inside)
            if not total:
                texts.append("–")
                continue
            claim = sum(weight[i] * side[i] for i in inside) / total
            true = sum(weight[i] * observations[i].is_true for i in inside) / total
            texts.append(f"{total:.0f}, {claim:.2f}, {true:.2f}")
        lines.append(f"| {low:.2f} to {high:.2f} | {texts[0]} | {texts[1]} |")
    scores = [_brier(observations, side, weight) for side in sides]
    lines.append(f"| Brier score | {scores[0]:.4f} | {scores[1]:.4f} |")
    lines.append(f"\nNothing is to claim more than {most}.")
    return "\n".join(lines)


def _brier(
    observations: Sequence[Observation], side: Sequence[float], weight: Sequence[float]
) -> float:
    missed = [w * (c - o.is_true) ** 2 for o, c, w in zip(observations, side, weight, strict=True)]
    return sum(missed) / sum(weight)


def table(cells: dict[tuple[str, str], Cell], most: float) -> str:
    """Return the new content of the table: its head as it is, the rest as fitted."""
    head = TABLE.read_text(encoding="utf-8").split("\n[[cell]]\n")[0].rstrip()
    head = re.sub(r"^most = .*$", f"most = {most}", head, flags=re.MULTILINE)
    lines = [head, ""]
    for (kind, circumstance), cell in cells.items():
        lines += [
            "[[cell]]",
            f'kind = "{kind}"',
            f'circumstance = "{circumstance}"',
            f"factor = {cell.factor}",
            f"findings = {cell.number:.1f}",
            f"true = {cell.true:.1f}",
            f"claimed = {cell.claimed:.3f}",
            "",
        ]
    return "\n".join(lines)


def load(path: Path) -> list[Observation]:
    """Return the observations that are kept in a file."""
    with path.open(encoding="utf-8") as stream:
        return [Observation(**one) for line in stream for one in json.loads(line)["found"]]


def collect(options: argparse.Namespace) -> None:
    """Add what is not in the file of observations yet."""
    path: Path = options.observations
    done = set()
    if path.exists():
        done = {json.loads(line)["name"] for line in path.read_text("utf-8").splitlines()}
    with NEEDS.open(encoding="utf-8", newline="") as stream:
        needing = {(row["package"], row["machine"]) for row in csv.DictReader(stream)}
    rows: dict[Path, list[dict[str, str]]] = defaultdict(list)
    for pair in options.truth:
        source, _, trees = pair.partition(":")
        with Path(source).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                rows[Path(trees) / row["package"]].append(row)
    judged: dict[str, list[dict[str, str]]] = defaultdict(list)
    for tree, its in rows.items():
        judged[tree.name] += its
    ported = {tree.name for tree in options.ported}
    by_name = {tree.name: tree for tree in (*rows, *options.ported) if tree.is_dir()}
    refuse_held_back(by_name)
    jobs: list[tuple[str, Iterable[Observation]]] = [
        (name, of_tree(tree, judged[name], name in ported, needing))
        for name, tree in sorted(by_name.items())
    ]
    if options.restricted:
        source, _, trees = options.restricted.partition(":")
        lacking: dict[str, list[str]] = defaultdict(list)
        for truth in read_packages(Path(source)):
            if truth.label == "nonportable-code" and (Path(trees) / truth.package).is_dir():
                lacking[truth.package].append(truth.machine)
        for name, machines in sorted(lacking.items()):
            jobs.append((f"restricted {name}", of_restricted(Path(trees) / name, machines)))
    if options.ports:
        trees, _, repositories = options.ports.partition(":")
        for port in read_ports():
            jobs.append((port.name, of_port(port, Path(trees), Path(repositories))))
    with path.open("a", encoding="utf-8") as stream:
        for name, job in jobs:
            if name in done:
                continue
            try:
                found = [asdict(one) for one in job]
            except (OSError, subprocess.SubprocessError) as error:
                print(f"{name}: {error}", file=sys.stderr, flush=True)
                continue
            stream.write(json.dumps({"name": name, "found": found}) + "\n")
            stream.flush()
            print(f"{name}: {len(found)}", file=sys.stderr, flush=True)


def main() -> None:
    """Collect, fit, and say how right the confidence was and is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--observations", type=Path, required=True)
    parser.add_argument("--ported", type=Path, nargs="*", default=[], metavar="TREE")
    parser.add_argument("--truth", nargs="*", default=[], metavar="CSV:TREES")
    parser.add_argument("--restricted", default="", metavar="CSV:TREES")
    parser.add_argument("--ports", default="", metavar="TREES:REPOSITORIES")
    parser.add_argument("--write", action="store_true", help="write the table")
    options = parser.parse_args()
    collect(options)
    observations = [one for one in load(options.observations) if one.cell[0]]
    cells = fit(observations)
    if options.write:
        most = most_of(observations, crossed(observations))
        TABLE.write_text(table(cells, most), encoding="utf-8")
    shares = mean([float(one.is_true) for one in observations])
    packages = len({one.package for one in observations})
    print(f"{len(observations)} findings in {packages} packages, {shares:.3f} of them true\n")
    print(reliability(observations))
    print(
        "\n| kind | circumstance | findings | true | claimed | factor |\n|---|---|---:|---:|---:|---:|"
    )
    for (kind, circumstance), cell in cells.items():
        numbers = f"{cell.number:.1f} | {cell.true:.1f} | {cell.claimed:.2f} | {cell.factor}"
        print(f"| {kind} | {circumstance} | {numbers} |")


if __name__ == "__main__":
    main()
