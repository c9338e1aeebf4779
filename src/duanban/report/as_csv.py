"""The findings as CSV (RFC 4180), one row each, and what is not known."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from duanban.model import Finding, Report
from duanban.report.interface import Options
from duanban.report.text import visible

COLUMNS = (
    "system",
    "version",
    "target",
    "verdict",
    "kind",
    "id",
    "rule",
    "layer",
    "severity",
    "confidence",
    "path",
    "line",
    "end_line",
    "occurrences",
    "hours_low",
    "hours_likely",
    "hours_high",
    "hours_expected",
    "message",
    "remedy",
    "snippet",
    "guard",
    "component",
    "part_of",
    "suppressed_by",
    "reason",
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell (OWASP, CSV Injection), full width forms included."""


@dataclass(frozen=True, slots=True)
class Csv:
    """One row a finding and one a missing fact; suppressed ones too, with who did it and why.

    A target without either has a row of its own, so that no verdict is missing.

    Only those of the baseline are left out unless asked for: the user knows them. What the input's
    own settings set aside must show in every report.
    """

    name: str = "csv"
    suffixes: tuple[str, ...] = (".csv",)

    def render(self, report: Report, options: Options) -> str:
        """Return the rows under a header, ended by CR LF as RFC 4180 has it."""
        out = StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(_rows(report, options))
        return out.getvalue()


def _rows(report: Report, options: Options) -> Iterator[list[str]]:
    for system in report.systems:
        for result in system.targets:
            head = [system.name, system.version, result.target, result.verdict.value]
            for finding in result.findings:
                yield [_cell(value) for value in (*head, "finding", *_values(finding), "", "")]
            for fact in result.unknown:
                yield _told(head, "unknown", fact.fact, fact.how, " ".join(fact.parts))
            if not result.findings and not result.unknown:
                yield _told(head, "verdict", "nothing was found")
            for each in result.suppressed:
                if each.source == "baseline" and not options.show_suppressed:
                    continue
                values = (*head, "suppressed", *_values(each.finding), each.source, each.reason)
                yield [_cell(value) for value in values]


def _told(head: list[str], kind: str, message: str, remedy: str = "", part: str = "") -> list[str]:
    """Return a row that is about no finding."""
    known = dict(zip(COLUMNS, [*head, kind], strict=False))
    known |= {"message": message, "remedy": remedy, "component": part}
    return [_cell(known.get(column, "")) for column in COLUMNS]


def _values(finding: Finding) -> tuple[str | int | float, ...]:
    effort = finding.effort_hours
    return (
        finding.id,
        finding.rule,
        finding.layer.value,
        finding.severity.value,
        finding.confidence,
        finding.path,
        finding.line,
        finding.end_line,
        finding.occurrences,
        effort.low,
        effort.likely,
        effort.high,
        round(finding.expected_hours.likely, 2),
        finding.message,
        finding.remedy,
        finding.snippet,
        finding.guard,
        finding.component,
        finding.part_of,
    )


def _cell(value: str | int | float) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers are ours and stay."""
    if not isinstance(value, str):
        return str(value)
    text = visible(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
