"""Files of one construct each: what is predicted to fail against what the compiler said.

truth.json is clang's word, recorded by scripts/record_constructs.py; known.toml lists what is told
otherwise, so that a change in either direction shows.
"""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from duanban.check.core import CheckOptions, check
from duanban.targets.loader import load_target

HERE = Path(__file__).parent
TARGETS = {
    "aarch64": "debian-sid-arm64",
    "riscv64": "debian-sid-riscv64",
    "loongarch64": "debian-sid-loong64",
}


def read(name):
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def predicted(tmp_path_factory):
    """Return the machines that each construct is predicted to fail on."""
    root = tmp_path_factory.mktemp("constructs")
    names = {}
    for family, table in read("constructs.toml").items():
        for name, text in table.items():
            # Each alone: what one file declares must not count for another.
            path = root / f"{family}.{name}" / ("a.cc" if name.endswith("_cc") else "a.c")
            path.parent.mkdir()
            path.write_text(text)
            names[path.relative_to(root).as_posix()] = f"{family}.{name}"
    options = CheckOptions(jobs=1, cache=False, read_config=False)
    targets = [load_target(one) for one in TARGETS.values()]
    (system,) = check([str(root)], targets, options, date(2026, 11, 26))
    found = {name: set() for name in names.values()}
    for machine, result in zip(TARGETS, system.targets, strict=True):
        for failure in result.fails:
            found[names[failure.path]].add(machine)
    return found


def test_what_fails_is_what_the_compiler_refuses(predicted):
    compiles = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))["compiles"]
    assert compiles.keys() == predicted.keys()
    missed, refused = {}, {}
    for name, machines in compiles.items():
        if "x86_64" in machines:  # else it is no question of a port
            fails = TARGETS.keys() - set(machines)
            missed |= {name: " ".join(sorted(fails - predicted[name]))}
            refused |= {name: " ".join(sorted(predicted[name] - fails))}
    known = read("known.toml")
    told = {name: m for table in known["missed"].values() for name, m in table.items()}
    assert {name: m for name, m in missed.items() if m} == told
    assert {name: m for name, m in refused.items() if m} == known["refused_by_gcc"]
