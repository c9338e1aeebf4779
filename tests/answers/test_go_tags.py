"""Build constraints of Go that list machines beside something else."""

import pytest

from duanban.answers import How, propose
from duanban.check.core import CheckOptions
from duanban.targets.loader import load_target

OPTIONS = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ("linux && (amd64 || arm64 || riscv64)", "linux && (amd64 || arm64 || riscv64 || loong64)"),
        ("amd64 || arm64 || riscv64", "amd64 || arm64 || riscv64 || loong64"),
        ("linux && !(amd64 || arm64 || riscv64)", None),
        ("!purego && (amd64 || arm64 || riscv64)", None),
        ("linux && (amd64 || s390x)", None),
    ],
)
def test_a_list_in_parentheses_gets_the_target(tag, wanted, tmp_path):
    (tmp_path / "go.mod").write_text("module word\n")
    code = f"//go:build {tag}\n\npackage word\n\nconst Size = 8\n"
    (tmp_path / "word.go").write_text(code)
    options = How(("build-tags",), options=OPTIONS)
    proposal = propose(tmp_path, load_target("debian-sid-loong64"), how=options)
    made = proposal.files.get("word.go")
    assert (made.decode() if made else None) == (code.replace(tag, wanted) if wanted else None)
