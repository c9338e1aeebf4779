"""Checks the small estate of `examples/estate` against three targets (`make run`).

Prints the summary, writes `out/report.html` and `out/report.json`. A system that cannot be fetched
is left out, and said so; what the repository bundles is always checked.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from duanban.check.core import CheckOptions, NotChecked, check, make_report
from duanban.check.suppress import today
from duanban.cli.progress import ProgressLine
from duanban.model import Report, SystemReport
from duanban.report import Options, format_for
from duanban.scan.setup import expanded_rules
from duanban.targets.loader import load_target

ROOT = Path(__file__).resolve().parent.parent
ESTATE = ROOT / "examples" / "estate"
TARGETS = ("debian-sid-arm64", "debian-sid-riscv64", "debian-sid-loong64")
REPORTS = ("report.html", "report.json")
IMPATIENCE = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "20"}
"""Without a network, pip would otherwise try for minutes; the user's own settings come first."""


@dataclass(frozen=True, slots=True)
class EstateSystem:
    """One entry of `estate.toml`."""

    name: str
    locator: str

    @property
    def bundled(self) -> bool:
        """Whether it stands in the repository."""
        return self.locator.startswith("./")


def main() -> int:
    """Check the estate; return 0 unless something that is bundled could not be checked."""
    for name, value in IMPATIENCE.items():
        os.environ.setdefault(name, value)
    os.chdir(ESTATE)
    started = time.monotonic()
    systems = read_estate(ESTATE / "estate.toml")
    checked, left_out = check_all(systems)
    report = make_report(checked)
    show(report)
    for file in write(report, ROOT / "out"):
        print(f"Report: {file.relative_to(ROOT)}")
    for system, reason in left_out:
        print(f"Left out: {system.name} ({system.locator}): {reason}")
    seconds = time.monotonic() - started
    print(f"Checked {len(checked)} of {len(systems)} systems in {seconds:.0f} s.")
    return 1 if any(system.bundled for system, _ in left_out) else 0


def read_estate(file: Path) -> list[EstateSystem]:
    """Return the systems that `file` lists."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return [EstateSystem(one["name"], one["locator"]) for one in document["system"]]


def check_all(
    systems: list[EstateSystem],
) -> tuple[list[SystemReport], list[tuple[EstateSystem, str]]]:
    """Return the reports of the systems that could be had, and the others with the reason."""
    targets = [load_target(name) for name in TARGETS]
    progress = ProgressLine()
    checked: list[SystemReport] = []
    left_out: list[tuple[EstateSystem, str]] = []
    locators = [system.locator for system in systems]
    results = check(locators, targets, CheckOptions(), today(), progress)
    for system, result in zip(systems, results, strict=True):
        progress.clear()
        if isinstance(result, NotChecked):
            left_out.append((system, str(result.error)))
        else:
            checked.append(replace(result, name=f"{system.name} · {result.name}"))
    return checked, left_out


def show(report: Report) -> None:
    """Print the summary as suits the terminal."""
    options = Options(
        rules={rule.id: rule for rule in expanded_rules()},
        width=shutil.get_terminal_size((100, 24)).columns,
        color=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        unicode=(sys.stdout.encoding or "").lower().replace("-", "") == "utf8",
        details=3,
    )
    print(format_for(None, "terminal").render(report, options))


def write(report: Report, directory: Path) -> list[Path]:
    """Write the report in every format wanted and return the files."""
    directory.mkdir(exist_ok=True)
    options = Options(rules={rule.id: rule for rule in expanded_rules()})
    files = [directory / name for name in REPORTS]
    for file in files:
        file.write_text(format_for(str(file)).render(report, options), encoding="utf-8")
    return files


if __name__ == "__main__":
    sys.exit(main())
