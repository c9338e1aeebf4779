"""The rules as people read them: one-line list, full explanation, the page in the manual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import groupby

from duanban.model import Effort, Layer
from duanban.model.errors import UsageError
from duanban.rules.interface import Condition, Rule

LAYERS = tuple(Layer)


def select(rules: Sequence[Rule], wanted: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules whose id is one of `wanted`, in which `*` stands for anything.

    Args:
        rules: to choose from.
        wanted: ids or patterns of ids; none at all stands for every rule.

    Raises:
        UsageError: one of `wanted` fits no rule; the text names ids that are near.
    """
    patterns = list(wanted)
    for pattern in patterns:
        if not any(fnmatchcase(rule.id, pattern) for rule in rules):
            raise UsageError(f"no rule is called `{pattern}`{_near(pattern, rules)}")
    return tuple(
        rule
        for rule in rules
        if not patterns or any(fnmatchcase(rule.id, pattern) for pattern in patterns)
    )


def row(rule: Rule) -> tuple[str, str, str, str]:
    """Return what a list shows of a rule: id, severity, languages, title."""
    return rule.id, rule.severity.value, ", ".join(rule.languages) or rule.judged_by, rule.title


def explanation(rule: Rule) -> str:
    """Return everything a reader wants to know of a rule, as Markdown."""
    lines = [
        f"### `{rule.id}`",
        "",
        f"**{rule.title}.** {rule.why}",
        "",
        f"*What to do:* {rule.remedy}",
        "",
        f"- severity {rule.severity.value}, confidence {rule.confidence:g}"
        + ("; the file does not compile" if rule.breaks_compile else ""),
        f"- looks at {_where(rule)}",
        f"- applies {_when(rule.condition)}",
        f"- effort {_hours(rule.effort)} hours for the first place"
        + (
            f", {_hours(rule.effort_each)} for each further one near it"
            if rule.effort_each.high
            else ""
        )
        + (f", and {rule.effort_more}" if rule.effort_more else ""),
        f"- sources: {'; '.join(rule.sources)}",
    ]
    return "\n".join(lines)


def markdown(rules: Sequence[Rule]) -> str:
    """Return the list of all rules by layer, as `docs/rules.md` shows it."""
    by_layer = sorted(rules, key=lambda rule: (LAYERS.index(rule.layer), rule.id))
    parts = []
    for layer, group in groupby(by_layer, key=lambda rule: rule.layer):
        explained = "\n\n".join(explanation(rule) for rule in group)
        parts.append(f"## Layer: {layer.value}\n\n{explained}")
    return "\n\n".join(parts) + "\n"


def _where(rule: Rule) -> str:
    if rule.judged_by == "inventory":
        return "manifests, lock files, package databases and binaries"
    if rule.judged_by == "units":
        return "translation units with all that they include"
    if rule.judged_by == "proof":
        return "what compilers said in a proof (`duanban prove`)"
    place = {
        "": "",
        "architecture": ", only under a condition that names an architecture",
        "unguarded": ", only where no condition that names an architecture stands around it",
    }[rule.guard]
    if rule.ending:
        return f"lists of machines in {', '.join(rule.languages)}"
    return f"{rule.view.value} of {', '.join(rule.languages)}{place}"


def _when(condition: Condition) -> str:
    clauses = []
    if condition.belongs_to:
        clauses.append(f"to every architecture but {', '.join(condition.belongs_to)}")
    if condition.lookup:
        clauses.append(f"where the name is not among the target's {condition.lookup}")
    if condition.before:
        clauses.append("where the date is earlier than the one at which upstream learnt the target")
    clauses.extend(f"where `{fact} {comparison}`" for fact, comparison in condition.where)
    return ", ".join(clauses) or "to every target"


def _hours(effort: Effort) -> str:
    return f"{effort.low:g} to {effort.high:g} (likely {effort.likely:g})"


def _near(name: str, rules: Sequence[Rule]) -> str:
    # On the path to an error only.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(name, [rule.id for rule in rules], n=3)
    return f"; near it: {', '.join(near)}" if near else ""
