"""The nouns of the field: frozen dataclasses without input or output. Imports nothing of ours."""

from duanban.model.alternative import Alternatives, EvidenceKind, Suggestion, Support
from duanban.model.availability import (
    Answer,
    Blocker,
    IndexUse,
    Offer,
    Provenance,
    ShortPart,
)
from duanban.model.component import Component, ComponentState, Dependency, DependencyKind
from duanban.model.finding import NOT_NEEDED, Effort, Finding, Layer, Severity
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
    "NOT_NEEDED",
    "SCHEMA",
    "Alternatives",
    "Answer",
    "Blocker",
    "Component",
    "ComponentState",
    "Dependency",
    "DependencyKind",
    "Effort",
    "EvidenceKind",
    "Failure",
    "Finding",
    "IndexUse",
    "Layer",
    "ObjectiveResult",
    "Offer",
    "Provenance",
    "Report",
    "Scanned",
    "Severity",
    "ShortPart",
    "Skipped",
    "Suggestion",
    "Support",
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
