"""From one `[[rule]]` table to a `Rule`: every key, type and range is checked (docs/rules.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from duanban.model import Effort, Layer, Severity
from duanban.model.errors import RuleError
from duanban.rules.condition import COMPARISON, FACTS, TABLES
from duanban.rules.interface import Condition, Example, Rule, Subject, View

GUARDS = ("", "architecture", "unguarded")
JUDGES = ("scan", "inventory", "units", "proof")
SHAPES = ("", "double-checked", "waited-for", "only-others-fill")
ENDINGS = ("", "refused", "open", "default", "single")

_ID = re.compile(r"[a-z]+(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+")
_SEARCHED = frozenset({"languages", "view", "patterns", "positive", "negative"})
_REQUIRED = frozenset(
    {
        *("id", "title", "layer", "severity", "confidence"),
        *("message", "why", "remedy", "effort", "sources"),
    }
)
_OPTIONAL = frozenset(
    {
        *("prefilter", "excludes", "condition", "guard", "breaks_compile"),
        *("effort_each", "effort_more", "ending", "beside", "subject", "shape", "judged_by"),
    }
)
_KEYS = _REQUIRED | _SEARCHED | _OPTIONAL
_KEYS_WITHOUT_SEARCH = _REQUIRED | {"effort_each", "effort_more", "judged_by", "breaks_compile"}
_CONDITION_KEYS = frozenset({"belongs_to", "lookup", "before", "where"})
_EXAMPLE_KEYS = frozenset({"name", "text", "target"})


class _Table:
    """One rule as TOML gives it, with the place to name in errors."""

    def __init__(self, raw: Mapping[str, Any], place: str) -> None:
        self.raw = raw
        self.place = place

    def fail(self, reason: str) -> NoReturn:
        raise RuleError(f"{self.place}: {reason}")

    def keys(self, known: frozenset[str], required: frozenset[str] = frozenset()) -> None:
        if unknown := sorted(self.raw.keys() - known):
            self.fail(f"unknown key `{unknown[0]}`")
        if missing := sorted(required - self.raw.keys()):
            self.fail(f"`{missing[0]}` is missing")

    def text(self, key: str, default: str = "") -> str:
        value = self.raw.get(key, default)
        if not isinstance(value, str):
            self.fail(f"`{key}` must be a string")
        return value.strip("\n")

    def filled(self, key: str) -> str:
        return self.text(key) or self.fail(f"`{key}` must not be empty")

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(f"`{key}` must be a list of strings")
        return tuple(value)

    def some_texts(self, key: str) -> tuple[str, ...]:
        return self.texts(key) or self.fail(f"`{key}` must not be empty")

    def flag(self, key: str) -> bool:
        value = self.raw.get(key, False)
        return value if isinstance(value, bool) else self.fail(f"`{key}` must be true or false")

    def share(self, key: str) -> float:
        value = self.raw[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            self.fail(f"`{key}` must be a number above 0 and at most 1")
        return float(value)

    def hours(self, key: str) -> Effort:
        value = self.raw.get(key, [0, 0, 0])
        if (
            not isinstance(value, list)
            or len(value) != 3
            or not all(type(hours) in (int, float) for hours in value)
            or not 0 <= value[0] <= value[1] <= value[2]
        ):
            self.fail(f"`{key}` must be three rising numbers of hours: low, likely, high")
        return Effort(*map(float, value))

    def one_of(self, key: str, names: Sequence[str], default: str = "") -> str:
        value = self.text(key, default)
        if value not in names:
            self.fail(f"`{key}` must be one of {', '.join(name or '(empty)' for name in names)}")
        return value

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(f"`{key}` must be a list of tables")
        return value


def parse_rule(raw: Mapping[str, Any], place: str) -> Rule:
    """Return the rule that the TOML table `raw` holds.

    `place` (a file name) begins the message of the RuleError that is raised where a key is unknown,
    missing, of the wrong type or out of range. Patterns are not compiled here: the matcher does it
    once for all rules, and the tests of this package check every one.
    """
    table = _Table(raw, f"{place}: {raw.get('id', 'a rule without id')}")
    judge = table.one_of("judged_by", JUDGES, "scan")
    searched = judge == "scan"
    if searched:
        table.keys(_KEYS, _REQUIRED | _SEARCHED)
    else:
        table.keys(_KEYS_WITHOUT_SEARCH, _REQUIRED)
    if not _ID.fullmatch(table.text("id")):
        table.fail("`id` must be lower-case words with dots, the layer first")
    layer = Layer(table.one_of("layer", list(Layer)))
    if not table.text("id").startswith(f"{layer}."):
        table.fail(f"`id` must begin with its layer, `{layer}.`")
    patterns = table.some_texts("patterns") if searched else ()
    return Rule(
        id=table.text("id"),
        title=table.filled("title"),
        layer=layer,
        severity=Severity(table.one_of("severity", list(Severity))),
        confidence=table.share("confidence"),
        languages=table.some_texts("languages") if searched else (),
        view=View(table.one_of("view", list(View), View.TEXT)),
        patterns=patterns,
        prefilter=table.texts("prefilter") or patterns,
        excludes=table.texts("excludes"),
        condition=_condition(table),
        guard=table.one_of("guard", GUARDS),
        breaks_compile=table.flag("breaks_compile"),
        message=table.filled("message"),
        why=table.filled("why"),
        remedy=table.filled("remedy"),
        effort=table.hours("effort"),
        effort_each=table.hours("effort_each"),
        effort_more=table.text("effort_more"),
        sources=table.some_texts("sources"),
        positive=_examples(table, "positive") if searched else (),
        negative=_examples(table, "negative") if searched else (),
        ending=table.one_of("ending", ENDINGS),
        beside=table.text("beside"),
        subject=Subject(table.one_of("subject", list(Subject))),
        shape=table.one_of("shape", SHAPES),
        judged_by=judge,
    )


def _condition(rule: _Table) -> Condition:
    raw = rule.raw.get("condition", {})
    if not isinstance(raw, dict):
        rule.fail("`condition` must be a table")
    table = _Table(raw, f"{rule.place}, condition")
    table.keys(_CONDITION_KEYS)
    where = raw.get("where", {})
    if not isinstance(where, dict):
        table.fail("`where` must be a table")
    for fact, comparison in where.items():
        if fact not in FACTS:
            table.fail(f"`where.{fact}` is not a fact that rules can ask for")
        if not isinstance(comparison, str) or not COMPARISON.fullmatch(comparison):
            table.fail(f"`where.{fact}` must be a comparison such as `> 4096`")
    return Condition(
        belongs_to=table.texts("belongs_to"),
        lookup=table.one_of("lookup", ("", *TABLES)),
        before=table.text("before"),
        where=tuple(sorted(where.items())),
    )


def _examples(rule: _Table, key: str) -> tuple[Example, ...]:
    examples = []
    for raw in rule.tables(key):
        table = _Table(raw, f"{rule.place}, {key} example")
        table.keys(_EXAMPLE_KEYS, frozenset({"name", "text"}))
        examples.append(
            Example(table.filled("name"), table.text("text", "").lstrip("\n"), table.text("target"))
        )
    return tuple(examples) or rule.fail(f"needs at least one {key} example")
