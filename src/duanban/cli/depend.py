"""`duanban depend`: the package graph of a distribution."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from duanban.cli.progress import ProgressLine
from duanban.depend.check import Broken, DependReport, check_indexes

SCHEMA = "duanban.depend/1"

SHOWN = 20
"""Broken packages of each kind that the terminal shows."""

_INDEX = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def depend() -> None:
    """Ask a distribution's package indexes what can be installed and built.

    Debian's indexes are meant: the files `Packages` and `Sources` of an archive, plain or
    compressed (gzip, bzip2, xz, zstd, LZ4). apt keeps those of the system in its lists directory;
    nothing is asked of the network.

    \b
    Example:
      duanban depend check --packages Packages.xz --arch loong64
    """


@depend.command("check")
@click.option("--packages", required=True, type=_INDEX, help="A Packages file.")
@click.option("--sources", type=_INDEX, help="A Sources file: check the build dependencies too.")
@click.option("--arch", required=True, help="Debian's name of the architecture, e.g. loong64.")
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal")
@click.option("--all", "everything", is_flag=True, help=f"Show all, not the first {SHOWN}.")
def check(packages: Path, sources: Path | None, arch: str, form: str, everything: bool) -> None:
    """Name every package that cannot be installed and every source that cannot be built.

    Each package is looked at by itself: is there any way to install it, with all that it needs
    and nothing that conflicts, from this index alone? The reason names the chain down to the root.

    \b
    Example:
      duanban depend check --packages Packages.xz --sources Sources.xz --arch loong64
    """
    line = ProgressLine()
    try:
        report = check_indexes(packages, sources, arch, lambda what: line(what, 0, 0))
    finally:
        line.clear()
    if form == "json":
        click.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=1))
        return
    click.echo(f"{arch}: {len(report.broken)} of {report.packages} packages cannot be installed")
    _show(report.broken, everything)
    if sources is not None:
        click.echo(f"{arch}: {len(report.unbuildable)} of {report.sources} sources cannot be built")
        _show(report.unbuildable, everything)


def _show(broken: tuple[Broken, ...], everything: bool) -> None:
    shown = broken if everything else broken[:SHOWN]
    for one in shown:
        click.echo(f"  {one.name} {one.version}: {one.reason}")
    if len(shown) < len(broken):
        click.echo(f"  ... and {len(broken) - len(shown)} more (--all shows them)")


def _as_json(report: DependReport) -> dict[str, object]:
    def listed(broken: tuple[Broken, ...], kind: str) -> list[dict[str, str]]:
        return [
            {kind: one.name, **{k: v for k, v in asdict(one).items() if k != "name"}}
            for one in broken
        ]

    return {
        "schema": SCHEMA,
        "arch": report.architecture,
        "packages": report.packages,
        "broken": listed(report.broken, "package"),
        "sources": report.sources,
        "unbuildable": listed(report.unbuildable, "source"),
    }
