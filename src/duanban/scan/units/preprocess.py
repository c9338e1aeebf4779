"""Runs the preprocessor over a whole translation unit for one target.

Every `#include` that names a file of the tree is followed, with the macros that are known there;
headers of the system are not, what they define is unknown (see `closed`).
"""

from __future__ import annotations

import os
from collections import Counter

from duanban.model import Truth
from duanban.scan.cpp.directives import included
from duanban.scan.cpp.knowledge import DEFINED, UNDEFINED, Definition
from duanban.scan.cpp.outline import NO_GUARD, Kind, Step
from duanban.scan.cpp.tracker import Run
from duanban.scan.units.closed import Answers, ClosedKnowledge
from duanban.scan.units.effects import Effect, Effects
from duanban.scan.units.finder import Finder, Platform
from duanban.scan.units.source_file import SourceFile
from duanban.scan.units.sources import SourceTree
from duanban.scan.units.visits import Missing, Visit

_FALSE, _TRUE = Truth.FALSE, Truth.TRUE

MAX_DEPTH = 40
"""Files that include each other, one in the other."""
MAX_ASKED = 60_000
"""Facts about macros that one unit may ask for: half a second's work. Most ask for hundreds."""
MAX_ASKED_IN_ALL = 1_500_000
"""Facts that all units together may ask for on one platform, some seconds' work. Units past that
are judged by what stands in themselves, and the report says so."""
MAX_VISITS = 60
"""How often one file is read again in a unit: more is a table that is included row by row."""


class TooLargeError(Exception):
    """The unit is beyond what is followed."""


class Workshop:
    """What the units of a tree share on one platform.

    Args:
        tree: the files.
        platform: the platform.
        reference: of the platform that this one is compared with.
    """

    def __init__(
        self, tree: SourceTree, platform: Platform, reference: Workshop | None = None
    ) -> None:
        self.tree = tree
        self.platform = platform
        self.finder: Finder = Finder(tree, platform, reference.finder if reference else None)
        self.answers = Answers(reference.knowledge("") if reference else None)
        self.left = MAX_ASKED_IN_ALL
        """Facts that may still be asked for."""
        self.effects: Effects = Effects(reference.effects if reference else None)
        self._runs: dict[str, UnitRun | None] = {}

    def run(self, unit: str) -> UnitRun | None:
        """Return the run of a unit, which is kept, or None if it is beyond what is followed."""
        if unit not in self._runs:
            try:
                self._runs[unit] = UnitRun(self, unit) if self.left > 0 else None
            except TooLargeError:
                self._runs[unit] = None
        return self._runs[unit]

    def differs(self, name: bytes) -> bool:
        """Return whether the reference answers otherwise where no file has defined `name`."""
        known = self.knowledge("")
        known.given(name)
        return known.varies

    def knowledge(self, suffix: str) -> ClosedKnowledge:
        """Return what is known where a unit begins whose name ends in `suffix`."""
        return ClosedKnowledge(self.platform.environment, suffix, self.answers)


class UnitRun(Run):
    """One unit on one platform; `visits` says what of which file is compiled.

    A header that finds all that it asks for as it was in an earlier unit does what it did there,
    so most headers are gone through only a few times in a tree.

    Raises:
        TooLargeError: the unit is beyond what is followed.
    """

    known: ClosedKnowledge

    def __init__(self, workshop: Workshop, unit: str) -> None:
        suffix = os.path.splitext(unit)[1]
        super().__init__(workshop.knowledge(suffix))
        self.visits: list[Visit] = []
        self.missing: list[Missing] = []
        """Headers that are included, in quotes, and are nowhere."""
        self._system: set[bytes] = set()
        self._outside: tuple[bytes, ...] = ()
        self.platform = workshop.platform
        self.is_c = suffix == ".c"
        self._workshop = workshop
        self._path = unit
        self._depth = 0
        self._counts: Counter[str] = Counter()
        self._limit = min(MAX_ASKED, workshop.left)
        file = workshop.tree.file(unit)
        if file is None:
            return
        try:
            self._go_through(unit, file)
        finally:
            workshop.left -= self.known.asked
            self.known.layers.clear()  # thousands of macros, and nobody asks for one any more
            self._counts.clear()
            self._outside, self._system = tuple(self._system), set()  # a set is ten times as large

    @property
    def system(self) -> frozenset[bytes]:
        """Headers that may be included and are not of the tree."""
        return frozenset(self._outside)

    @property
    def varies(self) -> bool:
        """Whether the unit may be compiled otherwise on the reference."""
        return self.known.varies

    def include(self, step: Step) -> None:
        """Go through the included file, if it is one of the tree."""
        name, angled = step.name, step.angled
        if not step.is_named:
            fact = self.known.fact(name)
            target = included(fact.body or b"") if isinstance(fact, Definition) else None
            if target is None:
                return
            name, angled = target
        written = name.decode("utf-8", "replace")
        path, varies = self._workshop.finder.find(written, self._path, angled)
        if varies:
            self.known.varies = True
        file = self._workshop.tree.file(path) if path is not None else None
        if path is None:
            self._system.add(name)
            if not angled and self.state is _TRUE:
                self._miss(name, step)
        if path is None or file is None or self._depth >= MAX_DEPTH:
            return
        if file.script.once:
            mark = b"#once " + path.encode("utf-8", "surrogateescape")
            if self.known.fact(mark) is not UNDEFINED:
                return
            self.known.set(mark, DEFINED)
        self._counts[path] += 1
        if self._counts[path] <= MAX_VISITS and not self._repeat(path):
            self._record(path, file)

    def knows_not(self, name: bytes) -> bool:
        """Return whether the header `name` is none that the system is known to have."""
        return self.known.has_include(name) is not _TRUE

    def _miss(self, name: bytes, step: Step) -> None:
        """Note a quoted header that is neither in the tree nor of the system."""
        if self.knows_not(name):
            self.missing.append(Missing(name.decode("utf-8", "replace"), self._path, step.line))

    def _repeat(self, path: str) -> bool:
        """Do what the file did before under the same circumstances; return whether it did."""
        known, effects = self.known, self._workshop.effects
        for effect in effects.of(path, self.state):
            unlike = known.unlike(effect.absent, effect.reads, effect.doubt)
            if unlike is not None:
                effect.doubt = unlike
                continue
            known.note_reads(effect.reads)
            known.note_absent(effect.absent)
            known.layers[-1].update(effect.writes)
            known.varies = known.varies or effect.varies
            self.visits += effect.visits
            self.missing += effect.missing
            self._system.update(effect.system)
            effects.use(path, self.state, effect)
            return True
        return False

    def _record(self, path: str, file: SourceFile) -> None:
        first, missed = len(self.visits), len(self.missing)
        outside, self._system = self._system, set()
        self.known.begin_record()
        too_deep, self.too_deep = self.too_deep, 0
        varied, self.known.varies = self.known.varies, False
        self._go_through(path, file)
        self.too_deep = too_deep
        varies, self.known.varies = self.known.varies, varied or self.known.varies
        recorder, writes = self.known.end_record()
        system = tuple(self._system)
        self._system |= outside
        visits, missing = self.visits[first:], self.missing[missed:]
        effect = Effect(recorder.absent, recorder.reads, writes, visits, missing, system, varies)
        self._workshop.effects.add(path, self.state, effect)

    def _go_through(self, path: str, file: SourceFile) -> None:
        outside = (self._path, self.frames, self.regions, self.next_line, self.guard, self.state)
        self._path, self.frames, self.regions, self.next_line = path, [], [], 1
        self.guard = NO_GUARD
        self._depth += 1
        steps, next_of = file.script.steps, file.script.next_of
        at = 0
        while at < len(steps):
            if self.known.asked > self._limit:
                raise TooLargeError
            self.take(steps[at])
            at = next_of[at] if self.state is _FALSE else at + 1
        end = file.script.lines + 1
        while self.frames:  # a chain that never ends goes to the end of the file
            self.take(Step(Kind.ENDIF, end, end))
        self.emit(file.script.lines)
        self.visits.append(Visit.of(path, file, self.regions))
        self._depth -= 1
        self._path, self.frames, self.regions, self.next_line, self.guard, self.state = outside
