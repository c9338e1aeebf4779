"""The readers' data (`knowledge.toml`), and findings made from the inventory's rules."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duanban.model import Finding
from duanban.rules.interface import Rule
from duanban.rules.loader import load_rules
from duanban.targets.interface import Target

LONGEST_SNIPPET = 160


@dataclass(frozen=True, slots=True)
class Conventions:
    """See `knowledge.toml`."""

    npm_native_helpers: frozenset[str]
    development_groups: frozenset[str]
    test_directories: frozenset[str]
    sample_directories: frozenset[str]
    distribution_directories: frozenset[str]
    local_directories: tuple[str, ...]
    machine_names: Mapping[str, tuple[str, ...]]


@cache
def conventions() -> Conventions:
    """Return the conventions, read once."""
    data = tomllib.loads(files(__package__).joinpath("knowledge.toml").read_text("utf-8"))
    return Conventions(
        npm_native_helpers=frozenset(data["npm_native_helpers"]),
        development_groups=frozenset(data["development_groups"]),
        test_directories=frozenset(data["test_directories"]),
        sample_directories=frozenset(data["sample_directories"]),
        distribution_directories=frozenset(data["distribution_directories"]),
        local_directories=tuple(data["local_directories"]),
        machine_names={name: tuple(names) for name, names in data["machine_names"].items()},
    )


@cache
def inventory_rules() -> Mapping[str, Rule]:
    """Return the rules that the inventory judges, by id."""
    return {rule.id: rule for rule in load_rules() if rule.judged_by == "inventory"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a tie stands and what it is about."""

    path: str
    line: int = 0
    component: str = ""
    """The purl of the component, if there is one."""
    snippet: str = ""
    occurrences: int = 1
    """How many places it stands for."""


def make_finding(
    rule_id: str,
    target: Target,
    evidence: Evidence,
    *,
    match: str,
    detail: str = "",
) -> Finding:
    """Return a finding of the rule for `target`.

    `match` and `detail` go into the rule's message where it says `{match}` and `{detail}`, the
    target's architecture where it says `{target}`. The id depends on rule, component and path.
    """
    rule = inventory_rules()[rule_id]
    values = {"match": match, "detail": detail, "target": target.architecture.name}
    key = "|".join((rule_id, evidence.component or match, evidence.path))
    return Finding(
        id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        rule=rule_id,
        layer=rule.layer,
        severity=rule.severity,
        confidence=rule.confidence,
        path=evidence.path,
        line=evidence.line,
        end_line=evidence.line,
        message=_filled(rule.message, values),
        remedy=rule.remedy,
        effort_hours=(rule.effort + rule.effort_each.times(evidence.occurrences - 1)).rounded(),
        snippet=evidence.snippet[:LONGEST_SNIPPET],
        occurrences=evidence.occurrences,
        component=evidence.component,
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; what they contain is not looked at again."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        filled.append(values[name] + rest if brace and name in values else "{" + part)
    return "".join(filled)


def listed(names: list[str] | tuple[str, ...], most: int = 4) -> str:
    """Return names joined by commas, the rest of a long list as a number."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
