"""Rows for the target among npm packages for one machine each, as a recorded registry has them."""

import json

import pytest
from test_dependency_pins import INDEXES, OPTIONS

from duanban.answers import How, propose
from duanban.check.asked import siblings_of
from duanban.check.core import CheckOptions
from duanban.indexes.versions import in_simple_range
from duanban.inventory.npm_platform import sibling_names
from duanban.model import Component, ComponentState
from duanban.targets.loader import load_target

APP = {
    "@esbuild/linux-x64": "0.19.12",
    "@rollup/rollup-linux-x64-gnu": "4.9.6",
    "@rollup/rollup-linux-x64-musl": "4.9.6",
    "lightningcss-linux-x64-gnu": "^1.23.0",
}


def proposed(root, machine, document, *, indexes=("npm",)):
    text = json.dumps(document, indent=2) + "\n"
    (root / "package.json").write_text(text)
    known = tuple(str(INDEXES / name) for name in indexes)
    options = CheckOptions(**OPTIONS, indexes=known)
    how = How(("npm-parts",), options=options)
    proposal = propose(root, load_target(f"debian-sid-{machine}"), how=how)
    changed = proposal.files.get("package.json")
    return json.loads(changed) if changed else None, proposal


@pytest.mark.parametrize(
    ("machine", "added"),
    [
        (
            "riscv64",
            {"@esbuild/linux-riscv64": "0.19.12", "@rollup/rollup-linux-riscv64-gnu": "4.9.6"},
        ),
        ("loong64", {"@esbuild/linux-loong64": "0.19.12"}),
    ],
)
def test_what_the_registry_has_is_listed_and_the_rest_is_told(tmp_path, machine, added):
    changed, proposal = proposed(tmp_path, machine, {"name": "app", "optionalDependencies": APP})
    assert changed["optionalDependencies"] == {**APP, **added}
    reasons = [one.reason for one in proposal.refusals]
    if machine == "loong64":
        assert any("@rollup/rollup-linux-loong64-gnu 4.68.8, not 4.9.6" in one for one in reasons)
        assert any("nobody asked" in one for one in reasons)  # lightningcss was asked for riscv64
    else:
        (reason,) = reasons
        assert reason.startswith("the registry has no lightningcss-linux-riscv64-gnu (npm, 2026-")
    # A second time there is nothing to do.
    assert proposed(tmp_path, machine, changed)[0] is None


def test_without_a_copy_of_the_index_nothing_is_listed(tmp_path):
    document = {"name": "app", "optionalDependencies": APP}
    changed, proposal = proposed(tmp_path, "riscv64", document, indexes=())
    assert changed is None
    assert all("duanban index add npm" in one.reason for one in proposal.refusals)


def test_a_range_must_have_the_version(tmp_path):
    parts = {"@esbuild/linux-x64": "^0.18.0"}
    changed, proposal = proposed(tmp_path, "riscv64", {"optionalDependencies": parts})
    assert changed is None
    assert "@esbuild/linux-riscv64 0.28.2, not ^0.18.0" in proposal.refusals[0].reason


def test_the_packages_own_cpu_follows_its_own_parts(tmp_path):
    document = {
        "name": "esbuild",
        "version": "0.19.12",
        "cpu": ["x64", "arm64"],
        "optionalDependencies": {"@esbuild/linux-x64": "0.19.12"},
    }
    # The short name of the project stands in its parts' names.
    changed, _ = proposed(tmp_path, "riscv64", document)
    assert changed["cpu"] == ["x64", "arm64", "riscv64"]
    other, _ = proposed(tmp_path, "riscv64", {**document, "name": "app"})
    assert other["cpu"] == ["x64", "arm64"]


@pytest.mark.parametrize(
    ("name", "machine", "names"),
    [
        ("@esbuild/linux-x64", "riscv64", ["@esbuild/linux-riscv64"]),
        ("@a/linux-x64-gnu", "loongarch64", ["@a/linux-loong64-gnu", "@a/linux-loongarch64-gnu"]),
        ("a-linux-aarch64", "loongarch64", ["a-linux-loongarch64", "a-linux-loong64"]),
        ("a-darwin-x64", "riscv64", []),
        ("a-linux-arm-gnueabihf", "riscv64", []),
        ("a-linux", "riscv64", []),
    ],
)  # fmt: skip
def test_names_of_parts_for_other_machines(name, machine, names):
    assert list(sibling_names(name, machine)) == names


def test_what_is_listed_is_not_asked_for_again():
    listed = [
        Component(f"pkg:npm/%40a/a-linux-{cpu}@1.2.3", ComponentState.DECLARED)
        for cpu in ("x64", "arm64", "riscv64")
    ]
    assert [one.purl for one in siblings_of(listed)] == [
        "pkg:npm/%40a/a-linux-aarch64@1.2.3",
        "pkg:npm/%40a/a-linux-loong64@1.2.3",
        "pkg:npm/%40a/a-linux-loongarch64@1.2.3",
    ]
    locked = Component("pkg:npm/%40b/b-linux-x64@1.2.3", ComponentState.LOCKED)
    assert list(siblings_of([locked])) == []


@pytest.mark.parametrize(
    ("wanted", "version", "has"),
    [
        ("^1.2.0", "1.9.0", True),
        ("^1.2.0", "2.0.0", False),
        ("^0.3.1", "0.3.9", True),
        ("^0.3.1", "0.4.0", False),
        ("^0.0.3", "0.0.4", False),
        ("~1.2.0", "1.2.9", True),
        ("~1.2.0", "1.3.0", False),
        (">=1.2.0", "9.0.0", True),
        ("1.2.0", "1.2.0", True),
        ("1.2.0", "1.2.1", False),
        ("*", "9.0.0", True),
        ("1.x || 2.x", "1.2.0", False),
    ],
)
def test_simple_ranges(wanted, version, has):
    assert in_simple_range(wanted, version) is has
