"""From a tree to the evidence in it: scan, inventory, and what that means for each target."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import msgspec

from duanban.check.config import Config
from duanban.check.copies import mark_parts
from duanban.check.evidence import Evidence, EvidenceStore, TargetEvidence
from duanban.check.failures import FailurePredictor
from duanban.check.findings import findings_of, weight_of_lists
from duanban.check.lone import Sources
from duanban.check.places import (
    EMULATED,
    Reach,
    is_assembler,
    join_by_place,
    without_other_systems,
    without_own,
)
from duanban.check.prediction import Prediction
from duanban.check.rows import missing_rows
from duanban.inventory import Inventory, judge_inventory, read_inventory
from duanban.locate import cache_directory
from duanban.model import Finding, Scanned, Truth
from duanban.rules.interface import Rule
from duanban.scan.build.membership import SOURCES, BuildFiles
from duanban.scan.examine import Examiner
from duanban.scan.includes import UNIT_SUFFIXES
from duanban.scan.read import read_text
from duanban.scan.regex import compile_pattern
from duanban.scan.setup import environment_of, expanded_rules, make_examiner
from duanban.scan.siblings import rows
from duanban.scan.store import ScanStore, now, scan_key
from duanban.scan.tree import ScanOptions, TreeScan, list_tree, scan_tree
from duanban.scan.walk import Walked, printable
from duanban.targets.interface import Target

_INCLUDED = re.compile(rb'#[ \t]*include[ \t]*"([^"\n/]+)"')
_SIMDE = compile_pattern(rb"^[ \t]*#[ \t]*include[ \t]*[<\"][^>\"\n]*simde/")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


@dataclass(frozen=True)
class Gatherer:
    """Gathers evidence from one tree after the other; what is costly is made when it is needed."""

    targets: Sequence[Target]
    jobs: int
    """Processes; 0 takes one per core."""
    cache: bool
    """Whether to use and keep what was found before."""
    progress: Progress

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in expanded_rules()}

    @cached_property
    def _examiner(self) -> Examiner:
        return make_examiner(self.targets)

    def gather(self, root: Path, config: Config) -> Evidence:
        """Return what the tree at `root` says.

        Raises:
            OSError: the root itself cannot be read.
        """
        started = now()
        walked = list_tree(root, config.excludes if config.exclude else None)
        if not self.cache:
            return self._evidence(root, walked, None)
        directory, key = cache_directory() / "scans", self._key(root, config)
        kept = EvidenceStore(directory, key)
        evidence = kept.load(walked)
        if evidence is None:
            evidence = self._evidence(root, walked, ScanStore(directory, key))
            kept.save(walked, evidence, started)
        return evidence

    def _key(self, root: Path, config: Config) -> str:
        # A target file of the user's own may change under the same id, so all of it counts.
        # Sets have no order of their own, and levels are numbers.
        plain = msgspec.to_builtins(list(self.targets), str_keys=True, order="deterministic")
        targets = msgspec.json.encode(plain, order="deterministic")
        return scan_key(root, [targets.decode(), *config.exclude])

    def _evidence(self, root: Path, walked: Walked, store: ScanStore | None) -> Evidence:
        options = ScanOptions(jobs=self.jobs, progress=self.progress, store=store)
        scan = scan_tree(root, self._examiner, options, walked)
        native = tuple(payload for record in scan.records for payload in record.native)
        inventory = read_inventory(root, scan.paths, native=native)
        return Evidence(
            scanned=Scanned(
                files=scan.scanned.files,
                bytes=scan.scanned.bytes,
                skipped=(*scan.scanned.skipped, *inventory.skipped),
            ),
            components=inventory.components,
            dependencies=inventory.dependencies,
            targets=self._per_target(scan, inventory),
        )

    def _per_target(self, scan: TreeScan, inventory: Inventory) -> tuple[TargetEvidence, ...]:
        predictor = FailurePredictor(scan, self._rules)
        sizes = {printable(entry.path): entry.size for entry in scan.entries}
        machines = rows(scan.paths)
        builds = _build_files(scan)
        mostly_assembler = is_assembler(scan.paths)
        found = []
        for index, target in enumerate(self.targets):
            served = frozenset(path for path, own in scan.served.items() if index in own)
            every = findings_of(scan.records, index, target, self._rules, served)
            by_path = without_own(every, scan.elsewhere, target, self._rules)
            prediction = predictor.predict(index, target, by_path, served)
            reach = Reach(
                scan.elsewhere,
                target.architecture.name,
                prediction.causes,
                prediction.followed,
                prediction.idle,
                frozenset() if prediction.not_followed else _included(scan, prediction.findings),
                _built(builds, prediction, target),
                self._emulated(scan, prediction.findings),
                served,
                partial(builds.is_entered, machine=target.architecture.name),
                mostly_assembler,
            )
            findings, joined = join_by_place(prediction.findings, reach, self._rules)
            fails = prediction.failures(joined, reach.is_spared)
            ported = weight_of_lists(scan.records, index, served)
            lone = missing_rows(machines, _sources(scan, target), sizes, target, ported)
            brought, facts = judge_inventory(inventory, target)
            unknown = (*facts, *predictor.unknown(prediction))
            brought = without_other_systems(brought)
            whole = mark_parts([*findings, *lone, *brought], inventory.ties, target, self._rules)
            found.append(TargetEvidence(tuple(whole), fails, unknown))
        return tuple(found)

    def _emulated(
        self, scan: TreeScan, findings: Mapping[str, Sequence[Finding]]
    ) -> frozenset[str]:
        """Return the files with a finding that SIMDe would answer and that can include it."""
        return frozenset(
            path
            for path, found in findings.items()
            if any(self._rules[finding.rule].subject in EMULATED for finding in found)
            and _SIMDE.search(read_text(f"{scan.survey.base}/{path}") or b"") is not None
        )


def _build_files(scan: TreeScan) -> BuildFiles:
    def read(path: str) -> bytes | None:
        return read_text(f"{scan.survey.base}/{path}")

    # In a huge tree a part's build says little of the whole.
    return BuildFiles(() if scan.survey.is_too_large else scan.paths, read)


def _built(builds: BuildFiles, prediction: Prediction, target: Target) -> Mapping[str, Truth]:
    """Return which sources with a finding, or that fail, are built on the target."""
    endings = tuple(f".{suffix}" for suffix in SOURCES)
    having = (path for path, found in prediction.findings.items() if found)
    sources = (path for path in (*having, *prediction.causes) if path.endswith(endings))
    return builds.membership(sources, target.architecture.name)


def _sources(scan: TreeScan, target: Target) -> Sources:
    def read(path: str) -> bytes | None:
        return read_text(f"{scan.survey.base}/{path}")

    # What a huge tree's rows share is not looked for: it would all be read once more.
    paths = () if scan.survey.is_too_large else scan.paths
    return Sources(paths, read, scan.elsewhere, environment_of(target))


def _included(scan: TreeScan, findings: Mapping[str, Sequence[Finding]]) -> frozenset[str]:
    """Return the files with a finding that another names in an `#include`.

    None if the tree has no units, which are what compiles them. In a tree that is too large to be
    read once more, those that a file beside them names.
    """
    units = (path for path in scan.paths if path.endswith(UNIT_SUFFIXES))
    if not findings or next(units, None) is None:
        return frozenset()
    if scan.survey.is_too_large:
        return _included_beside(scan, findings)
    includes = scan.survey.includes().values()
    names = {name.rpartition(b"/")[2] for every in includes for name in every}
    return frozenset(
        path for path in findings if path.rpartition("/")[2].encode("utf-8", "replace") in names
    )


def _included_beside(scan: TreeScan, findings: Iterable[str]) -> frozenset[str]:
    """Return the units with a finding that a file of their directory includes."""
    wanted: dict[str, set[str]] = {}
    for path in findings:
        if path.endswith(UNIT_SUFFIXES):
            directory, _, name = path.rpartition("/")
            wanted.setdefault(directory, set()).add(name)
    found: set[str] = set()
    for path in scan.paths:
        directory = path.rpartition("/")[0]
        if directory in wanted and path.endswith(UNIT_SUFFIXES):
            text = read_text(f"{scan.survey.base}/{path}") or b""
            names = {name.decode("utf-8", "replace") for name in _INCLUDED.findall(text)}
            found.update(f"{directory}/{name}" for name in names & wanted[directory])
    return frozenset(found)
