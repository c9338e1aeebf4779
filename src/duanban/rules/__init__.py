"""Portability knowledge as data: the rules, their schema, and when a rule concerns a target."""

from duanban.rules.condition import applies, concerns
from duanban.rules.expansion import expand, tables_of
from duanban.rules.interface import Condition, Example, Rule, View
from duanban.rules.loader import load_files, load_rules

__all__ = [
    "Condition",
    "Example",
    "Rule",
    "View",
    "applies",
    "concerns",
    "expand",
    "load_files",
    "load_rules",
    "tables_of",
]
