"""What every report format does, and what it may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from duanban.model import Report

if TYPE_CHECKING:
    from duanban.rules.interface import Rule


@dataclass(frozen=True, slots=True)
class Options:
    """How to show a report; the defaults suit a file that someone else will open."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    """Rule id to rule, for titles, reasons, remedies and sources; a finding whose rule is not in
    it is shown with what the finding itself says."""
    width: int = 100
    """Columns of the terminal (terminal only)."""
    color: bool = False
    """Whether escape sequences for colour may be written (terminal only)."""
    unicode: bool = True
    """Whether the terminal can show more than ASCII (terminal only)."""
    details: int = 8
    """How many rules, and how many places of each, the short formats list (terminal, Markdown);
    0 lists all."""
    language: str = "en"
    """What people read it in (terminal, Markdown, HTML): one of `words.LANGUAGES`."""
    show_suppressed: bool = False
    """Whether suppressed findings are listed one by one; they are counted in any case."""


class Format(Protocol):
    """One way to write a report."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings that choose it, each with its dot."""
        ...

    def render(self, report: Report, options: Options) -> str:
        """Return `report` in this format; the same report gives the same text on every machine."""
        ...
