"""What fixers make of excerpts of real projects, and that it applies and compiles."""

import importlib.util
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from example import examples

from duanban.answers import write_files
from duanban.answers.registry import FIXERS
from duanban.targets.loader import load_target

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.fixer}-{e.path.stem}")
def test_an_excerpt_is_fixed_and_the_diff_applies(example, tmp_path):
    example.write_tree(tmp_path)
    proposal = example.propose(tmp_path)
    changed = {file["path"]: file["after"] for file in example.files if file["after"]}
    assert example.wanted(proposal) == changed
    done = subprocess.run(
        ["git", "apply", "--allow-empty", "--whitespace=nowarn", "-"],
        input=proposal.diff, cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert {path: (tmp_path / path).read_text("utf-8") for path in changed} == changed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.fixer}-{e.path.stem}")
def test_what_is_fixed_is_not_changed_again(example, tmp_path):
    example.write_tree(tmp_path)
    write_files(tmp_path, {f["path"]: f["after"].encode() for f in example.files if f["after"]})
    assert example.propose(tmp_path).diff == b""


def test_every_fixer_has_whole_lines_of_three_projects():
    projects = defaultdict(set)
    for example in EXAMPLES:
        assert example.content["licence"]
        assert any(c.isdigit() for c in example.content["project"]), f"{example.path}: no version"
        if example.is_quoted:
            projects[example.fixer].add(example.content["project"].split()[0].lower())
    assert {f.name: len(projects[f.name]) for f in FIXERS if len(projects[f.name]) < 3} == {}


def test_a_quotation_has_as_many_lines_as_it_says():
    for example in EXAMPLES:
        for file in example.files:
            if "lines" in file:
                assert re.fullmatch("[0-9a-f]{64}", file["sha256"]), example.path
                assert file["before"].count("\n") == sum(map(length, file["lines"].split(",")))


def length(span):
    first, _, last = span.partition("-")
    return int(last or first) - int(first) + 1


def compiler(machine, path):
    """Return the command that compiles `path` for a machine, or skip the test."""
    kind = "g++" if path.endswith((".cc", ".cpp")) else "gcc"
    command = shutil.which(kind if machine == "x86_64" else f"{machine}-linux-gnu-{kind}")
    zig = shutil.which("zig") or shutil.which("python-zig")
    if command is not None:
        return [command]
    if zig is not None:
        return [zig, "c++" if kind == "g++" else "cc", "-target", f"{machine}-linux-gnu"]
    pytest.skip(f"neither {machine}-linux-gnu-{kind} nor zig is there")
    return []


def simde():
    """Return the directory that SIMDe's headers stand in, or skip the test."""
    package = importlib.util.find_spec("simde_py")
    own = package.submodule_search_locations if package else None
    places = [Path("/usr/include"), *map(Path, own or ())]
    for place in places:
        for inner in (place, place / "simde"):
            if (inner / "simde/x86/sse2.h").exists():
                return inner
    pytest.skip("SIMDe is not there")
    return Path()


@pytest.mark.parametrize("machine", ["x86_64", "target"])
@pytest.mark.parametrize(
    "example",
    [e for e in EXAMPLES if e.content.get("compiles")],
    ids=lambda e: f"{e.fixer}-{e.path.stem}",
)
def test_what_is_fixed_compiles(example, machine, tmp_path):
    if machine == "target":
        machine = load_target(example.target).architecture.name
    example.write_tree(tmp_path)
    write_files(tmp_path, {f["path"]: f["after"].encode() for f in example.files if f["after"]})
    needs_simde = machine != "x86_64" and any("<simde/" in f["after"] for f in example.files)
    flags = ["-I", str(simde())] if needs_simde else []
    if machine == "x86_64":
        flags += example.content.get("x86_flags", "").split()
    for path in example.content["compiles"]:
        command = [*compiler(machine, path), "-c", "-w", "-I", ".", *flags, path, "-o", "out.o"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
