"""Checks the small estate of `examples/estate` against three targets (`make run`).

Prints the summary, writes `out/report.html` and `out/report.json`. A system that cannot be fetched
is left out, and said so; what the repository bundles is always checked.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from duanban.check.core import CheckOptions, NotChecked, check, make_report
from duanban.check.estate import Estate, EstateSystem, load_estate
from duanban.check.suppress import today
from duanban.cli.progress import ProgressLine
from duanban.cli.staves_text import as_text
from duanban.model import Report
from duanban.report import Options, format_for
from duanban.report.words import spoken
from duanban.scan.setup import expanded_rules
from duanban.staves.estate import Member, analyse_estate
from duanban.targets.loader import load_target

ROOT = Path(__file__).resolve().parent.parent
ESTATE = ROOT / "examples" / "estate"
TARGETS = ("debian-sid-arm64", "debian-sid-riscv64", "debian-sid-loong64")
BUDGET = 3
"""Causes that the estate's plan may solve."""
REPORTS = ("report.html", "report.json")
IMPATIENCE = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "20"}
"""Without a network, pip would otherwise try for minutes; the user's own settings come first."""


def main() -> int:
    """Check the estate; return 0 unless something that is bundled could not be checked."""
    for name, value in IMPATIENCE.items():
        os.environ.setdefault(name, value)
    os.chdir(ESTATE)
    started = time.monotonic()
    estate = load_estate(Path("estate.toml"))
    members, left_out = check_all(estate)
    report = make_report(
        [replace(one.report, name=f"{one.name} · {one.report.name}") for one in members]
    )
    show(report)
    print("\n".join(as_text(analyse_estate(members, BUDGET), everything=False)))
    for file in write(report, ROOT / "out"):
        print(f"Report: {file.relative_to(ROOT)}")
    for system, reason in left_out:
        print(f"Left out: {system.name} ({system.locator}): {reason}")
    seconds = time.monotonic() - started
    print(f"Checked {len(members)} of {len(estate.systems)} systems in {seconds:.0f} s.")
    return 1 if any(Path(system.locator).is_dir() for system, _ in left_out) else 0


def check_all(estate: Estate) -> tuple[list[Member], list[tuple[EstateSystem, str]]]:
    """Return the systems that could be checked, and the others with the reason."""
    targets = [load_target(name) for name in TARGETS]
    options = CheckOptions(indexes=estate.indexes)
    progress = ProgressLine()
    members: list[Member] = []
    left_out: list[tuple[EstateSystem, str]] = []
    locators = [system.locator for system in estate.systems]
    results = check(locators, targets, options, today(), progress)
    for system, result in zip(estate.systems, results, strict=True):
        progress.clear()
        if isinstance(result, NotChecked):
            left_out.append((system, str(result.error)))
        else:
            members.append(Member(system.name, result, system.weight))
    return members, left_out


def show(report: Report) -> None:
    """Print the summary as suits the terminal."""
    options = Options(
        rules={rule.id: rule for rule in expanded_rules()},
        width=shutil.get_terminal_size((100, 24)).columns,
        color=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        unicode=(sys.stdout.encoding or "").lower().replace("-", "") == "utf8",
        details=3,
        language=spoken(os.environ),
    )
    print(format_for(None, "terminal").render(report, options))


def write(report: Report, directory: Path) -> list[Path]:
    """Write the report in every format wanted and return the files."""
    directory.mkdir(exist_ok=True)
    options = Options(
        rules={rule.id: rule for rule in expanded_rules()}, language=spoken(os.environ)
    )
    files = [directory / name for name in REPORTS]
    for file in files:
        file.write_text(format_for(str(file)).render(report, options), encoding="utf-8")
    return files


if __name__ == "__main__":
    sys.exit(main())
