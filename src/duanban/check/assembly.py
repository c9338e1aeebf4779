"""Judges inline assembly that macros put together, unit by unit, by the rules about its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from duanban.rules.condition import applies
from duanban.rules.interface import Rule, View
from duanban.scan.readers import CSource
from duanban.scan.regex import Pattern, compile_pattern
from duanban.scan.units.assembled import assembled
from duanban.scan.units.preprocess import UnitRun
from duanban.targets.interface import Target

Refused = tuple[str, tuple[str, int], bytes]
"""Rule, path and line, and what of the statement the target does not take."""


class AssemblyJudge:
    """Judges statements for one target; what was judged once is kept.

    Args:
        rules: by id.
        target: the target.
    """

    def __init__(self, rules: Mapping[str, Rule], target: Target) -> None:
        self._target = target
        self._rules: list[tuple[Rule, Pattern]] = [
            (rule, compile_pattern("|".join(rule.patterns).encode()))
            for rule in rules.values()
            if rule.breaks_compile
            and rule.view in (View.ASM, View.OPERANDS)
            and rule.patterns
            and not rule.guard
            and "c" in rule.languages
        ]
        self._judged: dict[bytes, tuple[str, bytes] | None] = {}

    def refused(self, run: UnitRun) -> Iterable[Refused]:
        """Yield the statements of a unit that the target's compiler refuses."""
        for path, line, text in assembled(run):
            if text not in self._judged:
                self._judged[text] = self._judge(text)
            judgement = self._judged[text]
            if judgement is not None:
                rule, match = judgement
                yield rule, (path, line), match

    def _judge(self, text: bytes) -> tuple[str, bytes] | None:
        source = CSource(text)
        for rule, pattern in self._rules:
            view = source.asm if rule.view is View.ASM else source.operands
            for match in pattern.finditer(view):
                groups = [match.group(i) for i in range(1, pattern.groups + 1)]
                if applies(rule.condition, groups, self._target):
                    return rule.id, view[match.start() : match.end()].strip()
        return None
