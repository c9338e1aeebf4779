"""`duanban fix`: writes the patch that lets a system stand on a target."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fnmatch import filter as filter_names
from pathlib import Path

import click

from duanban.answers import How, Proposal, Unanswered, propose, write_files
from duanban.answers.registry import FIXERS
from duanban.check.core import CheckOptions
from duanban.cli.progress import ProgressLine
from duanban.locate import open_locator
from duanban.model.errors import UsageError
from duanban.report.text import visible
from duanban.rules import load_rules
from duanban.targets.loader import load_target

EXIT_UNANSWERED = 3


@click.command(short_help="Write the patch for a target, as far as a machine can.")
@click.argument("locator", metavar="LOCATOR", required=False)
@click.option("-t", "--target", "target_id", metavar="ID", help="Target stack, or a target file.")
@click.option("--diff", "mode", flag_value="diff", default=True, help="Print the diff. [default]")
@click.option("--write", "mode", flag_value="write", help="Change the directory in place.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="ID",
    help="Answer only findings of this rule, or pattern (chip.asm.*); repeat for several.",
)
@click.option(
    "--fixer", "fixers", multiple=True, metavar="NAME", help="Ask only this one; repeatable."
)
@click.option(
    "--vendor",
    default="",
    metavar="DIR",
    help="Directory in the tree for a copy of SIMDe; default: the system's is included.",
)
@click.option(
    "--list", "show_list", is_flag=True, help="List the fixers and the rules they answer."
)
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="NAME",
    help="Also ask this copy of a package index (a name, or a directory); repeat for several.",
)
@click.option("--offline", is_flag=True, help="Ask no registry; use what was fetched before.")
@click.option("--no-cache", is_flag=True, help="Read every file again, and remember nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was assumed and left.")
@click.option("--fail-on-left", is_flag=True, help="Exit with 3 if something that blocks is left.")
def fix(
    locator: str | None,
    target_id: str | None,
    mode: str,
    rules: tuple[str, ...],
    fixers: tuple[str, ...],
    vendor: str,
    show_list: bool,
    indexes: tuple[str, ...],
    offline: bool,
    no_cache: bool,
    quiet: bool,
    fail_on_left: bool,
) -> None:
    """Write the patch that lets a system stand on a target, as far as a machine can.

    The diff goes to standard output, for `git apply`. What it assumes, what is to be done then
    (lock files) and what was left with the reason goes to standard error. Nothing of the input is
    executed. See docs/fix.md.

    \b
    Examples:
      duanban fix . -t debian-sid-loong64
      duanban fix . -t debian-sid-riscv64 --fixer inline-asm --write
      duanban fix pypi:metrohash==0.4.1 -t debian-sid-arm64 --rule 'chip.intrinsics.*'
      duanban index add npm . && duanban fix . -t debian-sid-riscv64 --fixer dependency-bump
      duanban fix --list

    \b
    Exit codes: 0 fine; 1 the tool failed; 2 wrong use; 3 something that blocks is left, under
    --fail-on-left.
    """
    if show_list:
        _list()
        return
    if locator is None or target_id is None:
        raise UsageError("name an input and a target: duanban fix LOCATOR --target ID")
    vendor = vendor.strip("/")
    if ".." in vendor.split("/"):
        raise UsageError(f"{vendor}: --vendor is a directory inside the tree")
    _refuse_unknown(rules)
    target = load_target(target_id)
    if mode == "write" and not Path(locator).is_dir():
        raise UsageError(f"{locator}: --write changes directories only; without it a diff comes")
    progress = ProgressLine()
    try:
        with open_locator(locator, offline=offline, progress=progress) as located:
            own = Path(locator).is_dir()
            options = CheckOptions(
                offline=offline, cache=not no_cache, read_config=own, indexes=indexes
            )
            how = How(fixers, vendor, options=options)
            proposal = propose(located.root, target, rules, how, progress)
            if mode == "write":
                write_files(located.root, proposal.files)
    finally:
        progress.clear()
    if mode != "write":
        sys.stdout.buffer.write(proposal.diff)
        sys.stdout.buffer.flush()
    if not quiet:
        _tell(proposal, written=mode == "write")
    if fail_on_left and any(one.finding.severity == "blocks" for one in proposal.unanswered):
        sys.exit(EXIT_UNANSWERED)


def _refuse_unknown(rules: tuple[str, ...]) -> None:
    known = [rule.id for rule in load_rules()]
    for pattern in rules:
        if not filter_names(known, pattern):
            raise UsageError(f"{pattern}: no rule is called so (duanban rules list)")


def _list() -> None:
    width = max(len(fixer.name) for fixer in FIXERS)
    for fixer in FIXERS:
        click.echo(f"{fixer.name:<{width}}  {fixer.title}")
        click.echo(f"{'':<{width}}  answers {', '.join(fixer.rules)}")


def _tell(proposal: Proposal, *, written: bool) -> None:
    """Say on standard error what was done, assumed and left."""
    lines: list[str] = []
    verb = "changed" if written else "changes"
    for change in proposal.changes:
        lines.append(f"{verb} {change.path}: {change.fixer}: {change.why}")
    lines += [f"assumes {text}" for text in proposal.assumptions]
    lines += [f"then    {text}" for text in proposal.then]
    lines += _left(proposal.unanswered)
    lines += [
        f"left    {one.path}:{one.line}: {one.fixer}: {one.reason}" for one in proposal.refusals
    ]
    if not proposal.changes:
        lines.append("nothing to change that a machine can")
    for line in lines:
        click.echo(visible(line), err=True)


def _left(unanswered: Sequence[Unanswered]) -> Iterator[str]:
    """Yield what was left, what blocks first: each rule and reason once, with its places."""
    groups: dict[tuple[str, str, str], dict[str, set[int]]] = {}
    for one in sorted(unanswered, key=lambda one: one.finding.severity.rank):
        finding = one.finding
        places = groups.setdefault((finding.severity.value, finding.rule, one.reason), {})
        places.setdefault(finding.path, set()).add(one.line)
    for (severity, rule, reason), places in groups.items():
        yield f"left    {severity}: {rule}: {reason}"
        for path, numbers in places.items():
            known = ", ".join(str(number) for number in sorted(numbers) if number)
            yield f"          {path}:{known}" if known else f"          {path}"
