"""The main job: from locators to a report, one system after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from duanban import __version__
from duanban.check.baseline import Baseline
from duanban.check.config import Config, load_config, settings_file
from duanban.check.evidence import Evidence
from duanban.check.gather import Gatherer, Progress
from duanban.check.judge import Judge
from duanban.check.proofs import Proven, about, heed, stored
from duanban.check.replace import with_alternatives
from duanban.check.supply import Supply
from duanban.indexes.library import Library
from duanban.indexes.store import Store
from duanban.locate import open_locator
from duanban.locate.interface import Located
from duanban.model import Report, Scanned, Skipped, SystemReport, Tool, UnknownFact
from duanban.model.errors import DuanbanError, LocatorError
from duanban.rules.interface import Rule
from duanban.scan.setup import expanded_rules
from duanban.targets.interface import Target

LOST = ("cannot be read", "damaged", "cut off", "missing:", "encrypted")
"""How the reason begins where something that is wanted did not open, or only in part."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check."""

    jobs: int = 0
    """Processes; 0 takes one per core."""
    offline: bool = False
    """Ask no registry; take what is in the cache."""
    cache: bool = True
    """Use and keep results of earlier scans of the same tree."""
    read_config: bool = True
    """Heed the `duanban.toml` or `pyproject.toml` of a directory that is checked in place."""
    proofs: tuple[Proven, ...] = ()
    """What compilers said of the same trees; heard against what is found."""
    stored_proofs: bool = False
    """Where no proof is given, hear those of the user's store that are of the same tree."""
    baseline: Baseline | None = None
    """An earlier report; what it has already does not count again."""
    indexes: Sequence[str] = ()
    """Names of copies of package indexes, or directories that hold one, that count for every
    target, besides the target's own."""
    store: Store | None = None
    """Where copies of package indexes are kept; None for the user's cache."""


@dataclass(frozen=True, slots=True)
class NotChecked:
    """An input that could not be had or read, and why."""

    locator: str
    error: DuanbanError


def check(
    locators: Sequence[str],
    targets: Sequence[Target],
    options: CheckOptions,
    today: date,
    progress: Progress = lambda *_: None,
) -> Iterator[SystemReport | NotChecked]:
    """Check each input against all targets and yield its part of the report.

    An input that cannot be had does not keep the others from being checked.

    Args:
        locators: the inputs (docs/locators.md).
        targets: at least one.
        options: how.
        today: the day that expiry dates are held against.
        progress: told what is being done.

    Yields:
        Per locator its part of the report, or why there is none.
    """
    checker = _Checker(targets, options, today, progress)
    for locator in locators:
        try:
            with open_locator(locator, offline=options.offline, progress=progress) as located:
                system = checker.check(located)
        except DuanbanError as error:
            yield NotChecked(locator, error)
        except OSError as error:
            reason = f"{locator}: {error.strerror or error}"
            yield NotChecked(locator, LocatorError(reason))
        else:
            yield system


def make_report(systems: Sequence[SystemReport]) -> Report:
    """Return the report of one run."""
    return Report(tool=Tool("duanban", __version__), systems=tuple(systems))


class _Checker:
    """What stays the same from one system to the next."""

    def __init__(
        self, targets: Sequence[Target], options: CheckOptions, today: date, progress: Progress
    ) -> None:
        self.targets = targets
        self.options = options
        self.today = today
        self.gatherer = Gatherer(targets, options.jobs, options.cache, progress)
        self.library = Library(options.store or Store(), options.indexes, progress)
        for name in options.indexes:  # what is wrong with them shows before the work
            self.library.named(name)

    def check(self, located: Located) -> SystemReport:
        config, unheeded = self._config(located)
        evidence = self.gatherer.gather(located.root, config)
        unread = _unread(evidence, located.skipped)
        proofs, unfitting = about(self.options.proofs, located.root)
        if self.options.stored_proofs and not proofs:
            proofs = stored(located, self.targets)
        judge = Judge(located.name, config, self.options.baseline, self.today)
        supply = Supply(evidence.components, evidence.dependencies, self.library, self.today)
        return SystemReport(
            locator=located.locator,
            name=located.name,
            version=located.version,
            scanned=Scanned(
                files=evidence.scanned.files,
                bytes=evidence.scanned.bytes,
                skipped=tuple(
                    dict.fromkeys(
                        (
                            *located.skipped,
                            *_other_release(located, self.targets),
                            *unheeded,
                            *unfitting,
                            *evidence.scanned.skipped,
                        )
                    )
                ),
            ),
            components=evidence.components,
            targets=tuple(
                with_alternatives(
                    judge.result(
                        target,
                        supply.on(target, heeded.findings, (*e.unknown, *unread)),
                        heeded.fails,
                        evidence.components,
                        heeded.withdrawn,
                    ),
                    target,
                    evidence.components,
                )
                for target, e in zip(self.targets, evidence.targets, strict=True)
                for heeded in (heed(proofs, target, e.findings, e.fails, self._rules),)
            ),
            dependencies=evidence.dependencies,
        )

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in expanded_rules()}

    def _config(self, located: Located) -> tuple[Config, tuple[Skipped, ...]]:
        """Return the settings that count, and those that do not.

        A directory that is checked in place is the user's; what had to be unpacked or fetched was
        made by others, who have no say in how they are judged.
        """
        if not self.options.read_config:
            return Config(), ()
        if _stands_in_place(located):
            return load_config(located.root), ()
        name = settings_file(located.root)
        reason = (
            "settings count in a directory checked in place, not in what was fetched or unpacked"
        )
        return Config(), (Skipped(name, reason),) if name else ()


def _stands_in_place(located: Located) -> bool:
    given = Path(located.locator)
    return given.is_dir() and given.samefile(located.root)


def _other_release(located: Located, targets: Sequence[Target]) -> tuple[Skipped, ...]:
    """Return a note where a distribution's package is not the one that the target would have."""
    vendor = located.purl.removeprefix("pkg:deb/").partition("/")[0]
    others = {
        f"{vendor} {target.platform.os_version}"
        for target in targets
        if target.platform.os == vendor and target.platform.os_version != located.release
    }
    if not located.release or not others:
        return ()
    reason = (
        f"package of another release than {' and '.join(sorted(others))}: it is that of {vendor} "
        f"{located.release}, which this machine's apt gives"
    )
    return (Skipped(f"{located.name} {located.version}", reason),)


def _unread(evidence: Evidence, unpacking: Sequence[Skipped]) -> tuple[UnknownFact, ...]:
    """Return what no verdict can rest on: an input without content, files that did not open."""
    scanned = evidence.scanned
    every = (*unpacking, *scanned.skipped)
    unreadable = len({each.path for each in every if each.reason.startswith(LOST)})
    facts = []
    if unreadable:
        files = "1 file or directory" if unreadable == 1 else f"{unreadable:,} files or directories"
        fact = f"what is in {files} that cannot be read, or not whole"
        how = "see what was not read and why; allow reading it, or get it again"
        facts.append(UnknownFact(fact, how))
    if not scanned.bytes and not evidence.components:
        how = "see what was not read and why, or name an input that has files"
        facts.append(UnknownFact("what it is made of: nothing in it was read", how))
    return tuple(facts)
