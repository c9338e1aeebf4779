"""The main job: from locators to a report, one system after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from duanban import __version__
from duanban.check.baseline import Baseline
from duanban.check.config import Config, load_config
from duanban.check.failures import FailurePredictor
from duanban.check.findings import findings_of
from duanban.check.judge import Judge
from duanban.check.places import join_by_place
from duanban.inventory import Inventory, judge_inventory, read_inventory
from duanban.locate import cache_directory, open_locator
from duanban.locate.interface import Located
from duanban.model import Report, Scanned, SystemReport, TargetResult, Tool
from duanban.model.errors import DuanbanError, LocatorError
from duanban.rules.interface import Rule
from duanban.scan.examine import Examiner
from duanban.scan.setup import expanded_rules, make_examiner
from duanban.scan.store import ScanStore, scan_key
from duanban.scan.tree import ScanOptions, TreeScan, scan_tree
from duanban.targets.interface import Target

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


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
    """Heed the `duanban.toml` or `pyproject.toml` that stands in a checked tree."""
    baseline: Baseline | None = None
    """An earlier report; what it has already does not count again."""


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
        self.progress = progress
        self.rules: dict[str, Rule] = {rule.id: rule for rule in expanded_rules()}
        self.examiner: Examiner = make_examiner(targets)

    def check(self, located: Located) -> SystemReport:
        config = load_config(located.root) if self.options.read_config else Config()
        scan = scan_tree(
            located.root,
            self.examiner,
            ScanOptions(
                jobs=self.options.jobs,
                progress=self.progress,
                store=self._store(located.root, config),
                exclude=config.excludes if config.exclude else None,
            ),
        )
        native = tuple(payload for record in scan.records for payload in record.native)
        inventory = read_inventory(located.root, scan.paths, native=native)
        scanned = Scanned(
            files=scan.scanned.files,
            bytes=scan.scanned.bytes,
            skipped=(*located.skipped, *scan.scanned.skipped, *inventory.skipped),
        )
        return SystemReport(
            locator=located.locator,
            name=located.name,
            version=located.version,
            scanned=scanned,
            components=inventory.components,
            targets=self._judge_all(located, scan, inventory, config),
        )

    def _judge_all(
        self, located: Located, scan: TreeScan, inventory: Inventory, config: Config
    ) -> tuple[TargetResult, ...]:
        predictor = FailurePredictor(scan, self.rules)
        judge = Judge(located.name, config, self.options.baseline, self.today)
        results = []
        for index, target in enumerate(self.targets):
            by_path = findings_of(scan.records, index, target, self.rules)
            findings, joined = join_by_place(by_path, scan.elsewhere, target)
            fails = predictor.predict(index, by_path, joined)
            brought, facts = judge_inventory(inventory, target)
            unknown = [*facts, *predictor.unknown(by_path)]
            results.append(
                judge.result(target, findings + brought, unknown, fails, inventory.components)
            )
        return tuple(results)

    def _store(self, root: Path, config: Config) -> ScanStore | None:
        if not self.options.cache:
            return None
        ingredients = [*(target.id for target in self.targets), *config.exclude]
        return ScanStore(cache_directory() / "scans", scan_key(root, ingredients))
