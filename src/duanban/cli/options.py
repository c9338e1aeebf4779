"""Options that several verbs have."""

from __future__ import annotations

import click

text_or_json = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or for programs.",
)
"""`--format text|json` of what lists or shows data."""
