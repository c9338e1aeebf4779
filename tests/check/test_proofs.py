"""The compiler's word against what a check found."""

import json

import pytest

from duanban.check.core import CheckOptions, check
from duanban.check.proofs import load_proof
from duanban.check.suppress import today
from duanban.locate.digest import tree_hash
from duanban.model.errors import ConfigError
from duanban.targets.loader import load_target

TARGET = "debian-sid-riscv64"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.c").write_text("#include <emmintrin.h>\nint a;\n")
    (root / "b.c").write_text("int b;\n")
    return root


def proof(tmp_path, tree, results, **changes):
    path = tmp_path / "proof.json"
    data = {
        "schema": "duanban.proof/1",
        "target": TARGET,
        "mode": "as-is",
        "subject": {"sha256": tree_hash(tree), "name": tree.name},
        "tools": [{"name": "gcc for riscv64", "version": "12"}],
        "units": [
            {
                "path": name,
                "reference": here,
                "target": there,
                "place": name,
                "line": 1,
                "message": "what is this",
            }
            for name, here, there in results
        ],
    }
    path.write_text(json.dumps(data | changes))
    return load_proof(path)


def result(tree, *proofs):
    options = CheckOptions(cache=False, jobs=1, proofs=proofs)
    (system,) = check([str(tree)], [load_target(TARGET)], options, today())
    return system, system.targets[0]


def test_a_finding_that_the_compiler_contradicts_is_withdrawn(tree, tmp_path):
    _, before = result(tree)
    assert [failure.path for failure in before.fails] == ["a.c"]
    _, after = result(tree, proof(tmp_path, tree, [("a.c", True, True)]))
    assert after.fails == ()
    assert after.findings == ()
    assert {one.finding.id for one in after.suppressed} == {one.id for one in before.findings}
    assert after.suppressed[0].reason == (
        "the compiler (gcc for riscv64 12) compiles a.c for the target"
    )


def test_a_failure_that_no_finding_foresaw_becomes_one(tree, tmp_path):
    units = [("a.c", True, False), ("b.c", True, False)]
    _, after = result(tree, proof(tmp_path, tree, units))
    assert [failure.path for failure in after.fails] == ["a.c", "b.c"]
    (found,) = [one for one in after.findings if one.rule == "toolchain.compiler.error"]
    assert (found.path, found.line) == ("b.c", 1)
    assert "what is this" in found.message
    assert after.fails[1].because == (found.id,)


def test_what_does_not_compile_here_either_says_nothing(tree, tmp_path):
    units = [("a.c", False, False), ("b.c", False, False)]
    assert result(tree, proof(tmp_path, tree, units))[1] == result(tree)[1]


def test_a_proof_of_another_tree_or_target_is_not_heeded(tree, tmp_path):
    heard = proof(tmp_path, tree, [("b.c", True, False)], target="debian-sid-arm64")
    assert result(tree, heard)[1] == result(tree)[1]
    stale = proof(tmp_path, tree, [("b.c", True, False)])
    (tree / "b.c").write_text("int c;\n")
    system, after = result(tree, stale)
    assert after == result(tree)[1]
    assert any("another tree" in one.reason for one in system.scanned.skipped)


@pytest.mark.parametrize("changes", [{"mode": "patch"}, {"schema": "other/1"}, {"units": 3}])
def test_a_file_that_is_no_such_proof_is_an_error(tree, tmp_path, changes):
    with pytest.raises(ConfigError):
        proof(tmp_path, tree, [], **changes)


def test_a_proof_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_proof(tmp_path / "nothing.json")


def test_a_stored_proof_of_the_same_tree_is_heard_unless_told_otherwise(
    tree, tmp_path, monkeypatch
):
    monkeypatch.setenv("DUANBAN_DATA", str(tmp_path / "data"))
    proofs = tmp_path / "data" / "proofs"
    proofs.mkdir(parents=True)
    proof(proofs, tree, [("a.c", True, True)])
    (proofs / "proof.json").rename(proofs / f"tree-{TARGET}-as-is-0123.json")
    (proofs / f"other-{TARGET}-as-is-4567.json").write_text("{}")

    def fails(**more):
        options = CheckOptions(cache=False, jobs=1, **more)
        (system,) = check([str(tree)], [load_target(TARGET)], options, today())
        return [failure.path for failure in system.targets[0].fails]

    assert fails(stored_proofs=True) == []
    assert fails() == ["a.c"]
    (tree / "b.c").write_text("int c;\n")
    assert fails(stored_proofs=True) == ["a.c"]
