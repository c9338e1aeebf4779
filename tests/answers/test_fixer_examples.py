"""What fixers make of excerpts of real projects, and that it applies and compiles."""

import subprocess
from collections import defaultdict

import pytest
from example import examples

from duanban.answers.registry import FIXERS

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.fixer}-{e.path.stem}")
def test_an_excerpt_is_fixed_and_the_diff_applies(example, tmp_path):
    example.write_tree(tmp_path)
    proposal = example.propose(tmp_path)
    changed = {file["path"]: file["after"] for file in example.files if file["after"]}
    assert example.wanted(proposal) == changed
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=proposal.diff, cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert {path: (tmp_path / path).read_text("utf-8") for path in changed} == changed


def test_every_fixer_has_examples_of_three_projects():
    projects = defaultdict(set)
    for example in EXAMPLES:
        projects[example.fixer].add(example.content["project"])
        assert example.content["licence"]
    assert {f.name: len(projects[f.name]) for f in FIXERS if len(projects[f.name]) < 3} == {}
