"""How npm is asked: the first later version with a machine, by its manifest and by its archive."""

import json

import pytest

from duanban.indexes import npm_registry
from duanban.indexes.npm import _judge
from duanban.indexes.npm_registry import Release, ask, changes
from duanban.indexes.versions import later
from duanban.indexes.wanted import wanted_of
from duanban.locate.client import Watched
from duanban.model import Component, ComponentState
from duanban.model.errors import FetchError
from duanban.targets.loader import load_target

RISCV = load_target("debian-sid-riscv64")


class Registry:
    """Answers as npm does; `releases` are manifests by version, in order."""

    def __init__(self, releases, machines=None):
        self.releases = {
            version: {"name": "a", "version": version, **told} for version, told in releases.items()
        }
        self.machines = machines or {}
        self.packed = []
        self.newest = list(releases)[-1]

    def run(self, command, watched):
        if command[1] == "pack":
            self.packed.append(command[-1].rpartition("@")[2])
            return b""
        spec, *_ = command[command.index("--") + 1 :]
        name, _, wanted = spec.partition("@")
        assert name == "a"
        if wanted.startswith(">"):
            found = [self.releases[one] for one in later("npm", wanted[1:], self.releases)]
            if not found:
                raise FetchError("npm failed: 404 No match found for version")
            return json.dumps(found if len(found) > 1 else found[0]).encode()
        told = self.releases[wanted or self.newest]
        return json.dumps({**told, "dist-tags": {"latest": self.newest}}).encode()

    def inside(self, spec, _watched):
        version = spec.rpartition("@")[2]
        self.packed.append(version)
        return [(f"{machine}.node", machine) for machine in self.machines.get(version, ())]


@pytest.fixture
def asked(monkeypatch, tmp_path):
    def said(registry, version):
        monkeypatch.setattr(npm_registry, "run", registry.run)
        monkeypatch.setattr(npm_registry, "_inside", registry.inside)
        part = wanted_of(Component(f"pkg:npm/a@{version}", ComponentState.LOCKED))
        package = ask(part, Watched("index npm", lambda *_: None, tmp_path))
        ready = (
            one
            for one in later("npm", version, package.releases)
            if _judge(package.releases[one], RISCV)[0].value == "same-version"
        )
        return package, next(ready, "")

    return said


def parts(*machines):
    return {"optionalDependencies": {f"@a/linux-{machine}": "1" for machine in machines}}


def test_the_first_version_with_a_part_is_found_not_the_newest(asked):
    old, new = parts("x64"), parts("x64", "riscv64")
    registry = Registry({"1.9.0": old, "1.10.0": old, "1.11.0": new, "2.0.0": new, "3.0.0": new})
    package, first = asked(registry, "1.9.0")
    assert first == "1.11.0"
    # What says the same as the one before is not kept.
    assert sorted(package.releases) == ["1.11.0", "1.9.0", "3.0.0"]
    assert registry.packed == []


def test_a_withdrawn_version_is_passed_over(asked):
    new = parts("riscv64")
    registry = Registry({"1.0.0": {}, "1.1.0": {**new, "deprecated": "broken"}, "1.2.0": new})
    registry.releases["1.0.0"]["cpu"] = ["x64"]
    assert asked(registry, "1.0.0")[1] == "1.2.0"


@pytest.mark.parametrize("came", range(1, 40))
def test_archives_are_halved_to_the_first_with_a_machine(asked, came):
    order = [f"1.{minor}.0" for minor in range(40)]
    script = {"scripts": {"install": "node-gyp-build"}}
    machines = {
        version: ("x86_64", "riscv64")[: 1 + (number >= came)]
        for number, version in enumerate(order)
    }
    registry = Registry(dict.fromkeys(order, script), machines)
    assert asked(registry, "1.0.0")[1] == f"1.{came}.0"
    assert len(registry.packed) <= 2 + 6


def test_the_newest_has_no_later_one(asked):
    package, first = asked(Registry({"1.0.0": parts("x64")}), "1.0.0")
    assert (list(package.releases), first) == (["1.0.0"], "")


def test_a_pre_release_is_no_answer_to_a_release(asked):
    registry = Registry({"1.0.0": parts("x64"), "1.1.0": parts("x64")})
    registry.releases["1.2.0-rc.1"] = {"name": "a", "version": "1.2.0-rc.1", **parts("riscv64")}
    assert asked(registry, "1.0.0")[1] == ""


def test_changes_are_told_against_the_one_before():
    one, other = Release(cpu=["x64"]), Release(cpu=["arm64"])
    found = {"1": one, "2": other, "3": other, "4": one}
    assert list(changes(one, found)) == ["2", "4"]
