"""The command `duanban`: a thin group whose verbs are loaded only when they are used."""

from __future__ import annotations

import difflib
import importlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from duanban import __version__
from duanban.model.errors import DuanbanError

VERBS = {
    "check": "duanban.cli.check:check",
    "fix": "duanban.cli.fix:fix",
    "prove": "duanban.cli.prove:prove",
    "index": "duanban.cli.index:index",
    "staves": "duanban.cli.staves:staves",
    "answers": "duanban.cli.answers:answers",
    "depend": "duanban.cli.depend:depend",
    "rules": "duanban.cli.rules:rules",
    "targets": "duanban.cli.targets:targets",
    "cache": "duanban.cli.cache:cache",
}
"""Verb to where its command stands; one module per verb."""

EXIT_USAGE = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT
"""What shells report for a command that Ctrl-C ended."""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; one that does not exist is answered with what may have been meant."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            close = difflib.get_close_matches(name, VERBS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"to check it: duanban check {name}"
            raise click.UsageError(f"no command is called {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; that a reader of our output has had enough of it is no failure."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            from duanban.cli.output import close_standard_output  # noqa: PLC0415 - only when used

            close_standard_output()
            return None
        return result


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="duanban")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find what keeps a software stack from standing on another one.

    Duanban checks sources, packages and binaries against a target stack (another CPU
    architecture, a distribution of your own) and names every tie to something the target lacks,
    with its place, what to do about it and how long that takes.

    \b
    Start with:
      duanban check .                          your source tree, all default targets
      duanban check pypi:numpy==2.3.0 --target debian-sid-loong64
      duanban fix . --target debian-sid-loong64
      duanban targets list                     what can be stood on
      duanban rules explain chip.intrinsics.x86
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(EXIT_USAGE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error raised on purpose becomes one clear line and a code.

    Args:
        arguments: those after the program's name; None takes the process's own.

    Raises:
        SystemExit: with the exit code, unless all went well.
    """
    try:
        with _ended_by_signals():
            code = cli(arguments, prog_name="duanban", standalone_mode=False)
    except click.Abort as abort:
        interrupted = isinstance(abort.__cause__, KeyboardInterrupt)
        _complain("interrupted" if interrupted else "nothing was done")
        sys.exit(EXIT_INTERRUPTED if interrupted else 1)
    except click.ClickException as error:
        _complain(_one_line(error))
        sys.exit(EXIT_USAGE)
    except DuanbanError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    if code:
        sys.exit(code)


def _complain(text: str) -> None:
    """Write one line to standard error; what it quotes of the input cannot act on a terminal."""
    from duanban.report.text import visible  # noqa: PLC0415 - only when used

    click.echo(f"duanban: {visible(text)}", err=True)


def _one_line(error: click.ClickException) -> str:
    """Return what is wrong with the command line, and where to look."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    help_ = f" (see `{context.command_path} --help`)" if context else ""
    return f"{text[:1].lower()}{text[1:]}{help_}"


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP unwind the stack, so that workers and unfinished files go too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {kind: signal.signal(kind, _leave) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
