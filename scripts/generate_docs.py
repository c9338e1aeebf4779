"""Writes the generated part of pages in docs/, or checks that it is in step.

    python scripts/generate_docs.py PAGE... [--check]

What stands above the line `<!-- generated: ... -->` of a page is written by hand and kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from duanban.alternatives import load_catalogue
from duanban.alternatives.page import markdown as alternatives_page
from duanban.cli.main import cli
from duanban.rules import load_rules
from duanban.rules.catalogue import markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"
MARK = "<!-- generated: everything below comes from scripts/generate_docs.py -->\n"
HELP_WIDTH = 80
"""Columns of the help text, so that it does not depend on the terminal."""


def commands() -> str:
    """Return the help of every command, in the order in which `duanban --help` names them."""
    return "\n".join(_helps(cli, None, "duanban"))


def _helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=HELP_WIDTH,
        max_content_width=HELP_WIDTH,
        **command.context_settings,
    )
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    yield "\n".join([f"## `{context.command_path}`", "", "```text", *lines, "```", ""])
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            inner = command.get_command(context, each)
            if inner is not None:
                yield from _helps(inner, context, each)


PAGES: Mapping[str, Callable[[], str]] = {
    "alternatives": lambda: alternatives_page(load_catalogue()),
    "cli": commands,
    "rules": lambda: markdown(load_rules()),
}


def main() -> int:
    """Write or check the pages that are named; return 1 if one is out of step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", choices=sorted(PAGES))
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    stale = 0
    for page in arguments.pages:
        path = DOCS / f"{page}.md"
        before = path.read_text(encoding="utf-8")
        head, mark, _ = before.partition(MARK)
        if not mark:
            print(f"{path.name} has no line {MARK.strip()}", file=sys.stderr)
            return 1
        after = f"{head}{MARK}\n{PAGES[page]()}"
        if after == before:
            continue
        if arguments.check:
            print(
                f"{path.name} is out of step; run scripts/generate_docs.py {page}", file=sys.stderr
            )
            stale = 1
        else:
            path.write_text(after, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
