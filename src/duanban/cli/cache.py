"""`duanban cache`: what is kept between runs."""

from __future__ import annotations

import shutil
from contextlib import suppress

import click

from duanban.locate import cache_directory
from duanban.model.errors import DuanbanError
from duanban.report.text import plural

OURS = (
    *("apt", "blobs", "derived", "graphs", "index", "matchers"),
    *("partial", "proof", "repositories", "scans", "trees", "zig"),
)
"""What the tool keeps below the cache directory."""


@click.group(invoke_without_command=True, short_help="Show or clear what is kept between runs.")
@click.pass_context
def cache(ctx: click.Context) -> None:
    """Show where downloads, unpacked archives and earlier scans are kept, or clear them.

    \b
    Examples:
      duanban cache path
      duanban cache prune --days 7
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


@cache.command("prune", short_help="Delete what proofs have not used for some time.")
@click.option("--days", type=click.FloatRange(min=0), default=30.0, help="Unused for so many days.")
def prune(days: float) -> None:
    """Delete compilers, libraries and Python modules that no proof has used for some time.

    `duanban prove --tools debian` fetches Debian's packages into the cache, some 1 to 2 GB for a
    set of them; a new Debian makes a new set. What is deleted is fetched again when it is needed.

    \b
    Example:
      duanban cache prune --days 7
    """
    from duanban.proof.prune import prune as prune_proofs  # noqa: PLC0415

    done = prune_proofs(days)
    directories = plural(done.directories, "directory", "directories")
    click.echo(f"deleted {directories}, {done.bytes / 1e6:,.0f} MB")


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
