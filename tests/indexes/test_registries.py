"""Recorded answers of PyPI and npm, with the traps that a resolver's exit code does not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from duanban.indexes.library import Library
from duanban.indexes.npm import _judge
from duanban.indexes.npm_registry import Release
from duanban.indexes.pypi import version_of
from duanban.indexes.store import Store
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, ComponentState
from duanban.targets.loader import load_target

DATA = Path(__file__).parent / "data"
ARM, RISCV, LOONG = (load_target(f"debian-sid-{name}") for name in ("arm64", "riscv64", "loong64"))


@pytest.fixture
def ask(tmp_path):
    def said(purl, target):
        kind = purl.split("/")[0].removeprefix("pkg:")
        index = Library(Store(tmp_path)).named(str(DATA / kind)).index
        return index.offers(wanted_of(Component(purl, ComponentState.LOCKED)), target)

    return said


@pytest.mark.parametrize(
    ("purl", "target", "answers"),
    [
        # Tagged for any machine, and with solvers for x86 and Arm inside.
        ("pkg:pypi/pulp@3.3.0", RISCV, ["source-builds"]),
        ("pkg:pypi/pulp@3.3.0", ARM, ["same-version"]),
        # Old releases that an installer would fall back to are never an answer to the wanted one.
        ("pkg:pypi/datasette@0.65.2", LOONG, ["same-version"]),
        ("pkg:pypi/panel@1.8.3", LOONG, ["same-version"]),
        ("pkg:pypi/numpy@2.3.5", ARM, ["same-version"]),
        ("pkg:pypi/numpy@2.3.5", RISCV, ["source-builds"]),
        ("pkg:pypi/markupsafe@3.0.3", RISCV, ["same-version"]),
        ("pkg:pypi/markupsafe@3.0.3", LOONG, ["source-builds"]),
        ("pkg:npm/sharp@0.34.4", ARM, ["same-version"]),
        ("pkg:npm/sharp@0.34.4", RISCV, ["other-version", "other-version"]),
        ("pkg:npm/sharp@0.34.4", LOONG, ["other-version"]),
        ("pkg:npm/%40parcel/watcher@2.5.1", LOONG, ["none"]),
        ("pkg:npm/better-sqlite3@12.4.1", LOONG, ["source-builds"]),
        ("pkg:npm/bcrypt@6.0.0", ARM, ["same-version"]),
        ("pkg:npm/bcrypt@6.0.0", RISCV, ["source-builds"]),
    ],
)
def test_recorded_answers(ask, purl, target, answers):
    assert [offer.answer.value for offer in ask(purl, target)] == answers


def test_why(ask):
    (pulp,) = ask("pkg:pypi/pulp@3.3.0", RISCV)
    assert pulp.detail.endswith("holds code for aarch64, i386, x86_64 only")
    # sharp has a part for riscv64 since 0.35, for loong64 only WebAssembly.
    sharp = ask("pkg:npm/sharp@0.34.4", RISCV)
    assert sharp[1].version > "0.35"
    (bcrypt,) = ask("pkg:npm/bcrypt@6.0.0", RISCV)
    assert "its archive holds code for aarch64, arm, x86_64" in bcrypt.detail


def test_what_was_not_asked_about_is_not_answered(ask):
    assert ask("pkg:pypi/requests@2.32.0", LOONG) == ()
    assert ask("pkg:npm/sharp@0.1.0", LOONG) == ()


def test_a_version_that_does_not_exist_is_none_and_others_are_named_as_others(ask):
    offers = ask("pkg:pypi/markupsafe@2.99", RISCV)
    assert [(offer.answer.value, offer.version) for offer in offers] == [
        ("other-version", "3.0.3"),
        ("none", ""),
    ]


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        (Release(), "same-version"),
        (Release(os=["darwin"]), "none"),
        (Release(cpu=["x64", "arm64"]), "none"),
        (Release(optional=["a-linux-x64", "a-linux-loong64"]), "same-version"),
        (Release(optional=["a-linux-x64"], builds=True), "source-builds"),
        (Release(script="node fetch.js", native=[]), "unknown"),
        (Release(script="echo thanks", native=[]), "same-version"),
        (Release(script="x", native=[("a.node", "x86_64")]), "none"),
        (Release(helpers=["prebuild-install"], script="prebuild-install", native=[]), "unknown"),
    ],
)
def test_forms_of_npm_packages(release, answer):
    assert _judge(release, LOONG)[0].value == answer


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("a_b-1.2-py3-none-any.whl", "1.2"),
        ("a-b-1.2.tar.gz", "1.2"),
        ("a-1.2-1-cp312-cp312-linux_riscv64.whl", "1.2"),
        ("README", ""),
    ],
)
def test_versions_in_file_names(name, version):
    assert version_of(name) == version
