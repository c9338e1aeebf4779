"""`duanban answers`: what can stand in for parts that hold a system to a platform or a maker."""

from __future__ import annotations

import difflib
import json
import textwrap

import click

from duanban.alternatives import Part, Use, load_catalogue
from duanban.cli.options import text_or_json
from duanban.model import Layer
from duanban.model.errors import UsageError


@click.group(invoke_without_command=True, short_help="Show what can stand in for a part.")
@click.pass_context
def answers(ctx: click.Context) -> None:
    """List the parts of the catalogue, or show what can stand in for one.

    A part is something proprietary or made for few machines: a database, a runtime, a library.
    `duanban check` shows the alternatives to those that are short on a target.

    \b
    Examples:
      duanban answers list
      duanban answers show oracle-database
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@answers.command("list", short_help="List the parts of the catalogue.")
@click.option(
    "--layer", type=click.Choice([layer.value for layer in Layer]), help="Only parts of this layer."
)
@text_or_json
def list_(layer: str | None = None, form: str = "text") -> None:
    """List all parts, one a line: id, layer, title, number of alternatives.

    \b
    Examples:
      duanban answers list --layer database
      duanban answers list --format json
    """
    chosen = [one for one in load_catalogue().parts.values() if layer in (None, one.layer)]
    if form == "json":
        rows = [
            {"id": one.id, "layer": one.layer, "title": one.title, "alternatives": len(one.uses)}
            for one in chosen
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(one.id) for one in chosen), default=0)
    for one in chosen:
        click.echo(f"{one.id:<{width}}  {one.layer:<11} {len(one.uses)}  {one.title}")


@answers.command("show", short_help="Show a part, and what can stand in for it.")
@click.argument("part_id", metavar="PART")
@text_or_json
def show(part_id: str, form: str) -> None:
    """Show what a part is, and what can stand in for it: where that runs and how it is known.

    PART is the id that stands in `duanban answers list`.

    \b
    Example:
      duanban answers show cuda
    """
    parts = load_catalogue().parts
    if part_id not in parts:
        close = difflib.get_close_matches(part_id, parts, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; `duanban answers list` names them all"
        raise UsageError(f"no part is called {part_id!r}{hint}")
    part = parts[part_id]
    if form == "json":
        import msgspec  # noqa: PLC0415 - only when used

        click.echo(msgspec.json.format(msgspec.json.encode(part), indent=1).decode())
        return
    click.echo(shown(part))


def shown(part: Part) -> str:
    """Return the page of `part` as plain text."""
    where = f" ({part.jurisdiction})" if part.jurisdiction else ""
    recognised = ", ".join((*part.purls, *part.rules, *part.headers, *part.files))
    blocks = [
        f"{part.id}: {part.title}",
        f"layer {part.layer}, licence {part.licence}, {part.steward}{where}",
        textwrap.fill(part.why, 96),
        textwrap.fill(f"Recognised by {recognised}", 96, subsequent_indent="  "),
        *(_use(use) for use in part.uses),
    ]
    return "\n\n".join(blocks)


def _use(use: Use) -> str:
    one = use.alternative
    lines = [
        f"{one.name}",
        f"  layer {one.layer}, licence {one.licence}, {one.steward} ({one.jurisdiction})",
        f"  {use.effort.low:g} to {use.effort.high:g} hours (asserted): {use.depends}",
    ]
    lines += [f"  note: {use.note}"] if use.note else []
    lines += [
        f"  {each.machine:<12} {each.kind}, {each.date}: {each.source}" for each in one.supports
    ]
    lines.append(f"  see {'; '.join(one.sources)}")
    return "\n".join(lines)
