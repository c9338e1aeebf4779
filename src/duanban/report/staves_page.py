"""One HTML file of short staves: the barrel, what a budget buys, and what waits for each stave."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from duanban.report import staves_parts as parts
from duanban.report.html import hash_of, part
from duanban.report.text import plural, visible
from duanban.staves.picture import Picture


def render(pictures: Sequence[Picture], tool: str) -> str:
    """Return the page: needs no network, and scripts only for the filter and the zoom.

    Args:
        pictures: one for each target.
        tool: name and version of the program.
    """
    style = f"{part('page.css')}\n{part('staves.css')}"
    script = "\n".join(part(name) for name in ("theme.js", "graph.js", "staves.js"))
    title = parts.escaped(pictures[0].title if len(pictures) == 1 else "Short staves")
    return Template(part("staves.html")).substitute(
        style=style,
        style_hash=hash_of(style),
        script=script,
        script_hash=hash_of(script),
        title=title,
        lead=" · ".join(parts.lead(picture) for picture in pictures)
        or f"{plural(0, 'target')} compared",
        tool=parts.escaped(visible(tool)),
        pictures="".join(parts.picture(one, f"p{n}") for n, one in enumerate(pictures)),
        lists="".join(
            (f"<h3>{parts.escaped(one.target)}</h3>" if len(pictures) > 1 else "")
            + parts.staves(one, f"p{n}")
            for n, one in enumerate(pictures)
        ),
    )
