"""What units use that only other architectures have: names of the tree and of the system, assembly.

Told by running a unit on the target and on the architecture it is compared with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from duanban.check.assembly import AssemblyJudge
from duanban.check.findings import breaks, finding_at
from duanban.check.prediction import Prediction
from duanban.check.tree_units import Place, TreeUnits, is_unit, stops_of
from duanban.model import Finding
from duanban.rules.interface import Rule, Subject
from duanban.scan.examine import readable
from duanban.scan.tree import TreeScan
from duanban.scan.units.difference import Gap, gaps
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.system_names import system_gaps
from duanban.targets.architectures import REFERENCE
from duanban.targets.interface import Target

MANY, ENOUGH = 200, 20
"""Units that are all run for what a header may lack; those that are run for each header of more."""
UNDECLARED = "chip.names.undeclared"
SYSTEM = "chip.names.system"

MAX_NAMES = 4
"""Names that one message shows."""

_Lack = tuple[str, Place, bytes]
"""Rule, place, and what the target lacks there."""


class LackFinder:
    """Finds what the units of one tree lack.

    Args:
        scan: of the tree.
        units: of the tree.
        rules: by id.
    """

    def __init__(self, scan: TreeScan, units: TreeUnits, rules: Mapping[str, Rule]) -> None:
        self._scan = scan
        self._units = units
        self._rules = rules
        self._given: dict[bytes, bool] = {}

    def add_to(
        self, index: int, prediction: Prediction, target: Target, workshop: Workshop
    ) -> None:
        """Add the units that use what only other architectures have, and its findings."""
        judge = AssemblyJudge(self._rules, target)
        divided = self._divided(index, workshop)
        telling = frozenset(self._scan.survey.needing_system())
        assembling = frozenset(self._assembling(index))

        def lacks_of(
            unit: str, divided: Set[str], needing: Set[str], putting: Set[str]
        ) -> list[_Lack]:
            compared = self._compared(unit, workshop)
            if compared is None:
                return []
            reference, run = compared
            lacks: list[_Lack] = []
            if unit in divided and run.varies:
                lacks += [(UNDECLARED, gap.place, gap.name) for gap in gaps(reference, run)]
            if unit in needing:
                gone = self._not_given(system_gaps(reference, run, telling))
                lacks += [(SYSTEM, gap.place, gap.name) for gap in gone]
            if unit in putting and not self._has_assembly(prediction, unit):
                lacks += judge.refused(run)
            return lacks

        some = [self._some_units(files, index) for files in (telling, assembling)]
        first = sorted(divided.union(*some))
        found = {unit: lacks_of(unit, divided, *some) for unit in first}
        if any(rule != UNDECLARED for lacks in found.values() for rule, _, _ in lacks):
            every = [self._units.units_with(files, index) for files in (telling, assembling)]
            left = [units - one for units, one in zip(every, some, strict=True)]
            for unit in sorted(set().union(*left)):
                found[unit] = [*found.get(unit, ()), *lacks_of(unit, set(), *left)]
        lost: dict[tuple[str, Place], set[bytes]] = defaultdict(set)
        for lacks in found.values():
            for rule, place, what in lacks:
                lost[rule, place].add(what)
        ids = self._add_lacks(lost, prediction, target)
        for unit, lacks in found.items():
            if lacks:
                prediction.causes[unit].update(ids[rule, place] for rule, place, _ in lacks)

    def _not_given(self, gone: Sequence[Gap]) -> list[Gap]:
        """Leave out names that build files mention (`-DPAGE_SIZE=...`): they may define them."""
        new = sorted({gap.name for gap in gone} - self._given.keys())
        if new:
            sites = self._scan.survey.find(new)
            given = frozenset[bytes]().union(*(site.configures for site in sites))
            self._given.update((name, name in given) for name in new)
        return [gap for gap in gone if not self._given[gap.name]]

    def _compared(self, unit: str, workshop: Workshop) -> tuple[UnitRun, UnitRun] | None:
        """Return a unit's runs on the reference and on the target, if the first is a measure."""
        run = self._units.run(unit, workshop)
        if run is None:
            return None
        reference = self._units.run(unit, self._units.reference) if run.varies else run
        if reference is None or stops_of(reference) or _lacks_beside(reference, run):
            return None
        if any(self._units.beyond(run, unit).values()):
            return None  # what it lacks behind an #error or a missing header follows from that
        return reference, run

    def _add_lacks(
        self,
        lost: Mapping[tuple[str, Place], set[bytes]],
        prediction: Prediction,
        target: Target,
    ) -> dict[tuple[str, Place], str]:
        """Add a finding for each place, unless another tells of it; return their ids."""
        ids = {}
        for (rule, place), names in lost.items():
            path, line = place
            there = prediction.findings.setdefault(path, [])
            told = [f.id for f in there if f.line <= line <= f.end_line and breaks(f, self._rules)]
            if told and rule != UNDECLARED:
                ids[rule, place] = told[0]
                continue
            finding = self._lack(rule, place, names, target)
            there.append(finding)
            ids[rule, place] = finding.id
        return ids

    def _has_assembly(self, prediction: Prediction, unit: str) -> bool:
        """Return whether the unit fails because of assembly that was told without macros."""
        causes = prediction.causes.get(unit, ())
        return bool(causes) and any(
            finding.id in causes and self._rules[finding.rule].subject is Subject.ASSEMBLY
            for found in prediction.findings.values()
            for finding in found
        )

    def _assembling(self, index: int) -> list[str]:
        """Return the files that may put assembly together in lines that the target compiles."""
        environment = self._scan.resolution.given[index]
        return [
            path
            for path in self._scan.survey.assembling()
            if (file := self._units.tree.file(path)) is not None and file.may_assemble(environment)
        ]

    def _some_units(self, files: frozenset[str], index: int) -> set[str]:
        """Return the units among files, and of many that include the others some of each.

        What a header lacks its first units show, so that the others need not be run.
        """
        units = self._units.units_with(files, index)
        if len(units) <= MANY:
            return units
        headers = (path for path in files if not is_unit(path))
        some = {
            unit for path in headers for unit in sorted(self._units.units_of(path, index))[:ENOUGH]
        }
        return some | {path for path in files if is_unit(path)}

    def _divided(self, index: int, workshop: Workshop) -> set[str]:
        """Return the units that may differ from one architecture to another."""
        environment = self._scan.resolution.given[index]
        files = {
            path
            for path in self._scan.survey.divided()
            if (file := self._units.tree.file(path)) is not None
            and file.may_lose(environment, self._units.may_differ)
        }
        # An include may mean another file there.
        swapped = {
            path
            for path in self._scan.survey.files()
            if self._scan.elsewhere.is_for_others(path, workshop.platform.architecture)
            and not self._scan.elsewhere.is_for_others(path, REFERENCE)
        }
        roots = self._scan.survey.roots(workshop.differs) | swapped
        return self._units.units_with(files | swapped, index) & self._units.units_with(roots, index)

    def _lack(self, rule: str, place: Place, names: Iterable[bytes], target: Target) -> Finding:
        shown = [f"`{readable(name)}`" for name in sorted(names)]
        more = f" and {len(shown) - MAX_NAMES} more" if len(shown) > MAX_NAMES else ""
        match = ", ".join(shown[:MAX_NAMES]) + more
        return finding_at(self._rules[rule], place, target, self._units.line(place), match)


def _lacks_beside(reference: UnitRun, run: UnitRun) -> bool:
    """Return whether the reference lacks a header that the target has."""
    there = {name for name, _, _ in run.missing}
    return any(name not in there for name, _, _ in reference.missing)
