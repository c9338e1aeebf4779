"""The page's section on parts that are short. Every text of the input is escaped."""

from __future__ import annotations

from html import escape

from duanban.model import Offer, Report, SystemReport
from duanban.model.purl import title_of
from duanban.report import supply
from duanban.report.text import hours, plural, title, visible
from duanban.report.words import say, spaced

_LISTED = 300
"""Parts listed for one system; the JSON report has them all."""


def _e(text: str) -> str:
    return escape(visible(text))


def parts(report: Report) -> str:
    """Return the parts that are short on some target, for each system, or nothing."""
    made = [_system(system) for system in report.systems if any(r.parts for r in system.targets)]
    if not made:
        return ""
    return (
        f'<section aria-labelledby="h-parts"><h2 id="h-parts">{say("Parts that are short")}</h2>'
        f'<div class="list">{"".join(made)}</div></section>'
    )


def _system(system: SystemReport) -> str:
    short = supply.shortages(system)
    rows = "".join(_row(one) for one in short[:_LISTED])
    more = ""
    if len(short) > _LISTED:
        more = f'<p class="soft">… {say("{count} more", count=len(short) - _LISTED)}</p>'
    head = "".join(
        f'<th scope="col">{say(name)}</th>'
        for name in ("Part", "There is", "What the indexes say", "By way of", "Hours", "Targets")
    )
    table = (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{more}"
        if short
        else ""
    )
    opened = " open" if short else ""
    return (
        f"<details{opened}><summary>{_e(title(system.name, system.version))}: "
        f"{_counted(system)}</summary>"
        f'<div class="body">{_indexes(system)}{table}</div></details>'
    )


def _counted(system: SystemReport) -> str:
    told = []
    for result in system.targets:
        counted = supply.counts(result.parts)
        words = ", ".join(f"{n:,} {say(supply.WORDS[answer])}" for answer, n in counted.items())
        if words:
            told.append(f"{_e(result.target)}: {words}")
    return "; ".join(told)


def _indexes(system: SystemReport) -> str:
    told = ", ".join(
        say(
            "{index} of {date} ({age}, asked about {parts})",
            index=_e(use.source.index),
            date=_e(use.source.date),
            age=supply.age(use),
            parts=plural(use.parts, "part"),
        )
        for use in supply.indexes(system)
    )
    return f"<p>{spaced(say('By package indexes:'))}{told}</p>" if told else ""


def _row(one: supply.Shortage) -> str:
    part = one.part
    way = " → ".join(_e(title_of(purl)) for purl in part.route[:-1])
    said = "<br>".join(_offer(offer) for offer in part.offers[:4])
    return (
        f'<tr><td class="path">{_e(title_of(part.component))}</td>'
        f"<td>{say(supply.WORDS[part.answer])}</td><td>{said}</td>"
        f'<td class="soft path">{way or say("itself")}</td>'
        f'<td class="num">{hours(part.effort_hours)}</td>'
        f"<td>{'<br>'.join(_e(target) for target in one.targets)}</td></tr>"
    )


def _offer(offer: Offer) -> str:
    what = " ".join(filter(None, (offer.name, offer.version))) or say(supply.WORDS[offer.answer])
    told = f"<b>{_e(offer.source.index)}</b>: {_e(what)}"
    if offer.detail:
        told += f' <span class="soft">{_e(offer.detail)}</span>'
    if offer.ways:
        names = ", ".join(f"{one.name} ({one.cause})" for one in offer.ways[0][:4])
        told += f' <span class="soft">{spaced(say("To solve:"))}{_e(names)}</span>'
    return told
