"""`duanban rules`: what the scanner knows, and why."""

from __future__ import annotations

import difflib
import json
import textwrap

import click

from duanban.cli.options import text_or_json
from duanban.model import Layer
from duanban.model.errors import UsageError
from duanban.rules import load_rules
from duanban.rules.interface import Rule


@click.group(invoke_without_command=True)
@click.pass_context
def rules(ctx: click.Context) -> None:
    """List the rules, or explain one.

    A rule is one kind of tie to something that a target may lack. Each finding names its rule.

    \b
    Examples:
      duanban rules list
      duanban rules explain chip.intrinsics.x86
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@rules.command("list", short_help="List all rules.")
@click.option(
    "--layer", type=click.Choice([layer.value for layer in Layer]), help="Only rules of this layer."
)
@text_or_json
def list_(layer: str | None = None, form: str = "text") -> None:
    """List all rules, one a line: id, severity, title.

    \b
    Examples:
      duanban rules list --layer os
      duanban rules list --format json
    """
    chosen = [rule for rule in load_rules() if layer is None or rule.layer == layer]
    if form == "json":
        rows = [
            {"id": r.id, "layer": r.layer, "severity": r.severity, "title": r.title} for r in chosen
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(rule.id) for rule in chosen), default=0)
    for rule in chosen:
        click.echo(f"{rule.id:<{width}}  {rule.severity:<8}  {rule.title}")


@rules.command("explain", short_help="Say why a rule matters and what to do.")
@click.argument("rule_id", metavar="RULE")
def explain(rule_id: str) -> None:
    """Say what a rule looks for, why it matters, what to do, how long that takes, who says so.

    RULE is the id that stands with a finding, and in `duanban rules list`.

    \b
    Example:
      duanban rules explain chip.intrinsics.x86
    """
    by_id = {rule.id: rule for rule in load_rules()}
    if rule_id not in by_id:
        close = difflib.get_close_matches(rule_id, by_id, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; `duanban rules list` names them all"
        raise UsageError(f"no rule is called {rule_id!r}{hint}")
    click.echo(explained(by_id[rule_id]))


def explained(rule: Rule) -> str:
    """Return the page of `rule` as plain text."""
    effort, each = rule.effort, rule.effort_each
    parts = [
        f"{rule.id}: {rule.title}",
        f"layer {rule.layer}, {rule.severity}, confidence {rule.confidence:g}",
        _block("Why", rule.why),
        _block("What to do", rule.remedy),
        textwrap.fill(
            f"Effort: {effort.low:g} to {effort.high:g} hours, likely {effort.likely:g}"
            + (f"; each further place {each.likely:g}" if each.likely else "")
            + (f"; and {rule.effort_more}" if rule.effort_more else ""),
            96,
        ),
    ]
    if rule.languages:
        parts.append(f"Looked for in: {', '.join(rule.languages)} ({rule.view})")
    parts.append("Sources:\n" + "\n".join(f"  - {source}" for source in rule.sources))
    if rule.positive:
        example = rule.positive[0]
        parts.append(
            f"For instance, in {example.name}:\n"
            + textwrap.indent(example.text.strip("\n"), "    ")
        )
    return "\n\n".join(parts)


def _block(title: str, text: str) -> str:
    filled = textwrap.fill(" ".join(text.split()), 96)
    return f"{title}:\n" + textwrap.indent(filled, "  ")
