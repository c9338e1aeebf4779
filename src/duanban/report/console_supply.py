"""How the terminal summary shows parts that are short. Imports rich, so only imported when used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from duanban.model import Answer, Blocker, Effort, SystemReport
from duanban.model.purl import name_of, title_of
from duanban.report import supply
from duanban.report.interface import Options
from duanban.report.text import hours, plural, visible
from duanban.report.words import say

_STYLE = {
    Answer.NONE: "red",
    Answer.UNKNOWN: "magenta",
    Answer.SOURCE_BUILDS: "yellow",
    Answer.OTHER_VERSION: "yellow",
}
_INDENT = (0, 0, 0, 18)


def parts(
    system: SystemReport, options: Options, on: Callable[[Sequence[str], int], str]
) -> Iterator[RenderableType]:
    """Yield the section on parts that are short, and the copies of indexes that say so.

    Args:
        system: whose.
        options: of the report.
        on: says on which targets.
    """
    short = supply.by_cause(supply.shortages(system))
    shown = short[: options.details] if options.details else short
    if short:
        yield Text(f"\n {say('Parts that are short')}", style="bold")
    for one in shown:
        yield from _part(one, on(one.targets, len(system.targets)))
    if len(shown) < len(short):
        more = say("and {parts}", parts=plural(len(short) - len(shown), "more part"))
        yield Text(f"  … {more}", style="dim")
    yield from _indexes(system)


def _part(one: supply.Shortage, on: str) -> Iterator[RenderableType]:
    part = one.part
    effort = sum((each.effort_hours for each in one.parts), Effort())
    head = Text(visible(title_of(part.component)), "bold")
    if one.beside:
        head.append(visible(f" and {_names(one)}"), "not bold")
    head.append("".join(f" · {told}" for told in (hours(effort, "h"), on) if told), "dim not bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14)
    table.add_row(Text(say(supply.WORDS[part.answer]), _STYLE.get(part.answer, "cyan")), head)
    yield Padding(table, (0, 0, 0, 2))
    if len(part.route) > 1:
        way = " → ".join(visible(title_of(purl)) for purl in part.route)
        yield Padding(Text(say("by way of {way}", way=way), style="dim"), _INDENT)
    for offer in part.offers[:3]:
        what = " ".join(filter(None, (offer.name, offer.version)))
        told = "; ".join(filter(None, (what, offer.detail))) or say(supply.WORDS[offer.answer])
        yield Padding(Text(visible(f"{offer.source.index}: {told}")), _INDENT)
    ways = [way for offer in part.offers for way in offer.ways]
    if part.answer is Answer.NONE and ways:
        solved = Text("→ ", style="green")
        solved.append(say("solve {way}", way=_way(ways[0])), style="default")
        yield Padding(solved, _INDENT)


def _names(one: supply.Shortage) -> str:
    names = [name_of(part.component) for part in one.beside]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _way(way: Sequence[Blocker]) -> str:
    names = [f"{visible(one.name)} ({visible(one.cause)})" for one in way[:4]]
    return " and ".join(names) + (f" and {len(way) - 4} more" if len(way) > 4 else "")


def _indexes(system: SystemReport) -> Iterator[RenderableType]:
    uses = supply.indexes(system)
    if not uses:
        return
    yield Text(f"\n {say('By package indexes')}", style="bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    for use in uses:
        table.add_row(
            Text(visible(use.source.index)),
            Text(
                say("of {date}, {age}", date=visible(use.source.date), age=supply.age(use)), "dim"
            ),
            Text(say("asked about {parts}", parts=plural(use.parts, "part")), style="dim"),
        )
    yield Padding(table, (0, 0, 0, 2))
    for result in system.targets:
        counted = supply.counts(result.parts)
        if counted:
            told = ", ".join(f"{count:,} {say(supply.WORDS[a])}" for a, count in counted.items())
            yield Padding(Text(f"{visible(result.target)}: {told}", style="dim"), (0, 0, 0, 2))
