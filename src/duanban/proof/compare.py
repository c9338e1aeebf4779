"""Whether tests and runs came to the same on both machines."""

from __future__ import annotations

import hashlib

from duanban.proof.build import BuildSystem
from duanban.proof.interface import Step, StepState
from duanban.proof.sandbox import Ran


def compare_tests(system: BuildSystem, here: Ran, there: Ran, reference: str, started: int) -> Step:
    """Return the step that tests make up, from their run here and there.

    Args:
        system: whose tests they are.
        here: on the reference.
        there: on the target.
        reference: name of the machine.
        started: programs of the target that they ran; without any they show nothing.
    """
    ours, theirs = system.results(here.output), system.results(there.output)
    facts: dict[str, object] = {
        "started": started,
        "reference": {"code": here.code, "tests": len(ours.tests), "passed": ours.passed},
        "target": {"code": there.code, "tests": len(theirs.tests), "passed": theirs.passed},
    }
    log = f"--- here\n{here.output}\n--- there\n{there.output}"
    seconds = round(here.seconds + there.seconds, 2)

    def step(state: StepState, reason: str) -> Step:
        return Step("tests", state, reason, log, seconds, facts)

    lost = sorted(
        name for name, passed in ours.tests.items() if passed and not theirs.tests.get(name)
    )
    if lost:
        return step(
            StepState.FAILED, f"{len(lost)} tests pass on {reference} only, {lost[0]} first"
        )
    if here.passed and there.passed:
        if not started:
            return step(StepState.SKIPPED, "they start no program that was built")
        return step(StepState.PASSED, "")
    if here.passed:
        return step(StepState.FAILED, f"they pass on {reference}; there: {there.why}")
    if ours.passed:
        failed = len(ours.tests) - ours.passed
        reason = f"the same {ours.passed} pass; {failed} fail on {reference}, too"
        return step(StepState.PASSED, reason)
    return step(StepState.SKIPPED, f"they do not pass on {reference} either: {here.why}")


def compare_runs(here: Ran, there: Ran, shown: tuple[str, str]) -> Step:
    """Return the step that a run of the user's makes up.

    Args:
        here: on the reference.
        there: on the target.
        shown: what each said, without the directories' names.
    """
    log = f"--- here\n{shown[0]}\n--- there\n{shown[1]}"
    seconds = round(here.seconds + there.seconds, 2)
    if not here.passed:
        return Step(
            "run", StepState.SKIPPED, f"it does not run here either: {here.why}", log, seconds
        )
    if (here.code, shown[0]) == (there.code, shown[1]) and not there.ended:
        said = shown[0].encode()
        digest = hashlib.sha256(said).hexdigest()[:16]
        facts = {"code": here.code, "bytes": len(said), "sha256": digest}
        return Step("run", StepState.PASSED, "", log, seconds, facts)
    reason = f"exit code {here.code} here, {there.why} there"
    if here.code == there.code and not there.ended:
        lines = zip(shown[0].splitlines(), shown[1].splitlines(), strict=False)
        differing = next((f"{a!r} became {b!r}" for a, b in lines if a != b), "one says more")
        reason = f"what it says differs: {differing}"[:300]
    return Step("run", StepState.FAILED, reason, log, seconds)
