"""How the terminal summary shows alternatives. Imports rich, so only imported when used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from duanban.model import SystemReport
from duanban.model.purl import title_of
from duanban.report.interface import Options
from duanban.report.standins import StandIns, stand_ins
from duanban.report.text import hours, plural, visible
from duanban.report.words import say

_MOST = 3
"""Suggestions shown for a part."""


def alternatives(
    system: SystemReport, options: Options, on: Callable[[Sequence[str], int], str]
) -> Iterator[RenderableType]:
    """Yield the section on what can stand in for parts.

    Args:
        system: whose.
        options: of the report.
        on: says on which targets.
    """
    found = stand_ins(system)
    shown = found[: options.details] if options.details else found
    if found:
        yield Text(f"\n {say('Alternatives')}", style="bold")
    for one in shown:
        yield from _part(one, len(system.targets), on)
    if len(shown) < len(found):
        more = say("and {parts}", parts=plural(len(found) - len(shown), "more part"))
        yield Text(f"  … {more}", style="dim")


def _part(
    one: StandIns, targets: int, on: Callable[[Sequence[str], int], str]
) -> Iterator[RenderableType]:
    head = Text(f"  {visible(one.part.title)}")
    names = ", ".join(visible(title_of(purl)) for purl in one.part.components[:3])
    if names:
        head.append(f" · {names}", "dim")
    yield head
    suggestions = list(one.suggestions.values())
    for suggestion, where in suggestions[:_MOST]:
        text = Text("→ ", style="green")
        text.append(visible(suggestion.name), "default")
        told = [
            visible(suggestion.licence),
            visible(f"{suggestion.steward} ({suggestion.jurisdiction})"),
            hours(suggestion.effort_hours, "h"),
            on(where, targets),
            f"{say(suggestion.support.kind)} {suggestion.support.date}",
        ]
        text.append(" · " + " · ".join(filter(None, told)), "dim")
        yield Padding(text, (0, 0, 0, 4))
    more = len(suggestions) - _MOST
    if more > 0:
        rest = f"… {say('{count} more', count=more)}: duanban answers show {visible(one.part.part)}"
        yield Padding(Text(rest, style="dim"), (0, 0, 0, 4))
