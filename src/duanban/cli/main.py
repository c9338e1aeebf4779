"""The command `duanban`: a thin group whose verbs are loaded only when they are used."""

from __future__ import annotations

import importlib
import sys

import click

from duanban import __version__
from duanban.model.errors import DuanbanError

VERBS = {
    "check": "duanban.cli.check:check",
    "depend": "duanban.cli.depend:depend",
    "rules": "duanban.cli.rules:rules",
    "targets": "duanban.cli.targets:targets",
    "cache": "duanban.cli.cache:cache",
}
"""Verb to where its command stands; one module per verb."""


class LazyGroup(click.Group):
    """A group that imports a verb when it is called: `--help` of one needs none of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order in which they are of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb's command, or None if there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="duanban")
def cli() -> None:
    """Find what keeps a software stack from standing on another one.

    Duanban checks sources, packages and binaries against a target stack (another CPU
    architecture, a distribution of your own) and names every tie to something the target lacks,
    with its place, what to do about it and how long that takes.

    \b
    Start with:
      duanban check .                          your source tree, all default targets
      duanban check pypi:numpy==2.3.0 --target debian-sid-loong64
      duanban targets list                     what can be stood on
      duanban rules explain chip.intrinsics.x86
    """


def main() -> None:
    """Run the command line; a `DuanbanError` becomes one clear line and its exit code."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as exit_request:
        sys.exit(exit_request.exit_code)
    except click.Abort:
        click.echo("duanban: interrupted", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except DuanbanError as error:
        click.echo(f"duanban: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has enough of it; that is not a failure of ours.
        sys.stderr.close()
        sys.exit(0)
