"""`duanban cache`: what is kept between runs."""

from __future__ import annotations

import shutil
from contextlib import suppress

import click

from duanban.locate import cache_directory
from duanban.model.errors import DuanbanError

OURS = (
    *("blobs", "derived", "graphs", "index", "matchers"),
    *("partial", "repositories", "scans", "trees"),
)
"""What the tool keeps below the cache directory."""


@click.group(invoke_without_command=True, short_help="Show or clear what is kept between runs.")
@click.pass_context
def cache(ctx: click.Context) -> None:
    """Show where downloads, unpacked archives and earlier scans are kept, or clear them.

    \b
    Examples:
      duanban cache path
      duanban cache clear --yes
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(path)


@cache.command("path", short_help="Print the directory.")
def path() -> None:
    """Print the directory (DUANBAN_CACHE changes it).

    \b
    Example:
      du -sh "$(duanban cache path)"
    """
    click.echo(cache_directory())


@cache.command("clear", short_help="Delete everything that is kept.")
@click.confirmation_option(prompt="Delete everything that was downloaded, unpacked and scanned?")
def clear() -> None:
    """Delete everything that is kept; it is fetched and scanned again when it is needed.

    \b
    Example:
      duanban cache clear --yes
    """
    directory = cache_directory()
    for name in OURS:
        shutil.rmtree(directory / name, ignore_errors=True)
    with suppress(OSError):  # DUANBAN_CACHE may name a directory that holds other things too
        directory.rmdir()
    left = [name for name in OURS if (directory / name).exists()]
    if left:
        raise DuanbanError(f"{directory}: cannot delete {', '.join(left)}")
    click.echo(f"cleared {directory}")
