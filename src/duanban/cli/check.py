"""`duanban check`: the main job."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from duanban.check.baseline import load_baseline
from duanban.check.config import load_config
from duanban.check.core import CheckOptions, NotChecked, make_report
from duanban.check.core import check as run_check
from duanban.check.proofs import load_proof
from duanban.check.suppress import today
from duanban.cli.output import Output, outputs_for, write_file, write_standard_output
from duanban.cli.progress import ProgressLine
from duanban.model import NOT_NEEDED, Report, Severity, SystemReport
from duanban.model.errors import DuanbanError
from duanban.report import Options, formats
from duanban.report.text import visible
from duanban.report.words import LANGUAGES, spoken
from duanban.scan.setup import expanded_rules
from duanban.targets.loader import load_target

DEFAULT_TARGETS = ("debian-sid-arm64", "debian-sid-riscv64", "debian-sid-loong64")

EXIT_FAIL_ON = 3
EXIT_STRICT = 4


@click.command(short_help="Say whether inputs run on targets, and what must change.")
@click.argument("locators", nargs=-1, required=True, metavar="LOCATOR...")
@click.option(
    "-t",
    "--target",
    "target_ids",
    multiple=True,
    metavar="ID",
    help="Target stack, or a target file; repeat for several. Default: those of the "
    "configuration, else debian-sid-arm64, -riscv64 and -loong64.",
)
@click.option(
    "-f",
    "--format",
    "format_name",
    metavar="FORMAT",
    help="Format of standard output: " + ", ".join(formats()) + ". Default: terminal.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Also write this file; its ending says the format. Repeat for several.",
)
@click.option(
    "--fail-on",
    type=click.Choice([s.value for s in Severity]),
    help="Exit with 3 if there is a finding this grave or graver.",
)
@click.option("--strict", is_flag=True, help="Exit with 4 if facts are missing for a verdict.")
@click.option(
    "--baseline", metavar="FILE", help="Earlier JSON report: what stands in it does not count."
)
@click.option(
    "--proof",
    "proofs",
    multiple=True,
    metavar="FILE",
    help="Proof of the same tree (`duanban prove --as-is`): the compiler's word counts; "
    "repeat for several.",
)
@click.option("--no-stored-proofs", is_flag=True, help="Hear no proof that is not named.")
@click.option("-j", "--jobs", type=click.IntRange(0, 256), default=0, help="Processes [all cores].")
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="NAME",
    help="Also ask this copy of a package index (a name, or a directory that holds one), for every "
    "target; repeat for several.",
)
@click.option("--offline", is_flag=True, help="Ask no registry; use what was fetched before.")
@click.option("--no-cache", is_flag=True, help="Read every file again, and remember nothing.")
@click.option(
    "--no-config",
    is_flag=True,
    help="Do not heed duanban.toml and pyproject.toml of a directory (one that you do not trust).",
)
@click.option("--show-suppressed", is_flag=True, help="List what reasons on file set aside.")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Language of what people read (terminal, Markdown, HTML). Default: that of the locale.",
)
@click.option("--all", "show_all", is_flag=True, help="List every finding, not the gravest only.")
def check(
    locators: tuple[str, ...],
    target_ids: tuple[str, ...],
    format_name: str | None,
    outputs: tuple[str, ...],
    fail_on: str | None,
    strict: bool,
    baseline: str | None,
    proofs: tuple[str, ...],
    no_stored_proofs: bool,
    jobs: int,
    indexes: tuple[str, ...],
    offline: bool,
    no_cache: bool,
    no_config: bool,
    show_suppressed: bool,
    lang: str | None,
    show_all: bool,
) -> None:
    """Check inputs against target stacks: will it run there, and what must change?

    LOCATOR is a directory, a file, an archive (zip, tar, wheel, jar, deb), pypi:NAME==VERSION,
    npm:NAME@VERSION, deb:NAME or git+URL; see docs/locators.md.

    \b
    Examples:
      duanban check .
      duanban check src.tar.xz -t debian-sid-loong64 -o report.html -o report.json
      duanban check pypi:pyfastx==2.2.0 npm:sharp@0.34 --fail-on blocks
      duanban check . --baseline last.json --fail-on review

    \b
    Exit codes: 0 fine; 1 the tool failed; 2 wrong use; 3 --fail-on reached; 4 facts missing
    under --strict; 130 interrupted.
    """
    chosen = outputs_for(outputs, format_name)
    locators = tuple(dict.fromkeys(locators))
    wanted = dict.fromkeys(target_ids or _configured(locators, no_config))
    targets = [load_target(name) for name in wanted]
    options = CheckOptions(
        jobs=jobs,
        offline=offline,
        cache=not no_cache,
        read_config=not no_config,
        proofs=tuple(load_proof(Path(proof)) for proof in proofs),
        stored_proofs=not no_stored_proofs,
        baseline=load_baseline(Path(baseline)) if baseline else None,
        indexes=indexes,
    )
    systems: list[SystemReport] = []
    errors: list[DuanbanError] = []
    progress = ProgressLine()
    try:
        for result in run_check(locators, targets, options, today(), progress):
            progress.clear()
            if isinstance(result, NotChecked):
                errors.append(result.error)
                click.echo(f"duanban: {visible(str(result.error))}", err=True)
            else:
                systems.append(result)
    finally:
        progress.clear()
    report = make_report(systems)
    if systems or len(locators) > 1:
        shown = Options(
            rules={rule.id: rule for rule in expanded_rules()},
            show_suppressed=show_suppressed,
            details=0 if show_all else 8,
            language=lang or spoken(os.environ),
        )
        errors += _write(report, chosen, shown)
    if errors:
        sys.exit(max(error.exit_code for error in errors))
    sys.exit(_exit_code(report, fail_on, strict=strict))


def _configured(locators: Sequence[str], no_config: bool) -> Sequence[str]:
    """Return the targets that the configuration of the only input asks for, else the default."""
    if not no_config and len(locators) == 1 and Path(locators[0]).is_dir():
        return load_config(Path(locators[0])).targets or DEFAULT_TARGETS
    return DEFAULT_TARGETS


def _write(report: Report, outputs: Sequence[Output], options: Options) -> list[DuanbanError]:
    """Write `report` everywhere it was asked for and return what could not be written."""
    on_terminal = replace(
        options,
        width=shutil.get_terminal_size((100, 24)).columns,
        color=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        unicode=(sys.stdout.encoding or "").lower().replace("-", "") == "utf8",
    )
    errors = []
    for output in outputs:
        try:
            if output.is_file:
                write_file(output.path, output.format.render(report, options))
            else:
                write_standard_output(output.format.render(report, on_terminal))
        except DuanbanError as error:
            errors.append(error)
            click.echo(f"duanban: {error}", err=True)
    return errors


def _exit_code(report: Report, fail_on: str | None, *, strict: bool) -> int:
    results = [result for system in report.systems for result in system.targets]
    if fail_on is not None:
        limit = Severity(fail_on).rank
        every = (finding for result in results for finding in result.findings)
        if any(one.severity.rank <= limit and one.circumstance != NOT_NEEDED for one in every):
            return EXIT_FAIL_ON
    if strict and any(result.unknown for result in results):
        return EXIT_STRICT
    return 0
