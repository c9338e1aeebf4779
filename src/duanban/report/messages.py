"""Messages and remedies in the reader's language, by the rules that they were made from."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from duanban.report.text import first_sentence
from duanban.report.words import say

if TYPE_CHECKING:
    from duanban.model import Finding
    from duanban.rules.interface import Rule

_LOOKS = {"match": ".*?", "detail": ".*?", "target": r"[\w/]+"}
"""What stands in a place: a machine, or several that were joined; anything else."""
_PLACE = re.compile(r"\{(match|target|detail)\}")


def say_message(finding: Finding, rule: Rule | None) -> str:
    """Return what a finding says; in English where its message is not as the rule has it."""
    said = say(rule.message) if rule else ""
    if rule is None or said == rule.message:
        return finding.message
    filled = _pattern(rule.message).fullmatch(finding.message)
    if filled is None:
        return finding.message
    return _PLACE.sub(lambda place: filled[place[1]], said) + filled["more"]


def say_remedy(remedy: str) -> str:
    """Return what to do about findings of a rule, as much of it as there are words for."""
    first = first_sentence(remedy)
    said = say(first)
    return remedy if said == first else said + " ".join(remedy.split())[len(first) :]


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what messages of `template` look like; what was added to one stands in brackets."""
    seen: set[str] = set()
    pattern = ""
    for number, part in enumerate(_PLACE.split(template)):
        if number % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{_LOOKS[part]})"
            seen.add(part)
    return re.compile(rf"{pattern}(?P<more>(?: \([^()]*\))?)", re.DOTALL)
