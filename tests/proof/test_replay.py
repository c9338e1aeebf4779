"""What a replay says of how it came out."""

from dataclasses import replace

from duanban.proof.interface import Proof, ProofVerdict, Step, StepState, Subject, Tool, Unit
from duanban.proof.replay import compared, shown

EARLIER = Proof(
    target="debian-sid-riscv64",
    mode="patch",
    subject=Subject("src", "src", "1", "ab" * 32),
    patch="--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n+c\n",
    tools=(Tool("gcc for riscv64", "12.2.0"), Tool("qemu-riscv64", "7.2.22")),
    sandbox="bubblewrap",
    options={},
    steps=(
        Step("build", StepState.PASSED, facts={"units": 2, "failing": []}),
        Step("run", StepState.PASSED, facts={"bytes": 5, "sha256": "0123"}),
    ),
    units=(Unit("a.c", "", reference=True, target=True, by="build"),),
    verdict=ProofVerdict.PROVED,
    created="2026-11-25T00:00:00+00:00",
    version="0.1.0",
)


def outcome(now):
    points = compared(EARLIER, now)
    return {one.name: one.words for one in points if not one.same}, shown(points)


def test_the_same_again_says_what_was_held_against_what():
    other, text = outcome(EARLIER)
    assert other == {}
    assert "= patch      +2 −1, the same" in text
    assert "= build      passed, as then, units 2" in text
    assert "= run        passed, as then, bytes 5, sha256 0123" in text
    assert "= files      the same 1 of 1 compile for the target" in text
    assert text.endswith("  the same outcome\n")


def test_other_tools_are_told_and_are_no_other_outcome():
    tools = (Tool("gcc for riscv64", "16.2.0"), EARLIER.tools[1])
    other, text = outcome(replace(EARLIER, tools=tools))
    assert other == {"tools": "gcc for riscv64 12.2.0 then, 16.2.0 now"}
    assert text.endswith("the same outcome, with other tools\n")


def test_another_outcome_is_named():
    steps = (
        Step("build", StepState.FAILED, "it stops", facts={"units": 2, "failing": ["a.c"]}),
        Step("run", StepState.PASSED, facts={"bytes": 5, "sha256": "4567"}),
    )
    units = (replace(EARLIER.units[0], target=False),)
    now = replace(EARLIER, steps=steps, units=units, verdict=ProofVerdict.FAILED)
    other, text = outcome(now)
    assert other == {
        "build": "passed then, failed now: it stops",
        "run": "sha256 0123 then, 4567 now",
        "files": "1 files compile otherwise, 0 are not compiled, a.c first",
        "verdict": "proved then, failed now",
    }
    assert "other outcome: build, run, files, verdict" in text


def test_another_tree_and_another_patch():
    subject = replace(EARLIER.subject, sha256="cd" * 32)
    other, _ = outcome(replace(EARLIER, subject=subject, patch=""))
    assert other == {"tree": "not the one that was proved", "patch": "another one"}
