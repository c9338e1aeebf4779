"""Which of the findings in a unit's files the unit is stopped by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from duanban.model import Finding, Truth
from duanban.rules.interface import Rule, Subject, View
from duanban.scan.cpp.directives import included
from duanban.scan.cpp.outline import Kind
from duanban.scan.regex import Pattern, compile_pattern
from duanban.scan.units.emitted import Emission
from duanban.scan.units.names import Names, Uses, uses
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.source_file import SourceFile
from duanban.scan.units.sources import SourceTree
from duanban.scan.units.visits import Visit

EMULATION = re.compile(
    rb"(?:^|/)(?:simde/|sse2neon|avx2neon|sse2rvv|neon2rvv|sse2lsx|avx_to_neon|avx2ki|sse2wasm)"
)
"""Headers that give one architecture's intrinsics to the others (SIMDe and its relatives)."""

MOST_LINES = 400
"""Lines of a finding in which its places are looked for."""
_WORD = re.compile(rb"[A-Za-z_$][\w$]*+")
_INCLUDE = re.compile(rb"[ \t]*#[ \t]*(?:include|import)")


class Told(NamedTuple):
    """What a unit says of findings, by id."""

    stopping: set[str]
    answered: set[str]
    """Those that it has an answer to."""
    idle: set[str]
    """Those in functions that it has and does not use."""


class UnitEvidence:
    """Judges findings by the units that compile their places.

    Args:
        rules: by id.
        tree: the files of the tree.
    """

    def __init__(self, rules: Mapping[str, Rule], tree: SourceTree) -> None:
        self._rules = rules
        self._tree = tree
        self._patterns: dict[str, Pattern] = {}
        self._names: dict[str, bytes | None] = {}
        self._lines: dict[str, Sequence[int]] = {}
        self._headers: dict[str, tuple[bytes, bool] | None] = {}

    def names(self, suspects: Mapping[str, Sequence[Finding]]) -> Names:
        """Return the names that the findings are about."""
        names: set[bytes] = set()
        for path, findings in suspects.items():
            file = self._tree.file(path)
            if file is not None:
                names.update(n for f in findings if (n := self._name(f, file)) is not None)
        return Names(frozenset(names))

    def of(
        self,
        run: UnitRun,
        workshop: Workshop,
        suspects: Mapping[str, Sequence[Finding]],
        wanted: Names,
    ) -> Told:
        """Return the findings that stop a unit, and others that it says something of, by id.

        What stands in the body of a macro stops a unit that uses the macro; assembly in a function
        that the unit keeps to itself, one that uses the function. A name that the unit
        declares itself on the target (an emulation of intrinsics, a structure with the registers
        of an emulated machine, a header of the tree's own) does not stop it.
        """
        stopping: set[str] = set()
        answered: set[str] = set()
        idle: set[str] = set()
        used: Uses | None = None
        declared: frozenset[bytes] | None = None
        emulates: bool | None = None
        emission = Emission(run.visits)
        for visit in run.visits:
            for finding in suspects.get(visit.path, ()):
                places = [one for one in self._places(finding, visit.file) if _is_in(visit, one)]
                if not places:
                    continue
                macros = [visit.file.macro_at(line) for line in places]
                if None not in macros:
                    used = used or uses([visit.live_words for visit in run.visits])
                    if not any(macro in used for macro in macros if macro is not None):
                        continue
                elif self._rules[finding.rule].view is View.ASM and not any(
                    macro or emission.is_emitted(visit, line)
                    for line, macro in zip(places, macros, strict=True)
                ):
                    idle.add(finding.id)
                    continue
                if declared is None:
                    declared = wanted.declared(run.visits)
                has_answer = self._name(finding, visit.file) in declared
                is_intrinsic = self._rules[finding.rule].subject is Subject.INTRINSIC
                if not has_answer and is_intrinsic:
                    if emulates is None:
                        emulates = any(_emulates(one) for one in run.visits)
                    has_answer = emulates
                has_answer = has_answer or self._is_brought(finding, visit, workshop)
                (answered if has_answer else stopping).add(finding.id)
        return Told(stopping, answered - stopping, idle)

    def _places(self, finding: Finding, file: SourceFile) -> Sequence[int]:
        """Return the lines of a finding's places, which may be the bodies of several macros."""
        if finding.occurrences == 1:
            return (finding.line,)
        if finding.id not in self._lines:
            pattern = self._pattern(self._rules[finding.rule])
            last = min(finding.end_line, finding.line + MOST_LINES)
            rest = range(finding.line + 1, last + 1) if pattern is not None else ()
            self._lines[finding.id] = (
                finding.line,
                *(line for line in rest if pattern and pattern.search(file.text_at(line))),
            )
        return self._lines[finding.id]

    def _is_brought(self, finding: Finding, visit: Visit, workshop: Workshop) -> bool:
        """Return whether the finding is about a header that the tree brings itself."""
        if finding.id not in self._headers:
            line = visit.file.text_at(finding.line)
            match = _INCLUDE.match(line)
            self._headers[finding.id] = included(line[match.end() :]) if match else None
        named = self._headers[finding.id]
        if named is None:
            return False
        name, angled = named
        written = name.decode("utf-8", "replace")
        return workshop.finder.find(written, visit.path, angled).path is not None

    def _pattern(self, rule: Rule) -> Pattern | None:
        """Return what the rule searches for, as one; None where it is judged otherwise."""
        if rule.id not in self._patterns and rule.patterns:
            self._patterns[rule.id] = compile_pattern("|".join(rule.patterns).encode())
        return self._patterns.get(rule.id)

    def _name(self, finding: Finding, file: SourceFile) -> bytes | None:
        """Return the name that the finding is about, or None if it is about no name."""
        if finding.id not in self._names:
            self._names[finding.id] = self._find_name(finding, file)
        return self._names[finding.id]

    def _find_name(self, finding: Finding, file: SourceFile) -> bytes | None:
        rule = self._rules[finding.rule]
        pattern = self._pattern(rule)
        if rule.view is not View.CODE or pattern is None:
            return None
        code = file.code_at(finding.line)
        match = next(iter(pattern.finditer(code)), None)
        words = _WORD.findall(code[match.start() : match.end()]) if match is not None else ()
        return words[-1] if words else None


def _is_in(visit: Visit, line: int) -> bool:
    return visit.state(line) is Truth.TRUE


def _emulates(visit: Visit) -> bool:
    """Return whether the file includes an emulation of intrinsics."""
    lines = visit.file.keep(
        _emulates,
        lambda: [
            step.line
            for step in visit.file.script.steps
            if step.kind is Kind.INCLUDE and EMULATION.search(step.name) is not None
        ],
    )
    return any(visit.state(line) is Truth.TRUE for line in lines)
