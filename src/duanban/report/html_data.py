"""The findings as compact JSON for the page's script: columns of numbers and one table of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from duanban.model import Finding, Layer, Report, Severity
from duanban.report.joined import findings_of
from duanban.report.messages import say_message, say_remedy
from duanban.report.summary import order
from duanban.report.text import hours, visible
from duanban.report.words import say

if TYPE_CHECKING:
    from duanban.rules.interface import Rule

_LAYERS = list(Layer)
_SEVERITIES = list(Severity)


def page_words() -> dict[str, str]:
    """Return what the page's scripts say, in the language that is spoken; nothing in English."""
    scripts = resources.files("duanban.report")
    texts = re.findall(
        r'say\("([^"]+)"',
        "".join(scripts.joinpath(name).read_text("utf-8") for name in ("page.js", "theme.js")),
    )
    words = {text: say(text) for text in (*texts, *_SEVERITIES, *_LAYERS)}
    return {text: said for text, said in words.items() if said != text}


class _Texts:
    """Gives each text a number, the first to come the lowest."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        return self.numbers.setdefault(visible(text), len(self.numbers))


def page_data(report: Report, rules: Mapping[str, Rule]) -> str:
    """Return the JSON that `page.js` reads, safe inside a `script` element.

    A place that was found on several targets is one row with a set of targets.
    """
    import msgspec  # noqa: PLC0415 - only when used

    texts = _Texts()
    targets = list(dict.fromkeys(r.target for system in report.systems for r in system.targets))
    sets: dict[tuple[int, ...], int] = {}
    columns: list[list[Any]] = []
    for number, system in enumerate(report.systems):
        on = findings_of(system)
        for finding in sorted(on, key=order):
            numbers = tuple(sorted(targets.index(target) for target in on[finding]))
            which = sets.setdefault(numbers, len(sets))
            columns.append([number, which, *_row(finding, rules.get(finding.rule), texts)])
    used = sorted({f.rule for s in report.systems for r in s.targets for f in r.findings})
    data = {
        "systems": [visible(f"{each.name} {each.version}".strip()) for each in report.systems],
        "targets": [visible(target) for target in targets],
        "sets": list(sets),
        "layers": [layer.value for layer in _LAYERS],
        "severities": [severity.value for severity in _SEVERITIES],
        "words": page_words(),
        "rules": {visible(rule): _rule(rules[rule]) for rule in used if rule in rules},
        "texts": list(texts.numbers),
        "columns": list(zip(*columns, strict=True)),
    }
    text = msgspec.json.encode(data).decode()
    # Nothing in a script element may look like markup to the HTML parser.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _row(finding: Finding, rule: Rule | None, texts: _Texts) -> list[Any]:
    snippet = finding.snippet.strip()
    return [
        texts.add(finding.rule),
        _LAYERS.index(finding.layer),
        finding.severity.rank,
        round(100 * finding.confidence),
        texts.add(finding.path),
        finding.line,
        max(finding.end_line - finding.line, 0),
        finding.occurrences,
        texts.add(say_message(finding, rule)),
        texts.add(say_remedy(finding.remedy) if rule else finding.remedy),
        texts.add(_hours(finding)),
        texts.add(snippet),
        texts.add(finding.guard),
        texts.add(finding.component),
        visible(finding.id),
        round(finding.expected_hours.likely, 2),
    ]


def _hours(finding: Finding) -> str:
    """Return what a finding costs if it must be mended, and what of that counts."""
    return say(
        "{hours} hours if it must be mended; counts as {expected}",
        hours=hours(finding.effort_hours),
        expected=hours(finding.expected_hours),
    )


def _rule(rule: Rule) -> list[Any]:
    return [say(rule.title), rule.why, rule.remedy, list(rule.sources)]
