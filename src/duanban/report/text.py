"""Words and numbers as people read them, and text of the input made harmless to look at."""

from __future__ import annotations

import unicodedata

from duanban.model import Effort, Severity, Verdict
from duanban.report.words import say

VERDICTS = {
    Verdict.RUNS: "runs",
    Verdict.RUNS_AFTER_CHANGES: "runs after changes",
    Verdict.BLOCKED: "blocked",
    Verdict.UNKNOWN: "unknown",
}
SIGNS = {
    Verdict.RUNS: "✓",
    Verdict.RUNS_AFTER_CHANGES: "◐",
    Verdict.BLOCKED: "✗",
    Verdict.UNKNOWN: "?",
}
COUNTED = {
    Severity.BLOCKS: "blocking",
    Severity.DEGRADES: "degrading",
    Severity.REVIEW: "to review",
}


def visible(text: str) -> str:
    """Return `text` on one line with every character that cannot be seen written as `<U+XXXX>`.

    This covers terminal escape sequences, the bidirectional controls that reorder what is shown
    (Unicode TR 36, "Trojan Source"), zero-width characters and bytes that are not UTF-8. Tabs and
    line ends become a space.
    """
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return " " if character in "\t\n\r" else f"<U+{ord(character):04X}>"


HOURS = (
    "Hours are expected person-hours, likely (low–high): each finding counts by its confidence, "
    "one to review by a quarter of it. The rules of a target add up to its likely hours (each is "
    "shown for the target where it costs most); their ranges partly cancel."
)
"""What a reader must know to add hours up."""
NO_HOURS = "–"


def number(value: float) -> str:
    """Return hours with thousands separators; in tenths where they are below ten."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def hours(effort: Effort, unit: str = "") -> str:
    """Return an effort as `likely unit (low–high)`; NO_HOURS where there is none to speak of."""
    if effort.high < 0.05:
        return NO_HOURS
    some = "≈0" if 0 < effort.likely < 0.05 else number(effort.likely)
    likely = f"{some} {say(unit)}".rstrip()
    return f"{likely} ({number(effort.low)}–{number(effort.high)})"


def line_of(*facts: str, by: str = " · ") -> str:
    """Return facts in one line, without those that there is nothing to say of."""
    return by.join(fact for fact in facts if fact not in ("", NO_HOURS))


def size(count: int) -> str:
    """Return a number of bytes in the largest decimal unit that leaves at least 1."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return `count` with its noun: `1 file`, `2 files`."""
    pattern = f"{{count}} {one}"
    said = say(pattern)
    if said == pattern and count != 1:  # English is the one language here that has a plural
        said = f"{{count}} {many or one + 's'}"
    return said.format(count=f"{count:,}")


def counted(severity: Severity, count: int) -> str:
    """Return how many findings of a severity there are: `1 blocking`, `3 to review`."""
    return say(f"{{count}} {COUNTED[severity]}", count=count)


def title(name: str, version: str) -> str:
    """Return a system's name and version as one visible text."""
    return visible(f"{name} {version}".strip())


def first_sentence(text: str) -> str:
    """Return the first sentence of a rule's text, for where there is little room."""
    line = " ".join(text.split())
    end = line.find(". ")
    return line if end < 0 else line[: end + 1]
