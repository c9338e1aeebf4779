"""A proof for people."""

from __future__ import annotations

from duanban.proof.interface import Proof, StepState
from duanban.report.text import visible

_MARKS = {StepState.PASSED: "✓", StepState.FAILED: "✗", StepState.SKIPPED: "–"}
_NOUNS = {
    "units": ("unit", "units"),
    "products": ("product", "products"),
    "missing": ("name missing", "names missing"),
    "started": ("program of the target started", "programs of the target started"),
}
"""What one and several of a fact are called."""


def terminal(proof: Proof) -> str:
    """Return a line for what was proved, one per step, and the verdict."""
    subject = " ".join(part for part in (proof.subject.name, proof.subject.version) if part)
    tools = ", ".join(f"{tool.name} {tool.version}".strip() for tool in proof.tools)
    lines = [f"{subject} on {proof.target} ({proof.mode})", f"  with {tools}", ""]
    for step in proof.steps:
        reason = step.reason or _facts(step.facts)
        lines.append(f"  {_MARKS[step.state]} {step.name:<10} {reason}".rstrip())
    lines += ["", f"  {proof.verdict.replace('-', ' ')}", ""]
    return "\n".join(visible(line) for line in lines)


def _facts(facts: object) -> str:
    """Return the numbers among the facts of a step."""
    if not isinstance(facts, dict):
        return ""
    told = []
    for name, value in facts.items():
        if type(value) is int:
            one, many = _NOUNS.get(name, (name, name))
            told.append(f"{value} {one if value == 1 else many}")
    there = facts.get("target")
    if isinstance(there, dict) and there.get("tests"):
        told.append(f"{there['passed']} of {there['tests']} tests pass there")
    return ", ".join(told)
