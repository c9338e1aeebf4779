"""`duanban targets`: what can be stood on."""

from __future__ import annotations

import json

import click

from duanban.check.suppress import today
from duanban.cli.options import text_or_json
from duanban.targets.loader import list_targets, load_target
from duanban.targets.show import describe


@click.group(invoke_without_command=True)
@click.pass_context
def targets(ctx: click.Context) -> None:
    """List the target stacks, or show one with the facts behind it.

    \b
    Examples:
      duanban targets list
      duanban targets show debian-sid-loong64
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@targets.command("list", short_help="List the targets that come with the tool.")
@text_or_json
def list_(form: str = "text") -> None:
    """List the targets that come with the tool, one a line: id, title.

    \b
    Examples:
      duanban targets list
      duanban targets list --format json
    """
    found = list_targets()
    if form == "json":
        rows = [{"id": t.id, "title": t.title, "architecture": t.architecture} for t in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(target.id) for target in found)
    for target in found:
        click.echo(f"{target.id:<{width}}  {target.title}")


@targets.command("show", short_help="Show a target with its facts, as JSON.")
@click.argument("target_id", metavar="ID")
def show(target_id: str) -> None:
    """Show a target as JSON: the platform, what it accepts, and where each fact comes from.

    ID is one that `duanban targets list` names, or the path of a target file.

    \b
    Examples:
      duanban targets show debian-sid-loong64
      duanban targets show our-stack.toml
    """
    described = describe(load_target(target_id), today())
    click.echo(json.dumps(described, indent=2, ensure_ascii=False, default=str))
