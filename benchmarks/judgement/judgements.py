"""What a tool says of a tree for one target, in the one shape in which all tools are scored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TARGETS = {
    "loongarch64": "debian-sid-loong64",
    "riscv64": "debian-sid-riscv64",
    "aarch64": "debian-sid-arm64",
}
"""Machine, as the compile truth names it, to the id of the target it is checked against."""
DEBIAN = {"loong64": "loongarch64", "riscv64": "riscv64", "arm64": "aarch64"}
VERDICTS = ("runs", "unknown", "runs-after-changes", "blocked")
"""From the best to the worst."""
SEVERITY_WEIGHT = {"blocks": 1.0, "degrades": 0.5, "review": 0.25}
"""What orders the lines a reader looks at first, together with the confidence."""

Lines = dict[str, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a tool says of one tree for one target."""

    fails: frozenset[str] = frozenset()
    """Files that do not compile, it says."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Ways to say in one number how far from portable the tree is, by name."""
    lines: Lines = field(default_factory=dict)
    """Flagged lines of each file, with their weight."""
    verdict: str = ""
    effort: float | None = None
    because: Mapping[str, str] = field(default_factory=dict)
    """The rules behind each failing file, for the study of errors."""


def run_check(
    command: Sequence[str], trees: Path, reports: Path, packages: Iterable[str], limit: float
) -> None:
    """Run `duanban check` on each tree that has no report yet, one process per tree.

    A tree that fails or takes longer than `limit` seconds leaves a file NAME.error with the reason.
    """
    reports.mkdir(parents=True, exist_ok=True)
    targets = [part for target in TARGETS.values() for part in ("-t", target)]
    for package in packages:
        report = reports / f"{package}.json"
        if is_done(report):
            continue
        part = report.with_suffix(".part")
        full = [*command, "check", str(trees / package), *targets, "--no-config"]
        begin = time.monotonic()
        reason = ""
        with part.open("wb") as stream:
            try:
                done = subprocess.run(
                    [*full, "--format", "json"],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.PIPE,
                    timeout=limit,
                    check=False,
                )
                if done.returncode:
                    text = done.stderr.decode("utf-8", "replace").strip()
                    reason = f"exit {done.returncode}: {text[-2000:]}"
                elif not is_done(part):
                    reason = "no report was written"
            except subprocess.TimeoutExpired:
                reason = f"not done after {limit:.0f} s"
        spent = time.monotonic() - begin
        if reason:
            part.unlink()
            report.with_suffix(".error").write_text(reason + "\n", encoding="utf-8")
        else:
            report.with_suffix(".error").unlink(missing_ok=True)
            part.rename(report)
        print(f"{package}: {reason[-200:] or 'ok'} {spent:.1f} s", file=sys.stderr, flush=True)


def is_done(report: Path) -> bool:
    """Return whether there is a report; an empty file is what a run that was stopped left."""
    return report.is_file() and report.stat().st_size > 0


def read_report(path: Path) -> dict[str, Judgement]:
    """Return the judgements in a report, by machine.

    Raises:
        OSError: there is no report.
        ValueError: it is not one of schema duanban.report/1.
    """
    report = json.loads(path.read_text(encoding="utf-8"))
    if report.get("schema") != "duanban.report/1":
        raise ValueError(f"{path}: not a report of schema duanban.report/1")
    results = {result["target"]: result for result in report["systems"][0]["targets"]}
    return {machine: _judgement(results[target]) for machine, target in TARGETS.items()}


def _judgement(result: dict[str, object]) -> Judgement:
    findings: list[dict] = result["findings"]  # type: ignore[type-arg, assignment]
    fails: list[dict] = result["fails"]  # type: ignore[type-arg, assignment]
    likely = float(result["effort_hours"]["likely"])  # type: ignore[index]
    rule_of = {finding["id"]: finding["rule"] for finding in findings}
    lines: Lines = {}
    blocking = hopeful = weighted = 0.0
    sound = 1.0
    for finding in findings:
        confidence, severity = finding["confidence"], finding["severity"]
        weight = confidence * SEVERITY_WEIGHT[severity]
        place = lines.setdefault(finding["path"], {})
        line = max(1, finding["line"])  # 0: the whole file, which a reader opens at its top
        place[line] = max(weight, place.get(line, 0.0))
        weighted += weight
        if severity == "blocks":
            blocking += confidence
            sound *= 1 - confidence
            hopeful = max(hopeful, confidence)
    return Judgement(
        fails=frozenset(failure["path"] for failure in fails),
        scores={
            "sum of confidence over blocking": blocking,
            "number of blocking": float(sum(f["severity"] == "blocks" for f in findings)),
            "chance that any blocking holds": 1 - sound,
            "verdict, then that chance": VERDICTS.index(str(result["verdict"])) + 1 - sound,
            "highest confidence of a blocking": hopeful,
            "sum of confidence x severity": weighted,
            "effort likely": likely,
            "failing units": float(len(fails)),
        },
        lines=lines,
        verdict=str(result["verdict"]),
        effort=likely,
        because={
            failure["path"]: " ".join(sorted({rule_of.get(i, i) for i in failure["because"]}))
            for failure in fails
        },
    )


def tree_files(tree: Path) -> list[str]:
    """Return the regular files of a tree, relative with `/`, sorted; links are not followed."""
    found = []
    for directory, _, names in os.walk(tree):
        for name in names:
            path = Path(directory, name)
            if path.is_file() and not path.is_symlink():
                found.append(path.relative_to(tree).as_posix())
    return sorted(found)
