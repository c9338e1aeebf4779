"""The rules made ready for a scan: one list of prefilter patterns, one expression per rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duanban.rules.condition import concerns
from duanban.rules.interface import Rule
from duanban.scan.regex import Pattern, compile_pattern
from duanban.targets.interface import Target


@dataclass(slots=True)
class ScanRule:
    """A rule with its expressions, which are compiled when they are first needed."""

    rule: Rule
    targets: tuple[int, ...]
    """Indexes of the targets that the rule can apply to."""
    _pattern: Pattern | None = None
    _excludes: tuple[Pattern, ...] | None = None

    @property
    def pattern(self) -> Pattern:
        """All patterns of the rule as one alternation."""
        if self._pattern is None:
            self._pattern = compile_pattern("|".join(self.rule.patterns).encode())
        return self._pattern

    @property
    def excludes(self) -> tuple[Pattern, ...]:
        """What makes a line that matches no match."""
        if self._excludes is None:
            self._excludes = tuple(compile_pattern(p.encode()) for p in self.rule.excludes)
        return self._excludes


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The rules that matter for a list of targets."""

    targets: tuple[Target, ...]
    rules: tuple[ScanRule, ...]
    patterns: tuple[bytes, ...]
    """The prefilter: a file in which none of these occurs needs no reading."""
    rules_of: tuple[tuple[int, ...], ...]
    """Per pattern, the rules that it may be the first sign of."""

    def candidates(self, hits: Sequence[int]) -> list[ScanRule]:
        """Return the rules that the prefilter's `hits` call for, in the catalogue's order."""
        return [self.rules[i] for i in sorted({i for hit in hits for i in self.rules_of[hit]})]


def build_catalogue(rules: Sequence[Rule], targets: Sequence[Target]) -> Catalogue:
    """Keep the rules that can apply to one of `targets`, with their patterns merged.

    Args:
        rules: with the fact tables already expanded in their patterns.
        targets: in the order in which results are wanted.
    """
    kept = []
    for rule in rules:
        indexes = tuple(i for i, target in enumerate(targets) if concerns(rule.condition, target))
        if indexes and rule.patterns:
            kept.append(ScanRule(rule, indexes))
    users: dict[str, list[int]] = {}
    for index, scan_rule in enumerate(kept):
        for pattern in scan_rule.rule.prefilter or scan_rule.rule.patterns:
            users.setdefault(pattern, []).append(index)
    return Catalogue(
        targets=tuple(targets),
        rules=tuple(kept),
        patterns=tuple(pattern.encode() for pattern in users),
        rules_of=tuple(tuple(indexes) for indexes in users.values()),
    )
