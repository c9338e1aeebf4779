"""Which translation units are predicted not to compile on a target, and because of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property

from duanban.check.assembly import PREFIX, AssemblyJudge
from duanban.check.findings import confirmed, finding_at
from duanban.check.prediction import Prediction
from duanban.check.unit_evidence import UnitEvidence
from duanban.model import Finding, Severity, UnknownFact
from duanban.rules.interface import Rule
from duanban.scan.examine import readable
from duanban.scan.includes import UNIT_SUFFIXES, IncludeGraph
from duanban.scan.read import read_text
from duanban.scan.setup import reference_environment
from duanban.scan.tree import TreeScan
from duanban.scan.units.closed import header_of_check
from duanban.scan.units.difference import gaps
from duanban.scan.units.finder import Platform
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.sources import SourceTree
from duanban.scan.units.system_names import system_gaps
from duanban.targets.interface import Target

MAX_TRIED = 40
"""Files of which some units are tried to see whether an `#error` in them is one of architecture."""
MANY, ENOUGH = 200, 20
"""Units that are all run for what a header may lack; those that are run for each header of more."""
SAMPLE = 3
"""Units that are tried for each."""

REFERENCE = "x86_64"
"""Architecture that targets are compared with: the one that everything is written on."""

UNKNOWN_ARCHITECTURE = "chip.error.unknown-architecture"
MISSING_HEADER = "chip.headers.missing"
UNDECLARED = "chip.names.undeclared"
SYSTEM = "chip.names.system"

MAX_NAMES = 4
"""Names that one message shows."""

_Place = tuple[str, int]
"""Path and line."""
_Lack = tuple[str, _Place, bytes]
"""Rule, place, and what the target lacks there."""


class FailurePredictor:
    """Predicts for one scan; what includes what is read once, and only when it matters.

    Args:
        scan: of the tree.
        rules: by id; those with `breaks_compile` count.
    """

    def __init__(self, scan: TreeScan, rules: Mapping[str, Rule]) -> None:
        self._scan = scan
        self._rules = rules
        self._tree = SourceTree(scan.paths, self._read)
        self._evidence = UnitEvidence(rules, self._tree)

    def predict(
        self, index: int, target: Target, findings: Mapping[str, Sequence[Finding]]
    ) -> Prediction:
        """Return which units do not compile and because of what.

        Args:
            index: of the target among those of the scan.
            target: the target.
            findings: for that target, by path.
        """
        suspects = {
            path: breaking
            for path, found in findings.items()
            if (breaking := [f for f in found if self._may_break(f)])
        }
        prediction = Prediction({path: list(found) for path, found in findings.items()})
        workshop = self._workshop(target, index)
        units = self._candidates(suspects, index, workshop, prediction)
        self._follow(units, suspects, prediction, target, workshop)
        if not self._is_too_large:
            self._compare(index, prediction, target, workshop)
        return prediction

    def unknown(self, prediction: Prediction) -> list[UnknownFact]:
        """Return what is not known of the units that fail because the tree is too large."""
        if self._is_too_large:
            headers = [
                path
                for path, found in prediction.findings.items()
                if not path.endswith(UNIT_SUFFIXES) and any(self._breaks(f) for f in found)
            ]
            if not headers:
                return []
            more = f" or one of {len(headers) - 1} more headers" if len(headers) > 1 else ""
            fact = f"which units fail because they include {headers[0]}{more}"
        elif prediction.not_followed:
            fact = f"whether {prediction.not_followed} more units fail because of their headers"
        elif prediction.not_tried:
            fact = f"whether units stop at an #error in {prediction.not_tried} more files"
        else:
            return []
        return [
            UnknownFact(
                fact,
                "check the directory they stand in by itself: the whole tree is too large to "
                "follow its includes",
            )
        ]

    def _may_break(self, finding: Finding) -> bool:
        """Return whether `finding` breaks compilation where its place is compiled."""
        rule = self._rules[finding.rule]
        if not rule.breaks_compile:
            return False
        return finding.severity is Severity.BLOCKS or rule.severity is Severity.BLOCKS

    def _breaks(self, finding: Finding) -> bool:
        return finding.severity is Severity.BLOCKS and self._rules[finding.rule].breaks_compile

    def _candidates(
        self,
        suspects: Mapping[str, object],
        index: int,
        workshop: Workshop,
        prediction: Prediction,
    ) -> list[str]:
        """Return the units that may compile a place of `suspects`, or come to an `#error`."""
        reached = set(suspects)
        if not self._is_too_large:
            reached.update(self._stopping(index, workshop, prediction))
            reached |= self._includers(reached, index)
        return sorted(path for path in reached if path.endswith(UNIT_SUFFIXES))

    def _includers(self, paths: Iterable[str], index: int) -> set[str]:
        resolution = self._scan.resolution
        return self._graph.affected(
            paths, index, lambda path: resolution.environments_for(path)[index]
        )

    def _stopping(self, index: int, workshop: Workshop, prediction: Prediction) -> Iterable[str]:
        """Yield the files that stop at an `#error` on the target and not on the reference.

        Told by each file with what it includes, as if it were a unit, so that only the units that
        include one of them need be followed, not all that include any `#error`. One that stops on
        both that way needs what others include before it: then a few of its units tell.
        """
        environment = self._scan.resolution.given[index]
        tried = 0
        for path in self._scan.survey.stops():
            file = self._tree.file(path)
            if file is None or not file.may_stop(environment, self._may_differ):
                continue
            run = self._run(path, workshop)
            if run is None or not _stops(run):
                continue
            if any(self._beyond(run, path).values()):
                yield path
            elif tried < MAX_TRIED:
                tried += 1
                units = sorted(self._units_of(path, index))[:SAMPLE]
                if any(self._differs(unit, workshop) for unit in units):
                    yield path
            else:
                prediction.not_tried += 1

    def _units_of(self, path: str, index: int) -> set[str]:
        return {unit for unit in self._includers((path,), index) if unit.endswith(UNIT_SUFFIXES)}

    def _differs(self, unit: str, workshop: Workshop) -> bool:
        run = self._run(unit, workshop)
        return run is not None and any(self._beyond(run, unit).values())

    def _may_differ(self, names: Iterable[str]) -> bool:
        """Return whether one of the macros `names` may differ from one architecture to another."""
        by_machine = self._scan.survey.by_machine()
        return any(
            name.encode("utf-8", "replace") in by_machine or header_of_check(name) is not None
            for name in names
        )

    def _follow(
        self,
        units: Iterable[str],
        suspects: Mapping[str, Sequence[Finding]],
        prediction: Prediction,
        target: Target,
        workshop: Workshop,
    ) -> None:
        new: dict[_Place, Finding] = {}
        sure: set[str] = set()
        provided: set[str] = set()
        wanted = self._evidence.names(suspects)
        for unit in units:
            causes: set[str] = set()
            run = self._run(unit, workshop)
            if run is None:
                prediction.not_followed += not self._is_too_large
                causes.update(f.id for f in suspects.get(unit, ()) if self._breaks(f))
            else:
                prediction.followed.add(unit)
                found, answered = self._evidence.of(run, workshop, suspects, wanted)
                causes |= found
                provided |= answered
                for rule, stops in self._beyond(run, unit).items():
                    for stop in stops:
                        if stop not in new:
                            new[stop] = self._stop(rule, stop, suspects, target)
                        causes.add(new[stop].id)
                sure |= causes
            if causes:
                prediction.causes[unit] |= causes
        self._settle(prediction, new.values(), sure, provided - sure)

    def _settle(
        self, prediction: Prediction, new: Iterable[Finding], sure: set[str], refuted: set[str]
    ) -> None:
        """Confirm the findings that some unit compiles, drop the refuted, add the new ones."""
        for path, found in prediction.findings.items():
            prediction.findings[path] = [
                confirmed(f, self._rules[f.rule])
                if f.id in sure and f.severity is not self._rules[f.rule].severity
                else f
                for f in found
                if f.id not in refuted
            ]
        known = {f.id for found in prediction.findings.values() for f in found}
        for finding in new:
            if finding.id not in known:
                prediction.findings.setdefault(finding.path, []).append(finding)

    def _run(self, unit: str, workshop: Workshop) -> UnitRun | None:
        return None if self._is_too_large else workshop.run(unit)

    def _beyond(self, run: UnitRun, unit: str) -> dict[str, set[_Place]]:
        """Return, by rule, the lines that stop the unit there but not on the reference."""
        if not run.varies:  # it does the same there
            return {}
        stops = _stops(run)
        if not stops and not run.missing:
            return {}
        reference = self._run(unit, self._reference) or run
        stops_there, missing_there = _stops(reference), {name for name, _, _ in reference.missing}
        # Where it stops on the reference too, something is missing that a configure step makes.
        return {
            UNKNOWN_ARCHITECTURE: set() if stops_there else stops,
            MISSING_HEADER: {
                (path, line)
                for name, path, line in run.missing
                if name not in missing_there and not self._tree.has_template(name)
            },
        }

    def _compare(
        self, index: int, prediction: Prediction, target: Target, workshop: Workshop
    ) -> None:
        """Add the units that use what only other architectures have, and its findings."""
        judge = AssemblyJudge(self._rules, target)
        divided = self._divided(index, workshop)
        telling = frozenset(self._scan.survey.needing_system())
        assembling = frozenset(self._assembling(index))

        def lacks_of(unit: str, needing: Set[str], putting: Set[str]) -> list[_Lack]:
            compared = self._compared(unit, workshop)
            if compared is None:
                return []
            reference, run = compared
            lacks: list[_Lack] = []
            if unit in divided and run.varies:
                lacks += [(UNDECLARED, gap.place, gap.name) for gap in gaps(reference, run)]
            if unit in needing:
                gone = system_gaps(reference, run, telling)
                lacks += [(SYSTEM, gap.place, gap.name) for gap in gone]
            if unit in putting and not self._has_assembly(prediction, unit):
                lacks += judge.refused(run)
            return lacks

        some = [self._some_units(files, index) for files in (telling, assembling)]
        first = sorted(divided.union(*some))
        found = {unit: lacks_of(unit, *some) for unit in first}
        if any(rule != UNDECLARED for lacks in found.values() for rule, _, _ in lacks):
            every = [self._units(files, index) for files in (telling, assembling)]
            left = [units - one for units, one in zip(every, some, strict=True)]
            for unit in sorted(set().union(*left)):
                found[unit] = [*found.get(unit, ()), *lacks_of(unit, *left)]
        lost: dict[tuple[str, _Place], set[bytes]] = defaultdict(set)
        for lacks in found.values():
            for rule, place, what in lacks:
                lost[rule, place].add(what)
        ids = self._add_lacks(lost, prediction, target)
        for unit, lacks in found.items():
            if lacks:
                prediction.causes[unit].update(ids[rule, place] for rule, place, _ in lacks)

    def _compared(self, unit: str, workshop: Workshop) -> tuple[UnitRun, UnitRun] | None:
        """Return a unit's runs on the reference and on the target, if the first is a measure."""
        run = self._run(unit, workshop)
        if run is None:
            return None
        reference = self._run(unit, self._reference) if run.varies else run
        if reference is None or _stops(reference) or _lacks_beside(reference, run):
            return None
        if any(self._beyond(run, unit).values()):
            return None  # what it lacks behind an #error or a missing header follows from that
        return reference, run

    def _add_lacks(
        self,
        lost: Mapping[tuple[str, _Place], set[bytes]],
        prediction: Prediction,
        target: Target,
    ) -> dict[tuple[str, _Place], str]:
        """Add a finding for each place, unless another tells of it; return their ids."""
        ids = {}
        for (rule, place), names in lost.items():
            path, line = place
            there = prediction.findings.setdefault(path, [])
            told = [f.id for f in there if f.line <= line <= f.end_line and self._breaks(f)]
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
            finding.id in causes and finding.rule.startswith(PREFIX)
            for found in prediction.findings.values()
            for finding in found
        )

    def _assembling(self, index: int) -> list[str]:
        """Return the files that may put assembly together in lines that the target compiles."""
        environment = self._scan.resolution.given[index]
        return [
            path
            for path in self._scan.survey.assembling()
            if (file := self._tree.file(path)) is not None and file.may_assemble(environment)
        ]

    def _units(self, files: Iterable[str], index: int) -> set[str]:
        """Return the units among files and those that include them."""
        found = self._with_includers(set(files), index)
        return {path for path in found if path.endswith(UNIT_SUFFIXES)}

    def _some_units(self, files: frozenset[str], index: int) -> set[str]:
        """Return the units among files, and of many that include the others some of each.

        What a header lacks its first units show, so that the others need not be run.
        """
        units = self._units(files, index)
        if len(units) <= MANY:
            return units
        headers = (path for path in files if not path.endswith(UNIT_SUFFIXES))
        some = {unit for path in headers for unit in sorted(self._units_of(path, index))[:ENOUGH]}
        return some | {path for path in files if path.endswith(UNIT_SUFFIXES)}

    def _divided(self, index: int, workshop: Workshop) -> set[str]:
        """Return the units that may differ from one architecture to another."""
        environment = self._scan.resolution.given[index]
        files = {
            path
            for path in self._scan.survey.divided()
            if (file := self._tree.file(path)) is not None
            and file.may_lose(environment, self._may_differ)
        }
        # An include may mean another file there.
        swapped = {
            path
            for path in self._scan.survey.files()
            if self._scan.elsewhere.is_for_others(path, workshop.platform.architecture)
            and not self._scan.elsewhere.is_for_others(path, REFERENCE)
        }
        roots = self._scan.survey.roots(workshop.differs) | swapped
        return self._units(files | swapped, index) & self._units(roots, index)

    def _with_includers(self, files: set[str], index: int) -> set[str]:
        return files | self._includers(files, index)

    def _lack(self, rule: str, place: _Place, names: Iterable[bytes], target: Target) -> Finding:
        shown = [f"`{readable(name)}`" for name in sorted(names)]
        more = f" and {len(shown) - MAX_NAMES} more" if len(shown) > MAX_NAMES else ""
        match = ", ".join(shown[:MAX_NAMES]) + more
        return finding_at(self._rules[rule], place, target, self._line(place), match)

    def _line(self, place: _Place) -> str:
        path, line = place
        lines = (self._read(path) or b"").split(b"\n")
        return readable(lines[line - 1]) if line <= len(lines) else ""

    def _stop(
        self, rule: str, place: _Place, suspects: Mapping[str, Sequence[Finding]], target: Target
    ) -> Finding:
        path, line = place
        for finding in suspects.get(path, ()):
            if finding.rule == rule and finding.line <= line <= finding.end_line:
                return finding
        return finding_at(self._rules[rule], place, target, self._line(place))

    def _workshop(self, target: Target, index: int) -> Workshop:
        environment = self._scan.resolution.given[index]
        platform = Platform(target.architecture.name, environment, self._scan.elsewhere)
        return Workshop(self._tree, platform, self._reference)

    def _read(self, path: str) -> bytes | None:
        return read_text(f"{self._scan.survey.base}/{path}")

    @cached_property
    def _is_too_large(self) -> bool:
        return self._scan.survey.is_too_large

    @cached_property
    def _reference(self) -> Workshop:
        environment = reference_environment()
        return Workshop(self._tree, Platform(REFERENCE, environment, self._scan.elsewhere))

    @cached_property
    def _graph(self) -> IncludeGraph:
        return IncludeGraph(self._tree, self._scan.survey.includes())


def _lacks_beside(reference: UnitRun, run: UnitRun) -> bool:
    """Return whether the reference lacks a header that the target has."""
    there = {name for name, _, _ in run.missing}
    return any(name not in there for name, _, _ in reference.missing)


def _stops(run: UnitRun) -> set[_Place]:
    """Return the `#error` lines that a unit comes to."""
    return {(visit.path, line) for visit in run.visits for line in visit.stops}
