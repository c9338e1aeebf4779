"""The page's section on alternatives. Every text of the input is escaped."""

from __future__ import annotations

from html import escape

from duanban.model import Report, Suggestion, SystemReport
from duanban.model.purl import title_of
from duanban.report.standins import StandIns, stand_ins
from duanban.report.text import hours, title, visible
from duanban.report.words import say

_ESTIMATES = "Hours are the catalogue's estimates; what decides them is named below each."
_LISTED = 100
"""Parts listed for one system; the JSON report has them all."""


def _e(text: str) -> str:
    return escape(visible(text))


def alternatives(report: Report) -> str:
    """Return what can stand in for parts that are short, for each system, or nothing."""
    made = [_system(system, found) for system in report.systems if (found := stand_ins(system))]
    if not made:
        return ""
    return (
        '<section aria-labelledby="h-alternatives"><h2 id="h-alternatives">'
        f"{say('Alternatives')}</h2>"
        f'<div class="list">{"".join(made)}</div></section>'
    )


def _system(system: SystemReport, found: list[StandIns]) -> str:
    rows = "".join(_rows(one, len(system.targets)) for one in found[:_LISTED])
    heads = ("Instead of", "Stands in", "Licence", "Decided by", "Hours", "Runs on", "Known by")
    head = "".join(f'<th scope="col">{say(name)}</th>' for name in heads)
    return (
        f"<details><summary>{_e(title(system.name, system.version))}: {len(found):,}</summary>"
        f'<div class="body"><p>{say(_ESTIMATES)}</p>'
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></div></details>"
    )


def _rows(one: StandIns, count: int) -> str:
    names = ", ".join(_e(title_of(purl)) for purl in one.part.components[:6])
    cell = f"{_e(one.part.title)}" + (f'<br><span class="soft">{names}</span>' if names else "")
    rows = []
    for number, (suggestion, where) in enumerate(one.suggestions.values()):
        first = f"<td>{cell}</td>" if not number else "<td></td>"
        targets = say("all targets") if len(where) == count else "<br>".join(map(_e, where))
        rows.append(f"<tr>{first}{_cells(suggestion, targets)}</tr>")
    return "".join(rows)


def _cells(one: Suggestion, targets: str) -> str:
    note = f"; {_e(one.note)}" if one.note else ""
    support = one.support
    return (
        f'<td>{_e(one.name)}<br><span class="soft">{_e(one.depends)}{note}</span></td>'
        f"<td>{_e(one.licence)}</td>"
        f"<td>{_e(one.steward)} ({_e(one.jurisdiction)})</td>"
        f'<td class="num">{hours(one.effort_hours)}</td><td>{targets}</td>'
        f'<td class="soft">{say(support.kind)}, {_e(support.date)}: {_e(support.source)}</td>'
    )
