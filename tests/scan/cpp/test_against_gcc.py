"""The tracker against `gcc -E`: what it calls sure must be what the compiler does."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.readers import read_source

from .programs import Generator, assignments, environment_macros, settings

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

_MARKER = re.compile(r"\bmarker_\d+_\d+\b")


def kept_by_gcc(text, options):
    command = ["gcc", "-E", "-P", "-w", "-undef", *options, "-x", "c", "-"]
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[:2000]
    return set(_MARKER.findall(result.stdout))


def states(program, suffix):
    """Return marker to state, as the tracker sees the program."""
    defined, undefined = environment_macros(suffix)
    environment = MacroEnvironment(defined, undefined, lambda _: Truth.UNKNOWN)
    lines = program.split("\n")
    found = {}
    for region in read_source("c", program.encode()).regions(environment):
        for line in range(region.line, region.end_line + 1):
            if lines[line - 1].startswith("marker"):
                found[lines[line - 1]] = region.state
    return found


def compare(seeds):
    """Return (markers, unsound, undecided though the same under every assignment)."""
    suffixes = [f"_{seed}" for seed in seeds]
    programs = [
        Generator(seed, suffix).program() for seed, suffix in zip(seeds, suffixes, strict=True)
    ]
    ours = {}
    for program, suffix in zip(programs, suffixes, strict=True):
        ours.update(states(program, suffix))
    text = "".join(programs)
    kept = [
        kept_by_gcc(text, [o for suffix in suffixes for o in settings(suffix, assignment)])
        for assignment in assignments()
    ]
    unsound, undecided = [], []
    for marker, state in ours.items():
        answers = {marker in result for result in kept}
        if (state is Truth.TRUE and False in answers) or (state is Truth.FALSE and True in answers):
            unsound.append(marker)
        if state is Truth.UNKNOWN and len(answers) == 1:
            undecided.append(marker)
    decided = sum(state is not Truth.UNKNOWN for state in ours.values())
    return programs, ours, unsound, undecided, decided


def test_random_programs_are_judged_soundly():
    _, ours, unsound, undecided, decided = compare(range(500))
    assert unsound == []
    assert len(ours) > 8000
    assert decided > len(ours) * 0.5
    assert len(set(ours.values())) == 3
    # "Decidable" here means: the same under the 16 assignments tried, which is more than what
    # follows for all values (`A > 5` is always false among them).
    assert len(undecided) < 0.05 * len(ours)
