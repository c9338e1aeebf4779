"""A comment for a pull request, in GitHub Flavored Markdown (https://github.github.com/gfm/)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from duanban.model import Effort, Report, Severity, SystemReport
from duanban.report import summary
from duanban.report.interface import Options
from duanban.report.joined import unknown_facts
from duanban.report.messages import say_remedy
from duanban.report.text import HOURS, SIGNS, VERDICTS, hours, line_of, plural, title, visible
from duanban.report.words import say, spaced, speaking

_MEANS = re.compile(
    r"""(?P<before>^\s*\d{1,9})[.)](?=\s|$)   # the number of a list
    |^\s*[-+=>#]                             # a list, a heading, a line across, a quotation
    |[\\`*\[\]<|~$]
    |(?<![^\W_])_|_(?![^\W_])                 # emphasis begins and ends beside no letter
    |&(?=\#?\w+;)
    |(?<!\w)@(?=\w)|\#(?=\w)
    |:(?=//)|(?<=www)\.
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What Markdown, or GitHub after it, would not show as it stands; the last character is it."""
_PLACES = 10
"""Places listed for each rule; all of them with `details=0`."""


@dataclass(frozen=True, slots=True)
class Markdown:
    """Verdicts as a table, the rules that hold the system back as foldable lists."""

    name: str = "markdown"
    suffixes: tuple[str, ...] = (".md", ".markdown")

    def render(self, report: Report, options: Options) -> str:
        """Return the comment; text of the input cannot form links, mentions, tags or markup."""
        with speaking(options.language):
            return "\n".join(self._lines(report, options)) + "\n"

    def _lines(self, report: Report, options: Options) -> list[str]:
        lines: list[str] = []
        for system in report.systems:
            lines += _system(system, options)
        if any(result.findings for system in report.systems for result in system.targets):
            lines += [f"<sub>{say(HOURS)}</sub>", ""]
        lines.append(f"<sub>{escape(report.tool.name)} {escape(report.tool.version)}</sub>")
        return lines


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it stands, on one line.

    Only what would mean something is replaced, by character references: unlike backslashes they
    also hold inside HTML, keep `@name` from notifying anyone and addresses from becoming links.
    """
    return _MEANS.sub(lambda found: f"{found['before'] or ''}&#{ord(found[0][-1])};", visible(text))


def prose(text: str) -> str:
    """Return `text` with what stands between backticks as code, and all else as it stands."""
    return "".join(
        code(part[1:-1]) if number % 2 else escape(part)
        for number, part in enumerate(re.split("(`[^`]+`)", visible(text)))
    )


def code(text: str) -> str:
    """Return `text` as a code span, whatever backticks it holds."""
    shown = visible(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _system(system: SystemReport, options: Options) -> Iterator[str]:
    yield f"## {escape(title(system.name, system.version))}"
    yield ""
    heads = ("target", "verdict", *(s.value for s in Severity), "hours", "files that fail")
    yield f"| {' | '.join(say(head) for head in heads)} |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for result in system.targets:
        counts = " | ".join(f"{count:,}" for count in summary.severities(result.findings).values())
        yield (
            f"| {escape(result.target)} | {SIGNS[result.verdict]} {say(VERDICTS[result.verdict])} "
            f"| {counts} | {hours(result.effort_hours)} | {len(result.needed_fails):,} |"
        )
    yield ""
    groups = summary.by_rule(system)
    shown = groups[: options.details] if options.details else groups
    for group in shown:
        yield from _group(group, options)
    if len(shown) < len(groups):
        rest = groups[len(shown) :]
        effort = sum((group.effort for group in rest), Effort())
        more = plural(len(rest), "more rule")
        yield f"… {line_of(say('and {rules}', rules=more), hours(effort, 'h'), by=', ')}"
        yield ""
    yield from _unknown(system)
    yield from _left_out(system)


def _group(group: summary.RuleGroup, options: Options) -> Iterator[str]:
    rule = options.rules.get(group.rule)
    name = say(rule.title) if rule else group.places[0].message
    facts = line_of(plural(len(group.places), "place"), hours(group.effort, "h"), by=", ")
    yield (
        f"<details><summary><b>{say(group.severity.value)}</b>: {escape(name)} – {facts}</summary>"
    )
    yield ""
    if rule:
        yield prose(rule.why)
        yield ""
    remedy = say_remedy(rule.remedy) if rule else group.places[0].remedy
    yield f"**{say('What to do:')}** {prose(remedy)}"
    yield ""
    places = group.places[:_PLACES] if options.details else group.places
    for place in places:
        where = f"{place.path}:{place.line}" if place.line else place.path
        snippet = f" {code(place.snippet.strip())}" if place.snippet.strip() else ""
        yield f"- {code(where)}{snippet}"
    if len(places) < len(group.places):
        yield f"- … {say('{count} more', count=len(group.places) - len(places))}"
    yield ""
    on = ", ".join(escape(target) for target in group.targets)
    yield say("Rule {rule} on {targets}", rule=code(group.rule), targets=on)
    yield ""
    yield "</details>"
    yield ""


def _unknown(system: SystemReport) -> Iterator[str]:
    facts = unknown_facts(system)
    if facts:
        yield f"**{say('Not known')}**"
        yield ""
    for fact, targets in facts.items():
        on = ", ".join(escape(target) for target in targets)
        yield f"- {prose(fact.fact)} ({on}): {prose(fact.how)}"
    if facts:
        yield ""


def _left_out(system: SystemReport) -> Iterator[str]:
    parts = [
        f"{len(paths):,} {escape(reason)}" for reason, paths in summary.skipped(system).items()
    ]
    if parts:
        yield f"{spaced(say('Not read:'))}{', '.join(parts)}"
        yield ""
    counts = summary.suppressed(system)
    if counts:
        by = ", ".join(
            say("{count} by {source}", count=count, source=escape(source))
            for source, count in counts.items()
        )
        yield f"{spaced(say('Suppressed:'))}{by}"
        yield ""
