"""The nouns of the field: frozen dataclasses without input or output. Imports nothing of ours."""

from duanban.model.component import Component, ComponentState, Dependency, DependencyKind
from duanban.model.finding import Effort, Finding, Layer, Severity
from duanban.model.report import (
    SCHEMA,
    Failure,
    ObjectiveResult,
    Report,
    Scanned,
    Skipped,
    Suppressed,
    SystemReport,
    TargetResult,
    Tool,
    UnknownFact,
    Verdict,
)
from duanban.model.truth import Truth, all_of, any_of

__all__ = [
    "SCHEMA",
    "Component",
    "ComponentState",
    "Dependency",
    "DependencyKind",
    "Effort",
    "Failure",
    "Finding",
    "Layer",
    "ObjectiveResult",
    "Report",
    "Scanned",
    "Severity",
    "Skipped",
    "Suppressed",
    "SystemReport",
    "TargetResult",
    "Tool",
    "Truth",
    "UnknownFact",
    "Verdict",
    "all_of",
    "any_of",
]
