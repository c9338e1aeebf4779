"""The summary for people at a terminal; plain text where it is not one."""

from __future__ import annotations

from dataclasses import dataclass

from duanban.model import Report
from duanban.report.interface import Options
from duanban.report.words import ENGLISH, speaking


@dataclass(frozen=True, slots=True)
class Terminal:
    """Per system the verdicts, what holds it back, what is not known and what was not read."""

    name: str = "terminal"
    suffixes: tuple[str, ...] = (".txt",)

    def render(self, report: Report, options: Options) -> str:
        """Return the summary, `options.width` columns wide, with colour only if asked for."""
        from duanban.report import console  # noqa: PLC0415 - rich is slow to import

        # Where there is only ASCII there is only English.
        with speaking(options.language if options.unicode else ENGLISH):
            return console.render(report, options)
