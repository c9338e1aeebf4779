"""A comment for a pull request, in GitHub Flavored Markdown (https://github.github.com/gfm/)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from duanban.model import Report, SystemReport
from duanban.report import summary
from duanban.report.interface import Options
from duanban.report.text import SIGNS, VERDICTS, hours, plural, title, visible

_PLACES = 10
"""Places listed for each rule; all of them with `details=0`."""


@dataclass(frozen=True, slots=True)
class Markdown:
    """Verdicts as a table, the rules that hold the system back as foldable lists."""

    name: str = "markdown"
    suffixes: tuple[str, ...] = (".md", ".markdown")

    def render(self, report: Report, options: Options) -> str:
        """Return the comment; text of the input cannot form links, mentions, tags or markup."""
        lines: list[str] = []
        for system in report.systems:
            lines += _system(system, options)
        lines.append(f"<sub>{escape(report.tool.name)} {escape(report.tool.version)}</sub>")
        return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it stands, on one line.

    Character references are used, not backslashes: they also keep `@name` from notifying anyone
    and addresses from becoming links.
    """
    shown = re.sub(r"[\\`*_\[\]<>&|~@#$]", lambda found: f"&#{ord(found[0])};", visible(text))
    shown = re.sub(r":(?=//)|(?<=www)\.", lambda f: f"&#{ord(f[0])};", shown, flags=re.IGNORECASE)
    # What starts a list or a heading does so only at the start of a line.
    return re.sub(r"^(\s*\d*)([-+.)=])", lambda f: f"{f[1]}&#{ord(f[2])};", shown)


def code(text: str) -> str:
    """Return `text` as a code span, whatever backticks it holds."""
    shown = visible(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _system(system: SystemReport, options: Options) -> Iterator[str]:
    yield f"## {escape(title(system.name, system.version))}"
    yield ""
    yield "| target | verdict | blocks | degrades | review | hours | files that fail |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for result in system.targets:
        counts = " | ".join(f"{count:,}" for count in summary.severities(result.findings).values())
        yield (
            f"| {escape(result.target)} | {SIGNS[result.verdict]} {VERDICTS[result.verdict]} "
            f"| {counts} | {hours(result.effort_hours)} | {len(result.fails):,} |"
        )
    yield ""
    groups = summary.by_rule(system)
    shown = groups[: options.details] if options.details else groups
    for group in shown:
        yield from _group(group, options)
    if len(shown) < len(groups):
        yield f"… and {plural(len(groups) - len(shown), 'more rule')}"
        yield ""
    yield from _unknown(system)
    yield from _left_out(system)


def _group(group: summary.RuleGroup, options: Options) -> Iterator[str]:
    rule = options.rules.get(group.rule)
    name = rule.title if rule else group.places[0].message
    yield (
        f"<details><summary><b>{group.severity.value}</b>: {escape(name)} – "
        f"{plural(len(group.places), 'place')}, {hours(group.effort, 'h')}</summary>"
    )
    yield ""
    if rule:
        yield f"{escape(rule.why)}"
        yield ""
    yield f"**What to do:** {escape(rule.remedy if rule else group.places[0].remedy)}"
    yield ""
    places = group.places[:_PLACES] if options.details else group.places
    for place in places:
        where = f"{place.path}:{place.line}" if place.line else place.path
        snippet = f" {code(place.snippet.strip())}" if place.snippet.strip() else ""
        yield f"- {code(where)}{snippet}"
    if len(places) < len(group.places):
        yield f"- … {len(group.places) - len(places):,} more"
    yield ""
    yield f"Rule {code(group.rule)} on {', '.join(escape(target) for target in group.targets)}"
    yield ""
    yield "</details>"
    yield ""


def _unknown(system: SystemReport) -> Iterator[str]:
    facts = summary.unknown_facts(system)
    if facts:
        yield "**Not known**"
        yield ""
    for fact, targets in facts.items():
        on = ", ".join(escape(target) for target in targets)
        yield f"- {escape(fact.fact)} ({on}): {escape(fact.how)}"
    if facts:
        yield ""


def _left_out(system: SystemReport) -> Iterator[str]:
    parts = [
        f"{len(paths):,} {escape(reason)}" for reason, paths in summary.skipped(system).items()
    ]
    if parts:
        yield f"Not read: {', '.join(parts)}"
        yield ""
    counts = summary.suppressed(system)
    if counts:
        by = ", ".join(f"{count:,} by {escape(source)}" for source, count in counts.items())
        yield f"Suppressed: {by}"
        yield ""
