"""`duanban prove`: builds and tests a tree for a target, in a sandbox."""

from __future__ import annotations

import platform
import sys
from dataclasses import replace
from pathlib import Path

import click

from duanban.answers import How, propose
from duanban.check.core import CheckOptions, NotChecked
from duanban.check.core import check as run_check
from duanban.check.suppress import today
from duanban.cli.output import refuse_unwritable, write_file, write_standard_output
from duanban.cli.progress import ProgressLine
from duanban.locate import is_offline, open_locator
from duanban.model.errors import UsageError
from duanban.proof.build import names
from duanban.proof.engine import Task
from duanban.proof.engine import prove as run_proof
from duanban.proof.interface import ProofVerdict
from duanban.proof.replay import compared
from duanban.proof.replay import shown as shown_points
from duanban.proof.sandbox import Limits
from duanban.proof.store import encode, read
from duanban.proof.text import terminal
from duanban.proof.tools import root_for_patch
from duanban.proof.wish import Means, Options
from duanban.targets.architectures import architecture
from duanban.targets.interface import Target
from duanban.targets.loader import load_target

EXIT_FAILED = 3
EXIT_NOT_PROVED = 4


@click.command(short_help="Build and test for a target, here, in a sandbox.")
@click.argument("locator", metavar="LOCATOR", required=False)
@click.option("-t", "--target", "target_id", metavar="ID", help="Target stack, or a target file.")
@click.option("--as-is", is_flag=True, help="Prove the tree without any change.")
@click.option("--patch", metavar="FILE", help="Prove this patch, not that of `duanban fix`.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Answer this rule only.")
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="Format of standard output.",
)
@click.option("-o", "--output", metavar="FILE", help="Also write the proof, as JSON, there.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=2, help="Processes. [2]")
@click.option(
    "--timeout", type=click.IntRange(1), default=1800, help="Seconds for each command. [1800]"
)
@click.option("--memory", type=click.IntRange(64), default=6144, help="MiB of memory. [6144]")
@click.option("--disk", type=click.IntRange(16), default=8192, help="MiB on disk. [8192]")
@click.option("--keep", metavar="DIR", help="Leave trees, builds and logs there.")
@click.option("--fresh", is_flag=True, help="Do not take what is stored.")
@click.option("--no-sandbox", is_flag=True, help="Run foreign code with all of your rights.")
@click.option("--replay", metavar="PROOF", help="Carry out a stored proof again, and compare.")
@click.option("--build-system", type=click.Choice(names()), help="Take this one.")
@click.option("--directory", default="", metavar="DIR", help="Where the build files stand.")
@click.option(
    "--configure", multiple=True, metavar="OPTION", help="Option of the configure step, or of Make."
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="Debian package with headers, libraries, Python modules or programs that it needs.",
)
@click.option("--test", default="", metavar="COMMAND", help="Shell command that tests.")
@click.option(
    "--run",
    default="",
    metavar="COMMAND",
    help="Shell command whose output must be the same on both.",
)
@click.option(
    "--tools",
    default="",
    metavar="debian|DIR",
    help="Compilers, emulator and build tools of Debian's newest, or of this root directory.",
)
@click.option("--compiler", type=click.Choice(["gcc", "zig"]), help="Take this kind.")
@click.option("--offline", is_flag=True, help="Ask no registry; use what was fetched before.")
@click.option("--strict", is_flag=True, help="Exit with 3 if it failed, 4 if it is not proved.")
def prove(
    locator: str | None,
    target_id: str | None,
    as_is: bool,
    patch: str | None,
    rules: tuple[str, ...],
    format_name: str,
    output: str | None,
    jobs: int,
    timeout: int,
    memory: int,
    disk: int,
    keep: str | None,
    fresh: bool,
    no_sandbox: bool,
    replay: str | None,
    build_system: str | None,
    directory: str,
    configure: tuple[str, ...],
    packages: tuple[str, ...],
    test: str,
    run: str,
    tools: str,
    compiler: str | None,
    offline: bool,
    strict: bool,
) -> None:
    """Build and test a system for a target, here: does it hold there what it holds on x86-64?

    Takes the patch of `duanban fix` (or --patch, or none with --as-is), builds the tree for this
    machine and for the target's, runs its tests on both, the target's under QEMU, and compares.
    Foreign code runs in a sandbox without network. See docs/prove.md.

    \b
    Examples:
      duanban prove . -t debian-sid-loong64 --as-is
      duanban prove src.tar.xz -t debian-sid-riscv64 -o proof.json
      duanban prove . -t debian-sid-arm64 --patch answer.diff --run './prog < sample'
      duanban prove --replay proof.json

    \b
    Exit codes: 0 the proof was carried out; 1 the tool failed; 2 wrong use; with --strict
    3 failed, 4 not proved; with --replay 3 if it came out otherwise.
    """
    if as_is and patch:
        raise UsageError("--as-is and --patch exclude each other")
    if output:
        refuse_unwritable(output)
    limits = Limits(seconds=timeout, memory=memory << 20, disk=disk << 20)
    kept = Path(keep) if keep else None
    means = Means(
        jobs=jobs,
        limits=limits,
        sandboxed=not no_sandbox,
        offline=offline or is_offline(),
        keep=kept,
        fresh=fresh or replay is not None,
    )
    if no_sandbox:
        click.echo("duanban: no sandbox: foreign code runs with all of your rights", err=True)
    progress = ProgressLine()
    earlier = read(Path(replay)) if replay else None
    options = Options(
        tools=tools,
        compiler=compiler or "",
        build_system=build_system or "",
        directory=directory,
        configure=configure,
        packages=packages,
        test=test,
        run=run,
    )
    if earlier is not None:
        locator, target_id = locator or earlier.subject.locator, earlier.target
        options = Options.of(earlier.options)
        options = replace(options, tools=tools) if tools else options
    if not locator or not target_id:
        raise UsageError("name what to prove and --target, or a proof to --replay")
    target = load_target(target_id)
    with open_locator(locator, offline=offline, progress=progress) as located:
        mode = "as-is" if as_is else "patch" if patch else "fix"
        text = _read(patch) if patch else ""
        if earlier is not None:
            mode, text = earlier.mode, earlier.patch
        elif mode == "fix":
            here = architecture(platform.machine())
            how = How(tools=root_for_patch(options.tools, located.root, here, progress))
            diff = propose(located.root, target, rules, how, progress).diff
            text = diff.decode("utf-8", "surrogateescape")
        task = Task(located, target, mode, text)
        if mode == "as-is":
            task = replace(task, suspects=_suspects(locator, target, offline, progress))
        proof = run_proof(task, options, means, progress)
    progress.clear()
    if output:
        write_file(output, encode(proof).decode())
    shown = encode(proof).decode() if format_name == "json" else terminal(proof)
    write_standard_output(shown)
    if earlier is not None:
        points = compared(earlier, proof)
        click.echo(shown_points(points), err=format_name == "json")
        if any(not one.same and one.counts for one in points):
            sys.exit(EXIT_FAILED)
    if strict and proof.verdict is not ProofVerdict.PROVED:
        sys.exit(EXIT_FAILED if proof.verdict is ProofVerdict.FAILED else EXIT_NOT_PROVED)


def _read(patch: str) -> str:
    try:
        return Path(patch).read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"{patch}: cannot be read: {error.strerror}") from error


def _suspects(
    locator: str, target: Target, offline: bool, progress: ProgressLine
) -> tuple[str, ...]:
    """Return the files that a check says do not compile on the target."""
    options = CheckOptions(offline=offline)
    for result in run_check([locator], [target], options, today(), progress):
        if isinstance(result, NotChecked):
            raise result.error
        return tuple(failure.path for failure in result.targets[0].needed_fails)
    return ()
