"""Reads the rule files that ship with the package, and any others in the same schema."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from duanban.model.errors import RuleError
from duanban.rules.interface import Rule
from duanban.rules.schema import parse_rule

DIRECTORY = Path(__file__).parent
"""Where the package keeps its rules, one file per family."""


@cache
def load_rules() -> tuple[Rule, ...]:
    """Return every rule that ships with the package, by id; read once per process.

    Raises RuleError where a file breaks the schema, which is a defect of the package.
    """
    return load_files(sorted(DIRECTORY.glob("*.toml")))


def load_files(paths: Iterable[Path]) -> tuple[Rule, ...]:
    """Return the rules of the files at `paths`, by id.

    Raises RuleError, naming the file and the rule, for a file that cannot be read, is not TOML or
    breaks the schema, and for two rules with one id.
    """
    rules: dict[str, Rule] = {}
    for path in paths:
        for rule in _read(path):
            if rule.id in rules:
                raise RuleError(f"{path.name}: {rule.id}: another rule has this id")
            rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))


def _read(path: Path) -> list[Rule]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path.name}: {error}") from error
    defaults = content.pop("defaults", {})
    tables = content.pop("rule", [])
    if content:
        raise RuleError(f"{path.name}: unknown table `{sorted(content)[0]}`")
    if not isinstance(defaults, dict) or not isinstance(tables, list):
        raise RuleError(f"{path.name}: holds one `[defaults]` and any number of `[[rule]]`")
    if "id" in defaults:
        raise RuleError(f"{path.name}: `[defaults]` cannot set an id")
    if not all(isinstance(table, dict) for table in tables):
        raise RuleError(f"{path.name}: every `[[rule]]` is a table")
    return [parse_rule({**defaults, **table}, path.name) for table in tables]
