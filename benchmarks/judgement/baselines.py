"""What we are compared with: any mention of x86, and the open porting advisors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from judgements import Judgement, Lines, tree_files

MARKER = re.compile(
    rb"x86|amd64|[^\w]i[3-6]86|ia32|_M_(?:X64|IX86)|[xepsntwi]mmintrin\.h|_mm(?:256|512)?_\w+\(|"
    rb"__(?:SSE|AVX|MMX)\w*|\b(?:cpuid|rdtscp?)\b|%[er][abcd]x\b|\b[er](?:sp|bp|ax)\b",
    re.IGNORECASE,
)
_SOURCE = frozenset(
    [".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".inc", ".inl", ".s", ".asm", ".f", ".f90", ".go", ".rs", ".py", ".java", ".am", ".ac", ".in", ".cmake", ".mk", ".m4", ".build", ".gn", ".gni", ".pro", ".pri", ".gyp"]
)  # fmt: skip
_NAMES = frozenset(("Makefile", "makefile", "GNUmakefile", "CMakeLists.txt", "configure.in"))
_COMPILED = (".c", ".cc", ".cpp", ".cxx")
_LARGEST = 4 << 20
_ISSUE = re.compile(r"^\w+: (?P<path>.*?)(?::(?P<line>\d+))?(?: \([^)]*\))?: ", re.DOTALL)


def _judgement(lines: Lines) -> Judgement:
    """Return what follows from flagged lines alone: a tool of this kind has nothing else to say."""
    number = float(sum(map(len, lines.values())))
    return Judgement(
        fails=frozenset(path for path in lines if path.endswith(_COMPILED)),
        scores={"findings": number},
        lines=lines,
        verdict="blocked" if number else "runs",
    )


def any_marker(tree: Path) -> Judgement:
    """Flag each line of source that has any x86 marker, whatever the target."""
    lines: Lines = {}
    for path in tree_files(tree):
        file = tree / path
        if (file.suffix.lower() not in _SOURCE and file.name not in _NAMES) or (
            file.stat().st_size > _LARGEST
        ):
            continue
        data = file.read_bytes()
        if MARKER.search(data):
            found = {
                number: 1.0
                for number, line in enumerate(data.splitlines(), 1)
                if MARKER.search(line)
            }
            lines[path] = found or {1: 1.0}
    return _judgement(lines)


ADVISORS = {
    "AWS Porting Advisor": ("aws", "advisor"),
    "Arm Porting Advisor": ("arm", "advisor-arm"),
}
"""Name to the checkout among the peers and the directory of its reports."""


def run_advisor(
    advisor: Path, trees: Path, reports: Path, packages: Iterable[str], limit: float
) -> None:
    """Run the porting advisor checked out in `advisor` on each tree without a report.

    It runs with venv/bin/python beside the checkout, where its requirements are installed.
    """
    reports.mkdir(parents=True, exist_ok=True)
    python = advisor.parent / "venv/bin/python"
    program = [str(python), str(advisor / "src/porting-advisor.py")]
    for package in packages:
        report = reports / f"{package}.json"
        if report.exists():
            continue
        part = reports / f"{package}.part.json"
        try:
            subprocess.run(
                [*program, str(trees / package), "--output", str(part)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=limit,
                check=True,
            )
            part.rename(report)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"advisor on {package}: {error}", file=sys.stderr, flush=True)


def read_advisor(report: Path, tree: Path) -> Judgement:
    """Return the advisor's findings on a tree; it knows one target only, so they are for all.

    Raises:
        OSError: there is no report.
    """
    lines: Lines = {}
    for issue in json.loads(report.read_text(encoding="utf-8"))["issues"]:
        match = _ISSUE.match(issue)
        if match and match["path"].startswith(f"{tree}/"):
            path = match["path"].removeprefix(f"{tree}/")
            lines.setdefault(path, {})[int(match["line"] or 1)] = 1.0
    return _judgement(lines)
