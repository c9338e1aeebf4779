"""Patterns that name a table of facts: `{headers}` becomes the headers some architectures lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from duanban.model.errors import RuleError
from duanban.rules.condition import TABLES
from duanban.rules.interface import Rule
from duanban.targets.interface import Architecture

# Only words in braces: a repetition such as `{2,5}` is a pattern's own business.
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


def tables_of(architectures: Iterable[Architecture]) -> dict[str, tuple[str, ...]]:
    """Return, per table of facts, the names that exist on some but not all `architectures`.

    Only such a name can be a tie; a name that all have, or that none is known to have, cannot.
    """
    known = list(architectures)
    return {
        "headers": _uneven([architecture.headers for architecture in known]),
        "syscalls": _uneven([frozenset(architecture.syscalls) for architecture in known]),
        "builtins": _uneven([architecture.builtins for architecture in known]),
    }


def expand(rules: Iterable[Rule], tables: Mapping[str, Sequence[str]]) -> tuple[Rule, ...]:
    """Return `rules` with every `{table}` in patterns and prefilters replaced by an alternation.

    A rule whose table is empty (no architecture differs) is dropped, since it can never match.
    Raises RuleError for a placeholder that is not a table of `tables`.
    """
    return tuple(expanded for rule in rules if (expanded := _expand(rule, tables)) is not None)


def _expand(rule: Rule, tables: Mapping[str, Sequence[str]]) -> Rule | None:
    names = {
        name
        for pattern in (*rule.patterns, *rule.prefilter)
        for name in _PLACEHOLDER.findall(pattern)
    }
    if not names:
        return rule
    for name in sorted(names):
        if name not in TABLES or name not in tables:
            raise RuleError(f"{rule.id}: `{{{name}}}` is not a table of facts")
    if not all(tables[name] for name in names):
        return None
    alternations = {name: "|".join(map(re.escape, tables[name])) for name in names}
    return replace(
        rule,
        patterns=_fill(rule.patterns, alternations),
        prefilter=_fill(rule.prefilter, alternations),
    )


def _fill(patterns: Iterable[str], alternations: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        _PLACEHOLDER.sub(lambda found: f"(?:{alternations[found[1]]})", pattern)
        for pattern in patterns
    )


def _uneven(sets: Sequence[frozenset[str]]) -> tuple[str, ...]:
    if not sets:
        return ()
    some = frozenset().union(*sets)
    return tuple(sorted(some - frozenset.intersection(*sets)))
