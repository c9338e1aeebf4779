"""Excerpts: what a copy says of some parts, carried to a place without the whole copy."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from debian_sample import status

from duanban.check.core import CheckOptions, check
from duanban.indexes.store import Store
from duanban.targets.loader import load_target

ESTATE = Path(__file__).parents[2] / "examples" / "estate"
SERVER = status(
    ("same", "2.0-1", ""), ("newer", "1.0-1", ""), ("libfoo3", "2.9-1", "foo"),
    ("jit", "1-1", ""), ("half", "1-1", ""), ("shaky", "1-1", ""), ("libbar7", "7.0-1", "bar"),
    ("boot-efi-amd64", "2.0-1", "boot"), ("needs-jit-to-build", "1-1", ""),
)  # fmt: skip


def checked(system, store, *indexes):
    options = CheckOptions(jobs=1, cache=False, store=store, indexes=indexes)
    targets = [load_target("debian-sid-loong64")]
    (report,) = check([str(system)], targets, options, date(2026, 11, 25))
    return report.targets[0]


def test_an_excerpt_says_the_same_as_the_copy(store, debian, tmp_path, duanban, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))
    system = tmp_path / "system"
    system.mkdir()
    (system / "status").write_text(SERVER)
    carried = tmp_path / "carried"
    target = ("-t", "debian-sid-loong64")
    assert duanban("index", "export", "debian-sid", carried, system, *target).code == 0
    whole = checked(system, store)
    part = checked(system, Store(tmp_path / "elsewhere"), str(carried))
    assert [p.component for p in part.parts] == [p.component for p in whole.parts] != []
    assert part.findings == whole.findings
    for one, other in zip(part.parts, whole.parts, strict=True):
        assert [(o.answer, o.version, o.detail, o.ways) for o in one.offers] == [
            (o.answer, o.version, o.detail, o.ways) for o in other.offers
        ]
    # Of what it was not made for it knows nothing, which is not the same as that there is nothing.
    (system / "status").write_text(status(("untried", "1-1", "")))
    assert checked(system, Store(tmp_path / "elsewhere"), str(carried)).verdict == "unknown"
    assert checked(system, store).verdict == "blocked"


def test_a_damaged_excerpt_is_one_line(duanban, tmp_path):
    carried = tmp_path / "carried"
    carried.mkdir()
    (carried / "index.json").write_text("{}")
    ran = duanban("check", tmp_path, "--index", carried, "-j", "1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    ran = duanban("check", tmp_path, "--index", "nothing-there", "-j", "1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["debian-sid", "npm", "pypi"])
def test_the_bundled_excerpts_are_what_they_say(name, tmp_path):
    described = json.loads((ESTATE / "indexes" / name / "index.json").read_text())
    assert described["name"] == name
    assert described["dated"] <= "2026-11-25"
    result = checked(ESTATE / "server", Store(tmp_path), str(ESTATE / "indexes" / name))
    assert (result.verdict == "blocked") == (name == "debian-sid")
