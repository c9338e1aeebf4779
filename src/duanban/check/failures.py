"""Which translation units are predicted not to compile on a target, and because of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from duanban.model import Failure, Finding, Severity, UnknownFact
from duanban.rules.interface import Rule
from duanban.scan.includes import UNIT_SUFFIXES, IncludeGraph
from duanban.scan.tree import TreeScan


class FailurePredictor:
    """Predicts for one scan; what includes what is read once, and only when it matters.

    Args:
        scan: of the tree.
        rules: by id; those with `breaks_compile` count.
    """

    def __init__(self, scan: TreeScan, rules: Mapping[str, Rule]) -> None:
        self._scan = scan
        self._rules = rules

    def predict(
        self, index: int, findings: Mapping[str, Sequence[Finding]], joined: Mapping[str, str]
    ) -> tuple[Failure, ...]:
        """Return the units that do not compile, sorted by path.

        Args:
            index: of the target among those of the scan.
            findings: for that target, by path.
            joined: id of a finding to the id of the one that it became part of.
        """
        breaking = {
            path: ids
            for path, found in findings.items()
            if (ids := [joined.get(f.id, f.id) for f in found if self._breaks(f)])
        }
        causes: dict[str, set[str]] = defaultdict(set)
        for path, ids in breaking.items():
            if path.endswith(UNIT_SUFFIXES):
                causes[path].update(ids)
        headers = [path for path in breaking if path not in causes]
        for path, reached in self._includers(headers, index).items():
            if path.endswith(UNIT_SUFFIXES):
                causes[path].update(i for header in reached for i in breaking[header])
        return tuple(Failure(path, tuple(sorted(ids))) for path, ids in sorted(causes.items()))

    def unknown(self, findings: Mapping[str, Sequence[Finding]]) -> list[UnknownFact]:
        """Return what is not known of the units that fail because the tree is too large."""
        if not self._scan.survey.is_too_large:
            return []
        headers = [
            path
            for path, found in findings.items()
            if not path.endswith(UNIT_SUFFIXES) and any(self._breaks(f) for f in found)
        ]
        if not headers:
            return []
        return [
            UnknownFact(
                f"which units fail because they include {headers[0]}"
                + (f" or one of {len(headers) - 1} more headers" if len(headers) > 1 else ""),
                "check the directory they stand in by itself: the whole tree is too large to "
                "follow its includes",
            )
        ]

    def _breaks(self, finding: Finding) -> bool:
        return finding.severity is Severity.BLOCKS and self._rules[finding.rule].breaks_compile

    def _includers(self, headers: Sequence[str], index: int) -> dict[str, frozenset[str]]:
        if not headers or self._scan.survey.is_too_large:
            return {}
        resolution = self._scan.resolution
        return self._graph.affected(
            headers, index, lambda path: resolution.environments_for(path)[index]
        )

    @cached_property
    def _graph(self) -> IncludeGraph:
        survey = self._scan.survey
        return IncludeGraph(survey.base, survey.includes(), self._scan.paths)
