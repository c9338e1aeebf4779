"""What a proof is: steps with a state, what the compiler said of each unit, and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from duanban.model.errors import DuanbanError, UsageError

SCHEMA = "duanban.proof/1"

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


class SandboxError(UsageError):
    """Foreign code would have to run, and there is nothing to keep it in."""


class ProofError(DuanbanError):
    """A proof could not be carried out, read or stored."""


class StepState(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class ProofVerdict(StrEnum):
    """What the steps come to."""

    PROVED = "proved"
    """It is built for the target, and what it does there is what it does on the reference."""
    FAILED = "failed"
    """A step shows that it does not work on the target, and works on the reference."""
    NOT_PROVED = "not-proved"
    """Nothing speaks against it, but a step that would show it was skipped."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof."""

    name: str
    state: StepState
    reason: str = ""
    """One line; always there unless it passed."""
    log: str = ""
    """What the programs said, shortened in the middle."""
    seconds: float = 0.0
    facts: Mapping[str, object] = field(default_factory=dict)
    """Numbers of the step (units compiled, tests passed ...)."""
    key: str = ""
    """Hash of all that decides the step's outcome; the same key is not worked out twice."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What the compilers said of one source file."""

    path: str
    sha256: str
    """Of its content, with which the statement stands or falls."""
    reference: bool
    """Whether it compiles on the reference machine."""
    target: bool
    """Whether it compiles for the target."""
    by: str
    """`build` (with the flags of the project's own build) or `alone`."""
    line: int = 0
    """Of the first error for the target, in `place`."""
    place: str = ""
    """The file of the first error, relative to the root, if it is one of the tree."""
    message: str = ""
    """The compiler's words for the first error."""
    warnings: int = 0
    """For the target."""
    warnings_before: int = 0
    """For the target, without the patch; the same as `warnings` where there is none."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that the outcome rests on."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is proved."""

    locator: str
    name: str
    version: str
    sha256: str
    """Of the tree: all paths and contents."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is written and stored (schema `duanban.proof/1`)."""

    target: str
    mode: str
    """`as-is`, `patch` (of a file) or `fix` (written by `duanban fix`)."""
    subject: Subject
    patch: str
    """The patch itself; empty as it is."""
    tools: tuple[Tool, ...]
    sandbox: str
    """`bubblewrap`, or `none`."""
    options: Mapping[str, object]
    """What a replay needs to know (build system, directory, the run's command)."""
    steps: tuple[Step, ...]
    units: tuple[Unit, ...]
    verdict: ProofVerdict
    created: str
    """ISO date and time, UTC."""
    version: str
    """Of Duanban."""
    schema: str = SCHEMA


def verdict_of(steps: tuple[Step, ...]) -> ProofVerdict:
    """Return what `steps` come to.

    A failed step refutes. It is proved by a build whose products were looked at, and by tests or a
    recorded run that came to the same there as here.
    """
    if any(step.state is StepState.FAILED for step in steps):
        return ProofVerdict.FAILED
    passed = {step.name for step in steps if step.state is StepState.PASSED}
    if {"build", "products"} <= passed and passed & {"tests", "run"}:
        return ProofVerdict.PROVED
    return ProofVerdict.NOT_PROVED
