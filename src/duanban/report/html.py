"""One HTML file that needs nothing else: summary, barrel, and every finding with its evidence."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from string import Template

from duanban.model import Report
from duanban.report.interface import Options
from duanban.report.words import say, speaking


@dataclass(frozen=True, slots=True)
class Html:
    """For a browser; works from a disk, without a network, and its summary without scripts."""

    name: str = "html"
    suffixes: tuple[str, ...] = (".html", ".htm")

    def render(self, report: Report, options: Options) -> str:
        """Return the page. Its policy (CSP) allows its own script and style and nothing else."""
        with speaking(options.language):
            return self._page(report, options)

    def _page(self, report: Report, options: Options) -> str:
        # ruff: noqa: PLC0415 - what makes the page is only loaded when one is wanted
        from duanban.report import html_parts, html_standins, html_supply, staves_parts
        from duanban.report.html_data import page_data
        from duanban.report.waits import pictures

        style = f"{part('page.css')}\n{part('staves.css')}"
        script = "\n".join(part(name) for name in ("page.js", "graph.js", "theme.js"))
        title = html_parts.title_of(report)
        # `Template` fills each place once, so a `$` in a file name stays what it is.
        return Template(_said(part("page.html"))).substitute(
            language=options.language.replace("_", "-"),
            style=style,
            style_hash=hash_of(style),
            script=script,
            script_hash=hash_of(script),
            title=f"{title} – Duanban",
            heading=title,
            lead=html_parts.lead(report),
            tool=html_parts.tool(report),
            matrix=html_parts.matrix(report),
            barrels=html_parts.barrels(report),
            waits=staves_parts.section(pictures(report, options.rules)),
            legend=html_parts.legend(report),
            objectives=html_parts.objectives(report),
            rules=html_parts.rules(report, options.rules),
            parts=html_supply.parts(report),
            alternatives=html_standins.alternatives(report),
            fails=html_parts.fails(report),
            unknown=html_parts.unknown(report),
            skipped=html_parts.skipped(report),
            suppressed=html_parts.suppressed(report),
            data=page_data(report, options.rules),
        )


def _said(page: str) -> str:
    """Return a page with what stands in double braces in the language that is spoken."""
    return re.sub(r"\{\{(.+?)\}\}", lambda found: say(found[1]), page)


def part(name: str) -> str:
    """Return a file of this room that goes into pages."""
    return resources.files("duanban.report").joinpath(name).read_text("utf-8").strip()


def hash_of(text: str) -> str:
    """Return the hash source of an inline element (Content Security Policy Level 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
