"""The parts of the page that stand there without scripts. Every text of the input is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from duanban.model import Report, SystemReport, TargetResult
from duanban.report import summary
from duanban.report.barrel import svg
from duanban.report.joined import unknown_facts
from duanban.report.messages import say_remedy
from duanban.report.text import (
    HOURS,
    NO_HOURS,
    SIGNS,
    VERDICTS,
    counted,
    hours,
    line_of,
    plural,
    size,
    title,
    visible,
)
from duanban.report.words import say

if TYPE_CHECKING:
    from duanban.rules.interface import Rule

_LISTED = 200
"""Names listed in one place; how many more there are is said, the JSON report has them all."""


def _e(text: str) -> str:
    return escape(visible(text))


def title_of(report: Report) -> str:
    """Return what the page is called: the systems, or how many there are."""
    if 1 <= len(report.systems) <= 3:
        return ", ".join(_e(title(each.name, each.version)) for each in report.systems)
    return plural(len(report.systems), "system")


def tool(report: Report) -> str:
    """Return the program that made the report."""
    return f"{_e(report.tool.name)} {_e(report.tool.version)}"


def _targets(report: Report) -> list[str]:
    return list(dict.fromkeys(r.target for system in report.systems for r in system.targets))


def lead(report: Report) -> str:
    """Return one sentence on what was looked at."""
    scanned = [system.scanned for system in report.systems]
    left_out = sum(len(each.skipped) for each in scanned)
    return say(
        "{files} read ({size}), {left_out} not read, checked against {targets}",
        files=plural(sum(each.files for each in scanned), "file"),
        size=size(sum(each.bytes for each in scanned)),
        left_out=left_out,
        targets=plural(len(_targets(report)), "target"),
    )


def matrix(report: Report) -> str:
    """Return the table of systems by targets with verdict, findings and effort."""
    targets = _targets(report)
    if not targets:
        return f"<p>{say('No target was checked.')}</p>"
    head = "".join(f'<th scope="col">{_e(target)}</th>' for target in targets)
    rows = "".join(_row(number, each, targets) for number, each in enumerate(report.systems))
    return (
        '<div class="scroll"><table class="matrix"><thead><tr>'
        f'<th scope="col">{say("System")}</th>{head}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(number: int, system: SystemReport, targets: list[str]) -> str:
    results = {result.target: result for result in system.targets}
    cells = "".join(
        f'<td data-name="{_e(target)}">{_cell(number, at, results.get(target))}</td>'
        for at, target in enumerate(targets)
    )
    locator = f'<div class="cell soft path">{_e(system.locator)}</div>'
    return f'<tr><th scope="row">{_e(title(system.name, system.version))}{locator}</th>{cells}</tr>'


def _cell(system: int, target: int, result: TargetResult | None) -> str:
    if result is None:
        return f'<span class="soft">{say("not checked")}</span>'
    verdict = result.verdict
    counts = " · ".join(
        f'<span class="{severity.value}">{counted(severity, count)}</span>'
        for severity, count in summary.severities(result.findings).items()
        if count
    )
    lines = [counts or say("no findings")]
    effort = hours(result.effort_hours)
    if effort != NO_HOURS:
        lines.append(say("{hours} hours", hours=effort))
    if failing := len(result.needed_fails):
        lines.append(say("{files} will not compile", files=plural(failing, "file")))
    if result.unknown:
        lines.append(say("{facts} not known", facts=plural(len(result.unknown), "fact")))
    told = "".join(f'<div class="cell">{line}</div>' for line in lines)
    return (
        f'<a href="#findings" data-system="{system}" data-target="{target}">'
        f'<span class="badge {verdict.value}">{SIGNS[verdict]} {say(VERDICTS[verdict])}</span>'
        f"{told}</a>"
    )


def legend(report: Report) -> str:
    """Return what a reader must know to add hours up, where there are any."""
    any_ = any(result.findings for system in report.systems for result in system.targets)
    return f'<p class="hint">{say(HOURS)}</p>' if any_ else ""


def barrels(report: Report) -> str:
    """Return one barrel for each target, over all systems."""
    made = []
    for number, target in enumerate(_targets(report)):
        staves = summary.staves(report.systems, target)
        made.append(barrel(staves, target, f"b{number}"))
    return "".join(made)


def barrel(staves: Sequence[summary.Stave], target: str, key: str) -> str:
    """Return the barrel of a target with what it says in words."""
    worst = min(staves, key=lambda stave: stave.standing)
    unknown = [stave for stave in staves if stave.open or not stave.parts]
    told = say("Nothing is known to be held back.") if unknown else say("Nothing is held back.")
    if worst.blocked:
        told = say(
            "Shortest stave: {layer}, {blocked} of {parts} held back.",
            layer=say(worst.layer.value),
            blocked=worst.blocked,
            parts=plural(worst.parts, "part"),
        )
    if unknown:
        layers = _unknown_layers(unknown, len(staves))
        told += " " + say("Not known (?): {layers}.", layers=layers)
    return (
        f"<figure>{svg(staves, target, key)}"
        f"<figcaption><h3>{_e(target)}</h3><p>{told}</p></figcaption></figure>"
    )


def _unknown_layers(unknown: Sequence[summary.Stave], of: int) -> str:
    counts = {stave.open if stave.parts else 0 for stave in unknown}
    if len(unknown) == of and len(counts) == 1:
        return say("all layers")
    return ", ".join(
        say(stave.layer.value) + (f" ({plural(stave.open, 'part')})" if stave.open else "")
        for stave in unknown
    )


def objectives(report: Report) -> str:
    """Return the table of the targets' objectives, or nothing where there are none."""
    rows = []
    for system in report.systems:
        for result in system.targets:
            for each in result.objectives:
                level = f"{each.level_at_least}"
                if each.level_at_most != each.level_at_least:
                    level += f" to {each.level_at_most}"
                met = each.level_at_least >= each.floor
                open_ = not met and each.level_at_most >= each.floor
                kind = "runs" if met else "unknown" if open_ else "blocked"
                word = say("met") if met else say("not known") if open_ else say("not met")
                reached = say("{level} of {highest}", level=level, highest=each.highest)
                rows.append(
                    f"<tr><td>{_e(title(system.name, system.version))}</td>"
                    f"<td>{_e(result.target)}</td>"
                    f"<td>{_e(each.id)} {_e(each.title)}</td>"
                    f'<td class="num">{reached}</td>'
                    f'<td class="num">{each.floor}</td>'
                    f'<td class="num">{each.weight:g}</td>'
                    f'<td><span class="badge {kind}">{word}</span></td></tr>'
                )
    if not rows:
        return ""
    head = "".join(
        f'<th scope="col">{say(name)}</th>'
        for name in ("System", "Target", "Objective", "Level", "Floor", "Weight", "Floor met")
    )
    return _section(
        "objectives",
        say("Objectives"),
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}'
        "</tbody></table></div>",
    )


def rules(report: Report, known: Mapping[str, Rule]) -> str:
    """Return what each rule found in each system, with why it matters and what to do."""
    made = [
        _group(system, group, known.get(group.rule), len(report.systems) > 1)
        for system in report.systems
        for group in summary.by_rule(system)
    ]
    return _list(made) if made else f"<p>{say('Nothing was found.')}</p>"


def _group(system: SystemReport, group: summary.RuleGroup, rule: Rule | None, several: bool) -> str:
    name = _e(say(rule.title) if rule else group.places[0].message)
    of = f" · {_e(title(system.name, system.version))}" if several else ""
    body = f"<p>{_e(rule.why)}</p>" if rule else ""
    remedy = say_remedy(rule.remedy) if rule else group.places[0].remedy
    body += f"<p><b>{say('What to do:')}</b> {_e(remedy)}</p>"
    body += _names([f"{p.path}:{p.line}" if p.line else p.path for p in group.places], 10)
    if rule and rule.sources:
        body += (
            f"<p>{say('Sources:')}</p><ul>{''.join(_source(each) for each in rule.sources)}</ul>"
        )
    facts = line_of(plural(len(group.places), "place"), hours(group.effort, "h"), by=", ")
    return (
        f'<details><summary><span class="num">{facts}</span>'
        f'<span class="badge {group.severity.value}">{say(group.severity.value)}</span> {name} '
        f'<code class="soft">{_e(group.rule)}</code>{of}'
        f'</summary><div class="body">{body}</div></details>'
    )


def _source(source: str) -> str:
    if source.startswith(("https://", "http://")) and " " not in source:
        return f'<li><a href="{_e(source)}" rel="noreferrer noopener">{_e(source)}</a></li>'
    return f"<li>{_e(source)}</li>"


def fails(report: Report) -> str:
    """Return the files that are predicted not to compile, for each system and target."""
    made = []
    for system in report.systems:
        same: dict[tuple[str, ...], list[str]] = {}
        for result in system.targets:
            paths = tuple(each.path for each in result.needed_fails)
            same.setdefault(paths, []).append(_e(result.target))
        made += [
            f"<details><summary>{_e(title(system.name, system.version))} · {', '.join(targets)}: "
            f"{plural(len(paths), 'file')}</summary>"
            f'<div class="body">{_names(list(paths))}</div></details>'
            for paths, targets in same.items()
            if paths
        ]
    return _section("fails", say("Files that will not compile"), _list(made)) if made else ""


def unknown(report: Report) -> str:
    """Return the facts that are missing, and how to find them out."""
    items = [
        f'<li><b>{_e(fact.fact)}</b> <span class="soft">({_e(title(system.name, system.version))}, '
        f"{_e(', '.join(targets))})</span><br>{_e(fact.how)}</li>"
        for system in report.systems
        for fact, targets in unknown_facts(system).items()
    ]
    return (
        _section("unknown", say("Not known"), f'<ul class="plain">{"".join(items)}</ul>')
        if items
        else ""
    )


def skipped(report: Report) -> str:
    """Return what was not read, by reason."""
    made = [
        f"<details><summary>{_e(title(system.name, system.version))}: {len(paths):,} "
        f'{_e(reason)}</summary><div class="body">{_names(paths)}</div></details>'
        for system in report.systems
        for reason, paths in summary.skipped(system).items()
    ]
    return _section("skipped", say("Not read"), _list(made)) if made else ""


def suppressed(report: Report) -> str:
    """Return what was set aside, by whom and why."""
    rows = [
        f"<tr><td>{'<br>'.join(map(_e, targets))}</td><td><code>{_e(each.finding.rule)}</code><br>"
        f'<span class="path">{_e(each.finding.path)}:{each.finding.line}</span></td>'
        f"<td>{_e(each.reason)}</td><td>{_e(each.source)}</td>"
        f"<td>{_e(each.expires) or '–'}</td></tr>"
        for system in report.systems
        for each, targets in summary.set_aside(system)
    ]
    if not rows:
        return ""
    head = "".join(
        f'<th scope="col">{say(name)}</th>'
        for name in ("Target", "Finding", "Reason", "By", "Until")
    )
    more = ""
    if len(rows) > _LISTED:
        more = f'<p class="soft">… {say("{count} more", count=len(rows) - _LISTED)}</p>'
    return _section(
        "suppressed",
        f"{say('Suppressed')} ({len(rows):,})",
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>'
        f"{''.join(rows[:_LISTED])}</tbody></table></div>{more}",
    )


def _section(key: str, heading: str, body: str) -> str:
    return f'<section aria-labelledby="h-{key}"><h2 id="h-{key}">{heading}</h2>{body}</section>'


def _list(details: Iterable[str]) -> str:
    return f'<div class="list">{"".join(details)}</div>'


def _names(names: list[str], most: int = _LISTED) -> str:
    items = "".join(f'<li class="path">{_e(name)}</li>' for name in names[:most])
    more = ""
    if len(names) > most:
        more = f'<li class="soft">… {say("{count} more", count=len(names) - most)}</li>'
    return f"<ul>{items}{more}</ul>"
