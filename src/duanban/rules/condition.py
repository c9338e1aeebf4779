"""Whether a rule, and a match of it, concerns a target: the evaluation of `Condition`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Mapping, Sequence

from duanban.rules.interface import Condition
from duanban.targets import assembler
from duanban.targets.interface import Target

Fact = str | int | bool

TABLES: Mapping[str, Callable[[Target], Container[str]]] = {
    "headers": lambda target: target.architecture.headers,
    "syscalls": lambda target: target.architecture.syscalls,
    "builtins": lambda target: target.architecture.builtins,
    "x86-instructions": lambda target: assembler.instructions("x86_64", target.architecture.name),
    "arm-instructions": lambda target: assembler.instructions("aarch64", target.architecture.name),
    "registers": lambda target: assembler.registers(target.architecture.name),
    "constraints": lambda target: assembler.constraints(target.architecture.name),
    "modifiers": lambda target: assembler.modifiers(target.architecture.name),
}
"""Tables of facts that `lookup` may name."""

BESIDES = frozenset({"x86-instructions", "arm-instructions"})
"""Tables whose rules have patterns without a group, too: matches of those are not looked up."""

FACTS: Mapping[str, Callable[[Target], Fact]] = {
    "architecture": lambda target: target.architecture.name,
    "bits": lambda target: target.architecture.bits,
    "cache_line": lambda target: target.architecture.cache_line,
    "char_signed": lambda target: target.architecture.char_signed,
    "gcc": lambda target: _gcc(target.platform.compiler),
    "libc": lambda target: target.platform.libc,
    "little_endian": lambda target: target.architecture.little_endian,
    "long_double": lambda target: target.architecture.long_double,
    "memory_order": lambda target: target.architecture.memory_order,
    "page_size_max": lambda target: max(_page_sizes(target), default=0),
    "page_size_min": lambda target: min(_page_sizes(target), default=0),
    "unaligned_access": lambda target: target.architecture.unaligned_access,
}
"""Facts that `where` may name."""

COMPARISON = re.compile(r"(==|!=|<=|>=|<|>) ?(\S+)")

_OPERATORS: Mapping[str, Callable[[Fact, Fact], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MAX_DATE = len("2026-11-23")


def concerns(condition: Condition, target: Target) -> bool:
    """Return whether a rule with `condition` can say anything about `target`, whatever it matches.

    This is the part of the condition that no match is needed for (`belongs_to` and `where`), so
    that rules which do not concern a target are dropped before any file is read.
    """
    if target.architecture.name in condition.belongs_to:
        return False
    return all(_holds(fact, comparison, target) for fact, comparison in condition.where)


def applies(condition: Condition, groups: Sequence[bytes | str | None], target: Target) -> bool:
    """Return whether a match with the capture groups `groups` is a tie for `target`.

    `groups` is what `match.groups()` gives. A rule that looks its first group up, or compares it
    as a date, does not apply where there is no such group or the target does not know the fact:
    a finding needs evidence.
    """
    if not concerns(condition, target):
        return False
    if not condition.lookup and not condition.before:
        return True
    captured = _first(groups)
    if captured is None:  # what the pattern matches is evidence by itself
        return condition.lookup in BESIDES
    if condition.lookup and captured in TABLES[condition.lookup](target):
        return False
    return not condition.before or _earlier(captured, condition.before, target)


def _first(groups: Sequence[bytes | str | None]) -> str | None:
    """Return the first group that took part in the match, as text."""
    for group in groups:
        if group is not None:
            return group if isinstance(group, str) else group.decode("ascii", "replace")
    return None


def _earlier(captured: str, key: str, target: Target) -> bool:
    since = target.architecture.since.get(key, "")
    # ISO 8601 dates order as their text does, as long as both are dates in full.
    return len(since) == len(captured) == _MAX_DATE and captured < since


def _holds(fact: str, comparison: str, target: Target) -> bool:
    symbol, text = COMPARISON.fullmatch(comparison).groups()  # type: ignore[union-attr]
    value = FACTS[fact](target)
    return _OPERATORS[symbol](value, _typed(text, value))


def _typed(text: str, like: Fact) -> Fact:
    if isinstance(like, bool):
        return text == "true"
    return int(text) if isinstance(like, int) else text


def _gcc(compiler: str) -> int:
    """Return the major version of a target's GCC; 0 where another compiler is its own."""
    match = re.match(r"gcc (\d+)", compiler)
    return int(match[1]) if match else 0


def _page_sizes(target: Target) -> tuple[int, ...]:
    return target.platform.page_sizes or target.architecture.page_sizes
