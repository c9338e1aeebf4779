"""`duanban staves`: what holds an estate's systems back, and what of it to solve first."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duanban import __version__
from duanban.cli.check import DEFAULT_TARGETS
from duanban.cli.output import outputs_for, write_file
from duanban.cli.progress import ProgressLine
from duanban.model.errors import DuanbanError, UsageError

if TYPE_CHECKING:
    from duanban.staves.estate import EstateTarget, Member


@click.command(short_help="Rank what holds many systems back, and choose.")
@click.argument("locators", nargs=-1, metavar="[LOCATOR]...")
@click.option(
    "--estate",
    "estate_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that lists the systems with weights (docs/staves.md).",
)
@click.option("-t", "--target", "target_ids", multiple=True, metavar="ID", help="Repeat for more.")
@click.option(
    "--budget",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="How many causes can be solved.",
)
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write to a file as well: .json, or .html for a page with the barrel and the graphs.",
)
@click.option("--index", "indexes", multiple=True, metavar="NAME", help="As of `check`.")
@click.option("--offline", is_flag=True, help="Ask no registry; use what was fetched before.")
@click.option("-j", "--jobs", type=click.IntRange(0, 256), default=0, help="Processes [all cores].")
@click.option("--all", "everything", is_flag=True, help="Show all causes, not the first 20.")
def staves(
    locators: tuple[str, ...],
    estate_file: Path | None,
    target_ids: tuple[str, ...],
    budget: int,
    form: str,
    outputs: tuple[str, ...],
    indexes: tuple[str, ...],
    offline: bool,
    jobs: int,
    everything: bool,
) -> None:
    """Rank the causes that hold systems back, over all of them, and choose which to solve.

    Every system is checked; what blocks it, and what is not known of it, are its causes. A cause
    that several systems share is solved once. Which packages stand behind a missing one is taken
    from the copies of package indexes (`duanban index`).

    \b
    For each cause:
      alone        weight of the systems that stay blocked if everything else is solved
      holds back   weight of the systems that have it among what could free them

    \b
    Examples:
      duanban staves ./shop ./forecast server.status -t debian-sid-loong64
      duanban staves --estate estate.toml --budget 5 -o staves.html
    """
    from duanban.check.core import CheckOptions  # noqa: PLC0415 - only what a verb needs
    from duanban.check.estate import Estate, EstateSystem, load_estate  # noqa: PLC0415
    from duanban.check.members import check_estate  # noqa: PLC0415
    from duanban.cli import staves_text as text  # noqa: PLC0415
    from duanban.staves.estate import analyse_estate  # noqa: PLC0415
    from duanban.targets.loader import load_target  # noqa: PLC0415

    files = [output for output in outputs_for(outputs, None) if output.is_file]
    for output in files:
        if output.format.name not in ("json", "html"):
            raise UsageError(f"{output.path}: staves are written as .json or .html")
    if not locators and estate_file is None:
        raise click.UsageError("name inputs, or a file with --estate")
    estate = load_estate(estate_file) if estate_file else Estate(())
    systems = (*estate.systems, *(EstateSystem(one) for one in locators))
    targets = [load_target(one) for one in target_ids or estate.targets or DEFAULT_TARGETS]
    options = CheckOptions(jobs=jobs, offline=offline, indexes=(*indexes, *estate.indexes))
    errors: list[DuanbanError] = []
    line = ProgressLine()
    try:
        members = check_estate(systems, targets, options, line, errors.append)
    finally:
        line.clear()
    for error in errors:
        click.echo(f"duanban: left out: {error}", err=True)
    found = analyse_estate(members, budget)
    for output in files:
        write_file(output.path, _file(found, members, output.format.name))
    if form == "json":
        click.echo(json.dumps(text.as_json(found), ensure_ascii=False, indent=1))
    elif members:
        click.echo("\n".join(text.as_text(found, everything=everything)))
    if errors:
        sys.exit(max(error.exit_code for error in errors))


def _file(found: Sequence[EstateTarget], members: Sequence[Member], form: str) -> str:
    from duanban.cli import staves_text as text  # noqa: PLC0415
    from duanban.report import staves_page  # noqa: PLC0415
    from duanban.report.estate_picture import estate_picture  # noqa: PLC0415

    if form == "json":
        return json.dumps(text.as_json(found), ensure_ascii=False, indent=1) + "\n"
    pictures = [estate_picture(one, members) for one in found]
    return staves_page.render(pictures, f"duanban {__version__}")
