"""`duanban depend`: the package graph of a distribution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duanban import __version__
from duanban.cli.progress import ProgressLine
from duanban.model.errors import UsageError

if TYPE_CHECKING:
    from duanban.staves.analyse import Analysis

_INDEX = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMAT = click.Choice(["terminal", "json"])
_profile = click.option(
    "--profile",
    "profiles",
    multiple=True,
    help="A build profile that is active, e.g. nocheck; may be repeated.",
)


@click.group(short_help="Ask a distribution's package graph what is short.")
def depend() -> None:
    """Ask a distribution's package indexes what can be installed and built, and what holds it back.

    Debian's indexes are meant: the files `Packages` and `Sources` of an archive, plain or
    compressed (gzip, bzip2, xz, zstd, LZ4). apt keeps those of the system in its lists directory;
    nothing is asked of the network.

    \b
    Examples:
      duanban depend check --packages Packages.xz --arch loong64
      duanban depend staves --reference amd64/Packages --packages loong64/Packages \\
          --sources Sources --arch loong64
    """


@depend.command("check", short_help="Name what cannot be installed or built, and why.")
@click.option("--packages", required=True, type=_INDEX, help="A Packages file.")
@click.option("--sources", type=_INDEX, help="A Sources file: check the build dependencies too.")
@click.option("--arch", required=True, help="Debian's name of the architecture, e.g. loong64.")
@click.option("--format", "form", type=_FORMAT, default="terminal", help="What to write.")
@click.option("--all", "everything", is_flag=True, help="Show all, not the first 20.")
@_profile
def check(
    packages: Path,
    sources: Path | None,
    arch: str,
    form: str,
    everything: bool,
    profiles: tuple[str, ...],
) -> None:
    """Name every package that cannot be installed and every source that cannot be built.

    Each package is looked at by itself: is there any way to install it, with all that it needs
    and nothing that conflicts, from this index alone? The reason names the chain down to the root.

    \b
    Example:
      duanban depend check --packages Packages.xz --sources Sources.xz --arch loong64
    """
    from duanban.cli import depend_text as text  # noqa: PLC0415 - only what a verb needs
    from duanban.depend.check import check_indexes  # noqa: PLC0415

    line = ProgressLine()
    try:
        report = check_indexes(packages, sources, arch, lambda what: line(what, 0, 0), profiles)
    finally:
        line.clear()
    if form == "json":
        click.echo(json.dumps(text.check_as_json(report), ensure_ascii=False, indent=1))
        return
    lines = text.check_as_text(report, with_sources=sources is not None, everything=everything)
    click.echo("\n".join(lines))


@depend.command("impact", short_help="Name what is lost if one package goes.")
@click.option("--packages", required=True, type=_INDEX, help="A Packages file.")
@click.option("--sources", type=_INDEX, help="A Sources file: count lost builds too.")
@click.option("--arch", required=True, help="Debian's name of the architecture, e.g. loong64.")
@click.option("--format", "form", type=_FORMAT, default="terminal", help="What to write.")
@click.option("--all", "everything", is_flag=True, help="Show all, not the first 20.")
def impact(packages: Path, sources: Path | None, arch: str, form: str, everything: bool) -> None:
    """Name the single points of failure: what is lost if one package goes, for every package.

    Lost are the packages that can then no longer be installed and the sources that can no longer
    be built. What all builds take for granted (build-essential) loses every source.

    \b
    Example:
      duanban depend impact --packages Packages.xz --sources Sources.xz --arch loong64
    """
    from duanban.cli import depend_text as text  # noqa: PLC0415
    from duanban.depend.check import removal_impact  # noqa: PLC0415

    line = ProgressLine()
    try:
        found = removal_impact(packages, sources, arch, lambda what: line(what, 0, 0))
    finally:
        line.clear()
    if form == "json":
        click.echo(json.dumps(text.impact_as_json(arch, found), ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(text.impact_as_text(found, everything=everything)))


@depend.command("staves", short_help="Name what holds an architecture back, and what to solve.")
@click.option(
    "--reference",
    required=True,
    type=_INDEX,
    help="A Packages file of an architecture that has what the target should have, e.g. amd64.",
)
@click.option("--packages", required=True, type=_INDEX, help="The target's Packages file.")
@click.option("--sources", required=True, type=_INDEX, help="The Sources file of both.")
@click.option("--arch", required=True, help="Debian's name of the target architecture.")
@click.option(
    "--budget",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many staves can be solved.",
)
@click.option("--format", "form", type=_FORMAT, default="terminal", help="What to write.")
@click.option("--all", "everything", is_flag=True, help="Show all staves, not the first 20.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False),
    help="Write to a file as well: .json, or .html for a page with the barrel and the graphs.",
)
@_profile
def staves(
    reference: Path,
    packages: Path,
    sources: Path,
    arch: str,
    budget: int,
    form: str,
    everything: bool,
    outputs: tuple[str, ...],
    profiles: tuple[str, ...],
) -> None:
    """Name what holds an architecture back, and which of it to solve first.

    Held back are the sources that the reference has binary packages of and the target has not,
    the packages that cannot be installed on the target only, and the sources that cannot be built
    there only. What is broken on the reference too is left out: that is no gap of the target.

    \b
    For each cause:
      alone        what stays blocked if everything else is solved
      holds back   what has it in one of the ways in which it could come about

    The best choice within the budget comes with the bound: no other choice unlocks more.

    \b
    Example:
      duanban depend staves --reference amd64/Packages --packages loong64/Packages \\
          --sources Sources --arch loong64 -o staves.html
    """
    from duanban.cli import depend_text as text  # noqa: PLC0415
    from duanban.cli.output import outputs_for, write_file  # noqa: PLC0415
    from duanban.staves.analyse import examine  # noqa: PLC0415
    from duanban.staves.interface import Indexes  # noqa: PLC0415

    files = [output for output in outputs_for(outputs, None) if output.is_file]
    for output in files:
        if output.format.name not in ("json", "html"):
            raise UsageError(f"{output.path}: staves are written as .json or .html")
    line = ProgressLine()
    try:
        indexes = Indexes(reference, packages, sources, arch)
        analysis = examine(indexes, budget, lambda what: line(what, 0, 0), profiles)
    finally:
        line.clear()
    for output in files:
        write_file(output.path, _staves_file(analysis, output.format.name))
    if form == "json":
        click.echo(json.dumps(text.staves_as_json(analysis.report), ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(text.staves_as_text(analysis.report, everything=everything)))


def _staves_file(analysis: Analysis, form: str) -> str:
    from duanban.cli import depend_text as text  # noqa: PLC0415
    from duanban.report import staves_page  # noqa: PLC0415
    from duanban.staves.draw import picture_of  # noqa: PLC0415

    if form == "json":
        return json.dumps(text.staves_as_json(analysis.report), ensure_ascii=False, indent=1) + "\n"
    return staves_page.render([picture_of(analysis)], f"duanban {__version__}")
