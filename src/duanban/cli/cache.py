"""`duanban cache`: what is kept between runs."""

from __future__ import annotations

import shutil

import click

from duanban.locate import cache_directory


@click.group(invoke_without_command=True)
@click.pass_context
def cache(ctx: click.Context) -> None:
    """Show where downloads, unpacked archives and earlier scans are kept, or clear them."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(path)


@cache.command("path")
def path() -> None:
    """Print the directory (DUANBAN_CACHE changes it)."""
    click.echo(cache_directory())


@cache.command("clear")
@click.confirmation_option(prompt="Delete everything that was downloaded, unpacked and scanned?")
def clear() -> None:
    """Delete everything that is kept; it is fetched and scanned again when it is needed."""
    directory = cache_directory()
    if directory.is_dir():
        shutil.rmtree(directory)
    click.echo(f"cleared {directory}")
