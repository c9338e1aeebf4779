"""Which translation units are predicted not to compile on a target, and because of what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from duanban.check.findings import breaks, confirmed, finding_at
from duanban.check.lacks import LackFinder
from duanban.check.prediction import Prediction
from duanban.check.tree_units import Place, TreeUnits, is_unit, stops_of
from duanban.check.unit_evidence import UnitEvidence
from duanban.model import Finding, Severity, UnknownFact
from duanban.rules.interface import Rule
from duanban.scan.tree import TreeScan
from duanban.scan.units.preprocess import Workshop
from duanban.targets.interface import Target

MAX_TRIED = 40
"""Files of which some units are tried to see whether an `#error` in them is one of architecture."""
SAMPLE = 3
"""Units that are tried for each."""


class FailurePredictor:
    """Predicts for one scan.

    Args:
        scan: of the tree.
        rules: by id; those with `breaks_compile` count.
    """

    def __init__(self, scan: TreeScan, rules: Mapping[str, Rule]) -> None:
        self._scan = scan
        self._rules = rules
        self._units = TreeUnits(scan)
        self._alone = frozenset(
            path for path, own in scan.served.items() if len(own) == len(scan.resolution.given)
        )
        """Units that no target needs: judged by what stands in themselves."""
        self._lacks = LackFinder(scan, self._units, rules)
        self._evidence = UnitEvidence(rules, self._units.tree)

    def predict(
        self,
        index: int,
        target: Target,
        findings: Mapping[str, Sequence[Finding]],
        served: Set[str] = frozenset(),
    ) -> Prediction:
        """Return which units do not compile and because of what.

        Args:
            index: of the target among those of the scan.
            target: the target.
            findings: for that target, by path.
            served: units that the target has a counterpart of; they decide on no other file.
        """
        suspects = {
            path: breaking
            for path, found in findings.items()
            if (breaking := [f for f in found if self._may_break(f)])
        }
        prediction = Prediction({path: list(found) for path, found in findings.items()}, served)
        workshop = self._units.workshop(target, index)
        units = self._candidates(suspects, index, workshop, prediction)
        self._follow(units, suspects, prediction, target, workshop)
        for unit in self._alone & suspects.keys():
            causes = {f.id for f in suspects[unit] if breaks(f, self._rules)}
            if causes:
                prediction.causes[unit] |= causes
        if not self._units.is_too_large:
            self._lacks.add_to(index, prediction, target, workshop)
        return prediction

    def unknown(self, prediction: Prediction) -> list[UnknownFact]:
        """Return what is not known of the units that fail because the tree is too large."""
        if self._units.is_too_large:
            headers = [
                path
                for path, found in prediction.findings.items()
                if not is_unit(path) and any(breaks(f, self._rules) for f in found)
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

    def _candidates(
        self,
        suspects: Mapping[str, object],
        index: int,
        workshop: Workshop,
        prediction: Prediction,
    ) -> list[str]:
        """Return the units that may compile a place of `suspects`, or come to an `#error`."""
        reached = suspects.keys() - self._alone
        if not self._units.is_too_large:
            reached.update(self._stopping(index, workshop, prediction))
            reached |= self._units.includers(reached, index)
        return sorted(path for path in reached if is_unit(path))

    def _stopping(self, index: int, workshop: Workshop, prediction: Prediction) -> Iterable[str]:
        """Yield the files that stop at an `#error` on the target and not on the reference.

        Told by each file with what it includes, as if it were a unit, so that only the units that
        include one of them need be followed, not all that include any `#error`. One that stops on
        both that way needs what others include before it: then a few of its units tell.
        """
        environment = self._scan.resolution.given[index]
        tried = 0
        for path in self._scan.survey.stops():
            file = self._units.tree.file(path)
            if file is None or not file.may_stop(environment, self._units.may_differ):
                continue
            run = self._units.run(path, workshop)
            if run is None or not stops_of(run):
                continue
            if any(self._units.beyond(run, path).values()):
                yield path
            elif tried < MAX_TRIED:
                tried += 1
                units = sorted(self._units.units_of(path, index))[:SAMPLE]
                if any(self._differs(unit, workshop) for unit in units):
                    yield path
            else:
                prediction.not_tried += 1

    def _differs(self, unit: str, workshop: Workshop) -> bool:
        run = self._units.run(unit, workshop)
        return run is not None and any(self._units.beyond(run, unit).values())

    def _follow(
        self,
        units: Iterable[str],
        suspects: Mapping[str, Sequence[Finding]],
        prediction: Prediction,
        target: Target,
        workshop: Workshop,
    ) -> None:
        new: dict[Place, Finding] = {}
        sure: set[str] = set()
        provided: set[str] = set()
        wanted = self._evidence.names(suspects)
        for unit in units:
            causes: set[str] = set()
            run = self._units.run(unit, workshop)
            if run is None:
                prediction.not_followed += not self._units.is_too_large
                causes.update(f.id for f in suspects.get(unit, ()) if breaks(f, self._rules))
            else:
                prediction.followed.add(unit)
                told = self._evidence.of(run, workshop, suspects, wanted)
                causes |= told.stopping
                prediction.idle |= told.idle
                for rule, stops in self._units.beyond(run, unit).items():
                    for stop in stops:
                        if stop not in new:
                            new[stop] = self._stop(rule, stop, suspects, target)
                        causes.add(new[stop].id)
                if unit not in prediction.served:
                    provided |= told.answered
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
                confirmed(f, self._rules[f.rule]) if f.id in sure else f
                for f in found
                if f.id not in refuted
            ]
        known = {f.id for found in prediction.findings.values() for f in found}
        for finding in new:
            if finding.id not in known:
                prediction.findings.setdefault(finding.path, []).append(finding)

    def _stop(
        self, rule: str, place: Place, suspects: Mapping[str, Sequence[Finding]], target: Target
    ) -> Finding:
        path, line = place
        for finding in suspects.get(path, ()):
            if finding.rule == rule and finding.line <= line <= finding.end_line:
                return finding
        return finding_at(self._rules[rule], place, target, self._units.line(place))
