"""Runs the outline of a file for one target: which lines are compiled there.

Three-valued throughout. Beyond evaluating conditions it follows what they imply: inside
`#ifdef X` the macro X is defined, in its `#else` it is not; and what the branches of a chain
define is joined where the chain ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from duanban.model import Truth
from duanban.scan.cpp.implication import implications
from duanban.scan.cpp.knowledge import UNDEFINED, UNKNOWN, Knowledge, Layer
from duanban.scan.cpp.outline import NO_GUARD, Guard, Kind, Outline, Step
from duanban.scan.cpp.parser import Condition
from duanban.scan.interface import MacroEnvironment, Region

# An enumeration's member costs a look-up in its class each time, too much in these loops.
_FALSE, _UNKNOWN, _TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
_IF, _ENDIF, _MACRO, _INCLUDE = Kind.IF, Kind.ENDIF, Kind.MACRO, Kind.INCLUDE

MAX_NESTING = 100
"""Deeper branches than this are all unknown."""
_MAX_REFUSED = 64
"""Facts that are kept of the conditions that a chain refused."""


@dataclass(slots=True)
class _Frame:
    """A chain that is open."""

    outer: Truth
    guard: Guard
    """Around the chain."""
    remaining: Truth = _TRUE
    """Whether no branch before was taken."""
    layer: Layer | None = None
    """Facts of the branch that is open, if it can be taken."""
    refused: Layer = field(default_factory=dict)
    """What follows from the conditions that were not met."""
    results: list[Layer] = field(default_factory=list)
    """What the branches that may be taken defined."""


def regions(outline: Outline, environment: MacroEnvironment) -> list[Region]:
    """Return the states of all lines in `environment`, in order and without gaps."""
    if not outline.steps:
        return [Region(1, outline.lines, _TRUE, "", frozenset())]
    run = Run(Knowledge(environment))
    for step in outline.steps:
        run.take(step)
    run.emit(outline.lines)
    return run.regions


class Run:
    """The state of the preprocessor while it goes through the steps of a file.

    Args:
        known: what holds where the file begins.
    """

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.state = _TRUE
        self.guard = NO_GUARD
        self.frames: list[_Frame] = []
        self.regions: list[Region] = []
        self.next_line = 1
        self.too_deep = 0

    def take(self, step: Step) -> None:
        """Do one step."""
        kind = step.kind
        if kind is _MACRO or kind is _INCLUDE:
            self._change(step)
        elif kind is _IF:
            self._open(step)
        elif self.too_deep:
            self.too_deep -= kind is _ENDIF
        elif kind is _ENDIF:
            self._close(step)
        else:
            self._switch(step)

    def include(self, step: Step) -> None:
        """Take in what an included file may change."""
        self.known.include(step.keeps_definitions)

    def emit(self, end_line: int) -> None:
        """Give the lines up to `end_line` the present state."""
        if end_line < self.next_line:
            return
        start, self.next_line = self.next_line, end_line + 1
        if self.regions:
            last = self.regions[-1]
            if last.state is self.state and last.guard == self.guard.text:
                self.regions[-1] = Region(last.line, end_line, last.state, last.guard, last.macros)
                return
        guard = self.guard
        self.regions.append(Region(start, end_line, self.state, guard.text, guard.macros))

    def _change(self, step: Step) -> None:
        if self.state is _FALSE:
            return
        if self.too_deep:
            self.known.set(step.name, UNKNOWN)
        elif step.kind is _INCLUDE:
            self.include(step)
        else:
            self.known.set(step.name, step.fact)

    def _open(self, step: Step) -> None:
        if self.too_deep or len(self.frames) >= MAX_NESTING:
            if not self.too_deep:
                self.emit(step.end_line)
                if self.state is _TRUE:
                    self.state = _UNKNOWN
            self.too_deep += 1
            return
        self.emit(step.end_line)
        frame = _Frame(self.state, self.guard)
        self.frames.append(frame)
        self._enter(frame, step)

    def _switch(self, step: Step) -> None:
        frame = self.frames[-1]
        self._leave(frame, step)
        self.emit(step.end_line)
        self._enter(frame, step)

    def _close(self, step: Step) -> None:
        frame = self.frames[-1]
        self._leave(frame, step)
        self.frames.pop()
        if frame.outer is _FALSE:
            return
        if frame.remaining is not _FALSE:
            frame.results.append(frame.refused)
        self.known.merge(frame.results)

    def _enter(self, frame: _Frame, step: Step) -> None:
        """Begin a branch: decide its state, and suppose its condition inside."""
        self.guard = step.guard
        self.state = _FALSE
        if frame.outer is _FALSE or frame.remaining is _FALSE:
            return
        frame.layer = dict(frame.refused)
        self.known.layers.append(frame.layer)
        taken: Truth = frame.remaining
        if step.condition is None:
            frame.remaining = _FALSE
        else:
            holds = self._test(frame, frame.layer, step, step.condition)
            taken = min(taken, holds)
            frame.remaining = min(frame.remaining, holds.negated())
        self.state = min(frame.outer, taken)
        if taken is _FALSE:
            self.known.layers.pop()
            frame.layer = None

    def _test(self, frame: _Frame, layer: Layer, step: Step, test: Condition) -> Truth:
        """Return whether `test` holds, and record what follows if that is not known."""
        holds = test.truth(self.known)
        if holds is not _UNKNOWN:
            return holds
        if step.is_include_guard:
            layer.update(dict.fromkeys(test.names, UNDEFINED))
            return _TRUE
        met, refused = implications(test, self.known)
        layer.update(met)
        if len(frame.refused) < _MAX_REFUSED:
            frame.refused.update(refused)
        return holds

    def _leave(self, frame: _Frame, step: Step) -> None:
        """End the branch that is open, before the directive `step`."""
        self.emit(step.line - 1)
        if frame.layer is not None:
            self.known.layers.pop()
            frame.results.append(frame.layer)
            frame.layer = None
        self.state, self.guard = frame.outer, frame.guard
