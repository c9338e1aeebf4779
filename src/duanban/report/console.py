"""How the terminal summary is laid out. Imports rich, so it is itself imported only when used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.box import ASCII, ROUNDED
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from duanban.model import Effort, Finding, Report, Severity, SystemReport, Verdict
from duanban.report import console_standins, console_supply, summary
from duanban.report.interface import Options
from duanban.report.joined import unknown_facts
from duanban.report.text import (
    HOURS,
    SIGNS,
    VERDICTS,
    first_sentence,
    hours,
    line_of,
    plural,
    size,
    title,
    visible,
)
from duanban.report.words import say, spaced

_VERDICT_STYLE = {
    Verdict.RUNS: "green",
    Verdict.RUNS_AFTER_CHANGES: "yellow",
    Verdict.BLOCKED: "bold red",
    Verdict.UNKNOWN: "magenta",
}
_SEVERITY_STYLE = {Severity.BLOCKS: "red", Severity.DEGRADES: "yellow", Severity.REVIEW: "cyan"}
_PLACES = 3
"""Places listed for each rule; all of them with `details=0`."""
_WIDE = 110
"""From this width on the table of verdicts has room for full headings."""
_WORDS = 96
"""From this width on it has room for the names of the severities."""
_ASCII = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "◐": "~",
        "–": "-",
        "·": "|",
        "…": "...",
        "→": "->",
        "█": "#",
        "░": ".",
        "≈": "~",
    }
)


def render(report: Report, options: Options) -> str:
    """Return the summary, `options.width` columns wide, with colour only if asked for."""
    console = Console(
        file=StringIO(),
        width=max(options.width, 40),
        force_terminal=options.color,
        no_color=not options.color,
        color_system="standard" if options.color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for part in _parts(report, options):
        console.print(part)
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    if options.unicode:
        return text
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def _parts(report: Report, options: Options) -> Iterator[RenderableType]:
    for system in report.systems:
        yield from _system(system, options)
    yield _footer(report)
    if any(result.findings for system in report.systems for result in system.targets):
        yield Text(say(HOURS), style="dim")


def _footer(report: Report) -> Text:

    scanned = [system.scanned for system in report.systems]
    return Text(
        f"{visible(report.tool.name)} {visible(report.tool.version)} · "
        f"{plural(len(scanned), 'system')} · "
        + say(
            "{files} read, {size}",
            files=plural(sum(each.files for each in scanned), "file"),
            size=size(sum(each.bytes for each in scanned)),
        ),
        style="dim",
    )


def _system(system: SystemReport, options: Options) -> Iterator[RenderableType]:

    name = title(system.name, system.version)
    # A locator says more than the name only where it is not the name again.
    locator = visible(system.locator)
    yield Panel(
        _verdicts(system, options),
        title=Text(name, style="bold"),
        title_align="left",
        subtitle=Text(locator, style="dim") if locator != name else None,
        subtitle_align="right",
        box=ROUNDED if options.unicode else ASCII,
        padding=(0, 1),
    )
    yield from _shortest(system)
    yield from _groups(system, options)
    yield from console_supply.parts(system, options, _on)
    yield from console_standins.alternatives(system, options, _on)
    yield from _unknown(system)
    yield from _skipped(system)
    yield from _suppressed(system, options)
    yield Text()


def _verdicts(system: SystemReport, options: Options) -> Table:

    wide = options.width >= _WIDE
    gap = (0, 2 if wide else 1, 0, 0)
    table = Table(box=None, padding=gap, expand=True, pad_edge=False, header_style="dim")
    table.add_column(say("target"), ratio=1, overflow="fold")
    table.add_column(say("verdict"), no_wrap=True)
    for severity in Severity:
        word = say(severity.value)
        heading = word if options.width >= _WORDS else word[:3]
        table.add_column(heading, justify="right", min_width=3)
    table.add_column(say("hours"), justify="right", no_wrap=True)
    table.add_column(say("files that fail") if wide else say("fail"), justify="right")
    for result in system.targets:
        counts = summary.severities(result.findings)
        style = _VERDICT_STYLE[result.verdict]
        cells = [
            Text(visible(result.target)),
            Text(f"{SIGNS[result.verdict]} {_verdict(result.verdict, wide)}", style=style),
        ]
        for severity, count in counts.items():
            cells.append(Text(f"{count:,}", style=_SEVERITY_STYLE[severity] if count else "dim"))
        cells.append(Text(hours(result.effort_hours)))
        failing = len(result.needed_fails)
        cells.append(Text(f"{failing:,}", style="red" if failing else "dim"))
        table.add_row(*cells)
    if not system.targets:
        table.add_row(Text(say("No target was checked.")))
    return table


def _verdict(verdict: Verdict, wide: bool) -> str:
    if verdict is Verdict.RUNS_AFTER_CHANGES and not wide:
        return say("after changes")
    return say(VERDICTS[verdict])


def _shortest(system: SystemReport) -> Iterator[RenderableType]:

    worst: tuple[float, str, summary.Stave] | None = None
    for result in system.targets:
        for stave in summary.staves([system], result.target):
            if stave.blocked and (worst is None or stave.standing < worst[0]):
                worst = (stave.standing, result.target, stave)
    if worst is None:
        return
    _, target, stave = worst
    text = Text(f" {spaced(say('Shortest stave:'))}", style="bold")
    text.append(say(stave.layer.value), style="bold red")
    short = say(
        "{blocked} of {parts} held back on {target}",
        blocked=stave.blocked,
        parts=plural(stave.parts, "part"),
        target=visible(target),
    )
    text.append(f" · {short}", style="not bold")
    yield text


def _groups(system: SystemReport, options: Options) -> Iterator[RenderableType]:

    groups = summary.by_rule(system)
    shown = groups[: options.details] if options.details else groups
    if groups:
        yield Text(f"\n {say('What holds it back')}", style="bold")
    for group in shown:
        yield from _group(group, len(system.targets), options)
    if len(shown) < len(groups):
        rest = groups[len(shown) :]
        places = sum(len(group.places) for group in rest)
        effort = sum((group.effort for group in rest), Effort())
        more = say(
            "and {rules} with {places}",
            rules=plural(len(rest), "more rule"),
            places=plural(places, "place"),
        )
        yield Text(f"  … {line_of(more, hours(effort, 'h'))}", style="dim")


def _group(group: summary.RuleGroup, targets: int, options: Options) -> Iterator[RenderableType]:

    rule = options.rules.get(group.rule)
    head = Text("  ")
    severity = say(group.severity.value)
    head.append(severity + " " * max(9 - cell_len(severity), 1), _SEVERITY_STYLE[group.severity])
    head.append(
        visible(say(rule.title)) if rule else visible(group.places[0].message), style="bold"
    )
    yield Padding(head, 0)
    facts = [
        visible(group.rule),
        say(
            "{places} in {files}",
            places=plural(len(group.places), "place"),
            files=plural(group.files, "file"),
        ),
        hours(group.effort, "h"),
        _on(group.targets, targets),
    ]
    yield Padding(
        Text(line_of(*facts), style="dim"),
        (0, 0, 0, 11),
    )
    yield Padding(_places(group.places, options), (0, 0, 0, 11))
    remedy = first_sentence(rule.remedy if rule else group.places[0].remedy)
    if remedy:
        text = Text("→ ", style="green")
        text.append(visible(say(remedy) if rule else remedy), style="default")
        yield Padding(text, (0, 0, 0, 11))


def _on(targets: Sequence[str], of: int) -> str:
    if of <= 1:
        return ""
    if len(targets) == of:
        return say("all targets")
    if len(targets) == 1:
        return visible(targets[0])
    return say("{count} of {all} targets", count=len(targets), all=of)


def _places(places: Sequence[Finding], options: Options) -> Table:

    shown = places[:_PLACES] if options.details else places
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    # The place may be folded but is never cut: it is what one copies into an editor.
    table.add_column(overflow="fold", max_width=max(24, (options.width - 11) * 3 // 5))
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", style="dim")
    for place in shown:
        where = visible(place.path) + (f":{place.line}" if place.line else "")
        table.add_row(Text(where), Text(visible(place.snippet.strip())))
    if len(shown) < len(places):
        table.add_row(Text(f"… {say('{count} more', count=len(places) - len(shown))}", style="dim"))
    return table


def _unknown(system: SystemReport) -> Iterator[RenderableType]:

    facts = unknown_facts(system)
    if facts:
        yield Text(f"\n {say('Not known')}", style="bold")
    # What is found out in the same way is said once, for all targets that need it.
    by_how: dict[str, list[Text]] = {}
    for fact, targets in facts.items():
        text = Text(visible(fact.fact), style="default")
        on = _on(targets, len(system.targets))
        if on:
            text.append(f" · {on}", style="dim")
        by_how.setdefault(fact.how, []).append(text)
    table = Table.grid(padding=(0, 2, 0, 0))
    for how, texts in by_how.items():
        for text in texts:
            table.add_row(Text("?", style="magenta"), text)
        if how:
            table.add_row("", Text(f"→ {visible(how)}", style="dim"))
    if facts:
        yield Padding(table, (0, 0, 0, 2))


def _skipped(system: SystemReport) -> Iterator[RenderableType]:

    reasons = summary.skipped(system)
    if reasons:
        yield Text(f"\n {say('Not read')}", style="bold")
    for reason, paths in reasons.items():
        text = Text(f"{len(paths):,} ", style="default")
        text.append(visible(reason))
        some = ", ".join(visible(path) for path in paths[:2])
        text.append(f": {some}{', …' if len(paths) > 2 else ''}", style="dim")
        yield Padding(text, (0, 0, 0, 2))


def _suppressed(system: SystemReport, options: Options) -> Iterator[RenderableType]:

    counts = summary.suppressed(system)
    if not counts:
        return
    by = ", ".join(
        say("{count} by {source}", count=count, source=visible(source))
        for source, count in counts.items()
    )
    yield Text.assemble((f"\n {spaced(say('Suppressed:'))}", "bold"), by)
    if not options.show_suppressed:
        return
    for each, targets in summary.set_aside(system):
        finding = each.finding
        facts = [
            visible(finding.rule),
            visible(f"{finding.path}:{finding.line}"),
            say("until {date}", date=visible(each.expires)) if each.expires else "",
            visible(each.reason),
            _on(targets, len(system.targets)),
        ]
        line = Text(line_of(*facts), style="dim")
        yield Padding(line, (0, 0, 0, 2))
