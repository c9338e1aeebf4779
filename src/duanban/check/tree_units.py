"""The translation units of a tree, run on a target and on the architecture it is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from duanban.scan.examine import readable
from duanban.scan.includes import UNIT_SUFFIXES, IncludeGraph
from duanban.scan.read import read_text
from duanban.scan.setup import reference_environment
from duanban.scan.tree import TreeScan
from duanban.scan.units.closed import header_of_check
from duanban.scan.units.finder import Platform
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.sources import SourceTree
from duanban.targets.architectures import REFERENCE
from duanban.targets.interface import Target

UNKNOWN_ARCHITECTURE = "chip.error.unknown-architecture"
MISSING_HEADER = "chip.headers.missing"

Place = tuple[str, int]
"""Path and line."""


class TreeUnits:
    """Runs the units of one tree; what includes what is read once, and only when it matters.

    Args:
        scan: of the tree.
    """

    def __init__(self, scan: TreeScan) -> None:
        self._scan = scan
        self.tree = SourceTree(scan.paths, self._read)

    def includers(self, paths: Iterable[str], index: int) -> set[str]:
        """Return the files that include one of `paths` on a target, directly or not."""
        resolution = self._scan.resolution
        return self._graph.affected(
            paths, index, lambda path: resolution.environments_for(path)[index]
        )

    def units_of(self, path: str, index: int) -> set[str]:
        """Return the units that include a file, directly or not."""
        return {unit for unit in self.includers((path,), index) if is_unit(unit)}

    def units_with(self, files: Iterable[str], index: int) -> set[str]:
        """Return the units among files and those that include them."""
        files = set(files)
        return {path for path in files | self.includers(files, index) if is_unit(path)}

    def may_differ(self, names: Iterable[str]) -> bool:
        """Return whether one of the macros `names` may differ from one architecture to another."""
        by_machine = self._scan.survey.by_machine()
        return any(
            name.encode("utf-8", "replace") in by_machine or header_of_check(name) is not None
            for name in names
        )

    def workshop(self, target: Target, index: int) -> Workshop:
        """Return what runs units on a target."""
        environment = self._scan.resolution.given[index]
        platform = Platform(target.architecture.name, environment, self._scan.elsewhere)
        return Workshop(self.tree, platform, self.reference)

    def run(self, unit: str, workshop: Workshop) -> UnitRun | None:
        """Return the run of a unit; None in a tree that is too large for it."""
        return None if self.is_too_large else workshop.run(unit)

    def beyond(self, run: UnitRun, unit: str) -> dict[str, set[Place]]:
        """Return, by rule, the lines that stop the unit there but not on the reference."""
        if not run.varies:  # it does the same there
            return {}
        stops = stops_of(run)
        if not stops and not run.missing:
            return {}
        reference = self.run(unit, self.reference) or run
        stops_there, missing_there = stops_of(reference), {name for name, _, _ in reference.missing}
        # Where it stops on the reference too, something is missing that a configure step makes.
        return {
            UNKNOWN_ARCHITECTURE: set() if stops_there else stops,
            MISSING_HEADER: {
                (path, line)
                for name, path, line in run.missing
                if name not in missing_there and not self.tree.has_template(name)
            },
        }

    def line(self, place: Place) -> str:
        """Return the text of a line."""
        path, line = place
        lines = (self._read(path) or b"").split(b"\n")
        return readable(lines[line - 1]) if line <= len(lines) else ""

    @cached_property
    def is_too_large(self) -> bool:
        """Return whether the tree is too large for its units to be run."""
        return self._scan.survey.is_too_large

    @cached_property
    def reference(self) -> Workshop:
        """Return what runs units on the architecture that targets are compared with."""
        environment = reference_environment()
        return Workshop(self.tree, Platform(REFERENCE, environment, self._scan.elsewhere))

    @cached_property
    def _graph(self) -> IncludeGraph:
        return IncludeGraph(self.tree, self._scan.survey.includes())

    def _read(self, path: str) -> bytes | None:
        return read_text(f"{self._scan.survey.base}/{path}")


def is_unit(path: str) -> bool:
    """Return whether a file is compiled by itself, as its name says."""
    return path.endswith(UNIT_SUFFIXES)


def stops_of(run: UnitRun) -> set[Place]:
    """Return the `#error` lines that a unit comes to."""
    return {(visit.path, line) for visit in run.visits for line in visit.stops}
