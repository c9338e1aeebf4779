"""Whole proofs of small programs; what they need is skipped for, with the reason."""

import json
import os
import platform
import shutil

import pytest
from click.testing import CliRunner

from duanban.cli.prove import prove
from duanban.proof.sandbox.bare import Bare
from duanban.proof.toolchain import gcc
from duanban.proof.toolchain.emulator import find_emulator
from duanban.proof.tools import Tools

BUBBLEWRAP = shutil.which("bwrap") is not None
NEEDS = {
    "an x86-64 machine": platform.machine() == "x86_64",
    "gcc and g++ for riscv64": gcc.find(Tools(Bare()), "riscv64") is not None,
    "gcc and g++ under their full names": gcc.find(Tools(Bare()), "x86_64") is not None,
    "qemu-riscv64": find_emulator(Tools(Bare()), "riscv64") is not None,
    "make": shutil.which("make") is not None,
}
MISSING = [name for name, there in NEEDS.items() if not there]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")

MAKEFILE = """\
CC = gcc
all: answer
answer: main.o sum.o
\t$(CC) -o $@ main.o sum.o
%.o: %.c
\t$(CC) -O2 -c $<
check: all
\ttest "$$(./answer)" = 42
\tfile=$$(uname -m); test -n "$$file"
"""
MAIN = """\
#include <stdio.h>
int sum(int, int);
int main(void) { printf("%d\\n", sum(40, 2)); return 0; }
"""
PORTABLE = "int sum(int a, int b) { return a + b; }\n"
X86 = """\
#include <emmintrin.h>
int sum(int a, int b)
{
    return _mm_cvtsi128_si32(_mm_add_epi32(_mm_cvtsi32_si128(a), _mm_cvtsi32_si128(b)));
}
"""
WRONG = """\
int sum(int a, int b)
{
#ifdef __riscv
    return a - b;
#else
    return a + b;
#endif
}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_DATA", str(tmp_path / "data"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "Makefile").write_text(MAKEFILE)
    (root / "main.c").write_text(MAIN)
    (root / "sum.c").write_text(PORTABLE)
    return root


def proof_of(*arguments) -> dict:
    sandbox = () if BUBBLEWRAP else ("--no-sandbox",)
    result = CliRunner().invoke(
        prove,
        [*map(str, arguments), "--format", "json", "-t", "debian-sid-riscv64", *sandbox],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def states(proof: dict) -> dict[str, str]:
    return {step["name"]: step["state"] for step in proof["steps"]}


def test_a_portable_program_is_proved_as_it_is(project, tmp_path):
    proof = proof_of(project, "--as-is")
    assert proof["verdict"] == "proved"
    assert set(states(proof).values()) == {"passed"}
    assert [(unit["path"], unit["target"], unit["by"]) for unit in proof["units"]] == [
        ("main.c", True, "build"),
        ("sum.c", True, "build"),
    ]
    stored = list((tmp_path / "data/proofs").glob("*.json"))
    assert len(stored) == 1
    assert json.loads(stored[0].read_text()) == proof
    assert proof_of(project, "--as-is")["created"] == proof["created"]  # taken from the store


@pytest.mark.skipif(not BUBBLEWRAP, reason="bubblewrap is not there, or does not work here")
def test_tools_can_stand_in_another_root(project):
    proof = proof_of(project, "--as-is", "--tools", "/")
    assert (proof["verdict"], proof["options"]) == ("proved", {"tools": "/"})


def test_code_for_x86_fails_as_it_is_and_the_compilers_words_are_kept(project):
    (project / "sum.c").write_text(X86)
    proof = proof_of(project, "--as-is")
    assert proof["verdict"] == "failed"
    assert states(proof)["reference"] == "passed"
    unit = next(unit for unit in proof["units"] if unit["path"] == "sum.c")
    assert (unit["reference"], unit["target"], unit["line"]) == (True, False, 1)
    assert "emmintrin.h" in unit["message"]


def test_a_patch_is_proved_and_what_was_before_is_told(project, tmp_path):
    (project / "sum.c").write_text(X86)
    patch = tmp_path / "answer.diff"
    lines = X86.count("\n")
    patch.write_text(
        f"--- a/sum.c\n+++ b/sum.c\n@@ -1,{lines} +1 @@\n"
        + "".join(f"-{line}\n" for line in X86.splitlines())
        + f"+{PORTABLE}"
    )
    proof = proof_of(project, "--patch", patch, "--run", "./answer")
    assert proof["verdict"] == "proved"
    before = next(step for step in proof["steps"] if step["name"] == "before")
    assert before["facts"]["failing"] == ["sum.c"]
    assert states(proof)["run"] == "passed"
    assert (project / "sum.c").read_text() == X86


def test_a_patch_that_does_not_fit_fails(project, tmp_path):
    patch = tmp_path / "answer.diff"
    patch.write_text("--- a/sum.c\n+++ b/sum.c\n@@ -1 +1 @@\n-what\n+else\n")
    proof = proof_of(project, "--patch", patch)
    assert (proof["verdict"], states(proof)) == ("failed", {"patch": "failed"})


def test_a_patch_that_breaks_the_build_here_fails(project, tmp_path):
    patch = tmp_path / "answer.diff"
    patch.write_text(
        f"--- a/sum.c\n+++ b/sum.c\n@@ -1 +1,4 @@\n {PORTABLE}"
        "+#if !defined(__riscv)\n+#error broken\n+#endif\n"
    )
    proof = proof_of(project, "--patch", patch)
    assert (proof["verdict"], states(proof)["reference"]) == ("failed", "failed")


def test_other_results_there_fail(project):
    (project / "sum.c").write_text(WRONG)
    proof = proof_of(project, "--as-is")
    assert states(proof)["build"] == "passed"
    assert states(proof)["tests"] == "failed"
    assert proof["verdict"] == "failed"


def test_what_does_not_build_here_either_says_nothing(project):
    (project / "sum.c").write_text("int sum(int a, int b) { return missing; }\n")
    proof = proof_of(project, "--as-is")
    assert states(proof)["reference"] == "skipped"
    assert proof["verdict"] == "not-proved"


def test_a_proof_is_replayed(project, tmp_path):
    file = tmp_path / "proof.json"
    proof_of(project, "--as-is", "-o", file)
    again = proof_of("--replay", file)
    assert again["verdict"] == "proved"
    (project / "sum.c").write_text(WRONG)
    result = CliRunner().invoke(
        prove, ["--replay", str(file), *([] if BUBBLEWRAP else ["--no-sandbox"])]
    )
    assert result.exit_code == 3
    assert "≠ verdict    proved then, failed now" in result.output


def test_programs_that_exec_others_run_under_the_emulator(project):
    (project / "Makefile").write_text(
        MAKEFILE + "\tpython3 -c 'import subprocess as s; s.run([\"./answer\"], check=True)'\n"
        "\tenv ./answer\n\tsh -c 'exec ./answer'\n\ttest \"$$(./answer | cat)\" = 42\n"
    )
    assert states(proof_of(project, "--as-is"))["tests"] == "passed"


def test_without_sandbox_it_must_be_asked_for(project, monkeypatch):
    directory = project.parent / "bin"
    directory.mkdir()
    for name in os.listdir("/usr/bin"):
        if name != "bwrap":
            (directory / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(directory))
    result = CliRunner().invoke(prove, [str(project), "-t", "debian-sid-riscv64", "--as-is"])
    assert result.exit_code != 0
    assert "bubblewrap" in str(result.exception)
