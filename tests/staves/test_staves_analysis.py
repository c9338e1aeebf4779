"""From small indexes to causes: each of the traps in one test."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from duanban.cli.main import cli
from duanban.model import Layer
from duanban.model.errors import UsageError
from duanban.staves.analyse import analyse
from duanban.staves.draw import section_layers
from duanban.staves.interface import Indexes, StavesReport

BASE = "build-essential"


def package(name: str, architecture: str, fields: str = "", version: str = "1") -> str:
    return f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n{fields}\n"


def source(name: str, fields: str = "", architecture: str = "any", version: str = "1") -> str:
    return f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n{fields}\n"


class World:
    """Two architectures and their sources."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reference = [package(BASE, "amd64")]
        self.target = [package(BASE, "loong64")]
        self.sources = [source(BASE)]

    def both(self, name: str, fields: str = "") -> None:
        self.reference.append(package(name, "amd64", fields))
        self.target.append(package(name, "loong64", fields))

    def files(self) -> tuple[Path, Path, Path]:
        names = ("reference", "target", "sources")
        for name in names:
            (self.directory / name).write_text("\n".join(getattr(self, name)))
        reference, target, sources = (self.directory / name for name in names)
        return reference, target, sources

    def analyse(self, budget: int = 1) -> StavesReport:
        return analyse(Indexes(*self.files(), "loong64"), budget)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def staves(report: StavesReport) -> list[tuple[str, str, int, int]]:
    return [(s.root.name, s.root.cause, s.holds_back, s.alone) for s in report.staves]


def items(report: StavesReport) -> list[tuple[str, str]]:
    return [(item.kind.value, item.name) for item in report.items]


def test_a_list_of_architectures_holds_back_what_is_built_on_it(world: World) -> None:
    world.reference += [package("engine", "amd64"), package("app", "amd64", "Depends: engine\n")]
    world.sources += [
        source("engine", architecture="amd64 arm64"),
        source("app", "Build-Depends: engine\n"),
    ]
    report = world.analyse()
    assert items(report) == [("missing source", "app"), ("missing source", "engine")]
    assert staves(report) == [("engine", "architecture list", 2, 2)]
    assert (report.plan.unlocked, report.plan.bound) == (2, 2)


def test_what_could_be_built_and_is_not_failed_or_was_not_tried(world: World) -> None:
    world.reference.append(package("tool", "amd64"))
    world.sources.append(source("tool"))
    assert staves(world.analyse()) == [("tool", "build failure or untried", 1, 1)]


def test_an_alternative_frees_a_stave_from_blame(world: World) -> None:
    world.reference += [package(name, "amd64") for name in ("one", "two", "app")]
    world.sources += [
        source("one", architecture="amd64"),
        source("two"),
        source("app", "Build-Depends: one | two\n"),
    ]
    assert staves(world.analyse()) == [
        ("one", "architecture list", 2, 1),
        ("two", "build failure or untried", 2, 1),
    ]
    assert world.analyse(1).plan.unlocked == 2


def test_a_source_that_needs_itself_is_no_free_gift(world: World) -> None:
    world.reference += [
        package("compiler", "amd64", "Depends: runtime\n"),
        package("runtime", "amd64", "Source: compiler\nDepends: compiler\n"),
        package("app", "amd64"),
    ]
    world.sources += [
        source("compiler", "Build-Depends: compiler\n"),
        source("app", "Build-Depends: compiler\n"),
    ]
    assert staves(world.analyse()) == [("compiler", "bootstrap cycle", 2, 2)]


def test_one_of_a_cycle_of_sources_is_enough(world: World) -> None:
    world.reference += [package("hen", "amd64"), package("egg", "amd64")]
    world.sources += [
        source("hen", "Build-Depends: egg\n"),
        source("egg", "Build-Depends: hen\n"),
    ]
    report = world.analyse()
    assert staves(report) == [
        ("egg", "bootstrap cycle", 2, 0),
        ("hen", "bootstrap cycle", 2, 0),
    ]
    assert report.plan.unlocked == report.plan.bound == 2


def test_names_made_of_a_hash_differ_from_architecture_to_architecture(world: World) -> None:
    world.reference += [
        package("libm", "amd64", "Provides: libm-a1\n"),
        package("app", "amd64", "Depends: libm-a1\n"),
        package("user", "amd64"),
    ]
    world.target.append(package("libm", "loong64", "Provides: libm-b2\n"))
    world.sources += [source("libm"), source("app"), source("user", "Build-Depends: app\n")]
    assert staves(world.analyse()) == [("app", "build failure or untried", 2, 2)]


def test_a_package_that_only_needs_to_be_built_again(world: World) -> None:
    world.both("libn")
    world.reference.append(package("app", "amd64", "Depends: libn\n", "1+b1"))
    world.target.append(package("app", "loong64", "Depends: libold\n"))
    world.reference[-1] = world.reference[-1].replace("\nArch", "\nSource: app (1)\nArch")
    world.sources += [source("libn"), source("app")]
    report = world.analyse()
    assert items(report) == [("broken package", "app")]
    assert staves(report) == [("app", "build failure or untried", 1, 1)]


def test_a_binary_that_the_targets_build_leaves_out(world: World) -> None:
    world.both("gcc")
    world.reference += [package("libsan", "amd64", "Source: gcc\n"), package("app", "amd64")]
    world.sources += [source("gcc"), source("app", "Build-Depends: libsan\n")]
    report = world.analyse()
    assert staves(report) == [("gcc", "absent binary", 1, 1)]
    assert report.staves[0].detail == "built without libsan"


def test_a_dependency_of_the_references_architecture_is_not_the_targets(world: World) -> None:
    world.both("isa")
    world.reference += [
        package("sse2", "amd64", "Source: isa\n"),
        package("app", "amd64", "Depends: sse2\n"),
        package("user", "amd64"),
    ]
    world.sources += [
        source(
            "isa",
            "Package-List:\n isa deb misc optional arch=any\n"
            " sse2 deb misc optional arch=amd64,i386\n",
        ),
        source("app"),
        source("user", "Build-Depends: app\n"),
    ]
    assert staves(world.analyse()) == [("app", "build failure or untried", 2, 2)]


def test_what_is_broken_on_the_reference_too_is_noise(world: World) -> None:
    world.both("broken", "Depends: gone\n")
    world.reference.append(package("tool", "amd64"))
    world.sources += [
        source("broken", "Build-Depends: gone\n"),
        source("tool", "Build-Depends: gone\n"),
    ]
    assert items(world.analyse()) == []


def test_a_dependency_that_nobody_has(world: World) -> None:
    world.reference.append(package("tool", "amd64"))
    world.sources.append(source("tool", "Build-Depends: port-helper [loong64]\n"))
    assert staves(world.analyse()) == [("port-helper", "missing dependency", 1, 1)]


def test_an_old_version_on_the_target_is_a_source_to_build(world: World) -> None:
    world.reference += [package("lib", "amd64", version="2"), package("app", "amd64")]
    world.target.append(package("lib", "loong64"))
    world.sources += [source("lib", version="2"), source("app", "Build-Depends: lib (>= 2)\n")]
    report = world.analyse()
    assert items(report) == [("missing source", "app")]
    assert staves(report) == [("lib", "build failure or untried", 1, 1)]


def test_a_list_and_a_cycle_of_one_source_are_one_stave(world: World) -> None:
    world.reference += [package("lein", "all", "Depends: nrepl\n"), package("nrepl", "amd64")]
    world.target.append(package("lein", "all", "Depends: nrepl\n"))
    world.sources += [
        source("nrepl", "Build-Depends: lein\n", architecture="amd64"),
        source("lein", architecture="all"),
    ]
    report = world.analyse()
    assert staves(report) == [("nrepl", "architecture list, bootstrap cycle", 2, 2)]
    assert report.staves[0].detail == "its list is amd64; needs itself by way of lein"
    assert (report.plan.unlocked, len(report.plan.chosen)) == (2, 1)


def test_a_list_and_a_cycle_that_another_source_can_break_are_two(world: World) -> None:
    world.reference += [package("hen", "amd64"), package("egg", "amd64")]
    world.sources += [
        source("hen", "Build-Depends: egg\n", architecture="amd64"),
        source("egg", "Build-Depends: hen\n"),
    ]
    assert staves(world.analyse()) == [
        ("hen", "architecture list", 2, 1),
        ("egg", "bootstrap cycle", 2, 0),
        ("hen", "bootstrap cycle", 2, 0),
    ]


def test_a_cycle_that_a_reduced_build_breaks_says_so(world: World) -> None:
    world.reference.append(package("tool", "amd64"))
    world.sources.append(source("tool", "Build-Depends: tool <!nocheck>\n"))
    (stave,) = world.analyse().staves
    assert stave.detail == (
        "needs itself by way of tool; a build with nocheck nodoc needs none of it"
    )
    report = analyse(Indexes(*world.files(), "loong64"), 1, profiles=["nocheck"])
    assert staves(report) == [("tool", "build failure or untried", 1, 1)]


def test_of_several_versions_of_a_source_the_newest_counts(world: World) -> None:
    world.both("tool")
    world.reference.append(package("cross", "amd64"))
    world.sources += [
        source("tool", "Build-Depends: cross\n", version=version) for version in ("1", "3", "2")
    ] + [source("cross", architecture="amd64")]
    report = world.analyse()
    assert items(report) == [("missing source", "cross"), ("unbuildable source", "tool")]


def test_what_is_for_other_machines_is_doubtful(world: World) -> None:
    world.reference += [
        package("gcc-9-cross-base", "all", "Source: crossgcc\n"),
        package("gcc-s390x-linux-gnu", "amd64", "Source: crossgcc\n"),
        package("firmware", "amd64"),
    ]
    world.sources += [
        source("crossgcc", architecture="amd64"),
        source("firmware", "Build-Depends: gcc-s390x-linux-gnu\n"),
    ]
    (stave,) = world.analyse().staves
    assert (stave.root.name, stave.alone) == ("crossgcc", 2)
    assert stave.doubt == "compilers and libraries for other machines"


def test_what_has_a_newer_version_on_the_target_is_doubtful(world: World) -> None:
    world.both("gcc-16")
    world.reference += [package("gcc-9", "amd64"), package("gcc-17", "amd64")]
    world.sources += [source(name) for name in ("gcc-9", "gcc-16", "gcc-17")]
    doubts = {stave.root.name: stave.doubt for stave in world.analyse().staves}
    assert doubts == {"gcc-9": "gcc-16 is on the target already", "gcc-17": ""}


def test_what_only_waits_for_a_newer_index_costs_nothing_and_is_counted(world: World) -> None:
    world.reference.append(package("data", "all", version="2"))
    world.target.append(package("data", "all"))
    world.both("tool")
    world.sources.append(source("tool", "Build-Depends: data (>= 2)\n"))
    report = world.analyse(0)
    assert items(report) == [("unbuildable source", "tool")]
    assert (report.free, report.plan.unlocked, report.staves) == (1, 1, ())


def test_without_such_a_gap_nothing_is_free(world: World) -> None:
    # A cycle of a source through the packages that it builds, held back by a broken one.
    world.reference += [
        package("ghc", "amd64", "Depends: rts\n"),
        package("rts", "amd64", "Source: ghc\nDepends: ghc\n"),
        package("lib", "amd64", "Depends: rts\n"),
    ]
    world.target.append(package("lib", "loong64", "Depends: rts\n"))
    world.sources += [source("ghc", "Build-Depends: ghc\n"), source("lib", "Build-Depends: ghc\n")]
    report = world.analyse()
    assert len(report.items) == 3
    assert (report.free, report.curve[0].unlocked) == (0, 0)
    assert staves(report) == [("ghc", "bootstrap cycle", 3, 3)]


def test_nothing_short(world: World) -> None:
    report = world.analyse()
    assert (report.missing, report.staves, report.plan.chosen) == (0, (), ())


def test_the_command_follows_the_contract(world: World) -> None:
    world.reference.append(package("tool", "amd64"))
    world.sources.append(source("tool"))
    reference, target, sources = map(str, world.files())
    arguments = ["--reference", reference, "--packages", target, "--sources", sources]
    run = CliRunner().invoke
    result = run(cli, ["depend", "staves", *arguments, "--arch", "loong64", "--format", "json"])
    report = json.loads(result.output)
    assert report["schema"] == "duanban.staves/1"
    assert report["missing"] == 1
    (stave,) = report["staves"]
    assert stave == {
        "name": "tool",
        "cause": "build failure or untried",
        "holds_back": 1,
        "alone": 1,
        "detail": "nothing of it is there",
        "doubt": "",
    }
    plan = report["plan"]
    assert [plan[key] for key in ("budget", "chosen", "unlocked", "bound")] == [10, ["tool"], 1, 1]
    assert report["curve"][-1] == {"budget": 1, "unlocked": 1, "bound": 1}
    shown = run(cli, ["depend", "staves", *arguments, "--arch", "loong64"]).output
    assert "tool: build failure or untried" in shown
    assert "1 unlocked (the optimum, proven)" in shown


def test_files_are_written_besides(world: World, tmp_path: Path) -> None:
    world.reference += [package("engine", "amd64"), package("app", "amd64")]
    world.sources += [
        source("engine", "Package-List:\n engine deb libs optional arch=any\n", "amd64"),
        source("app", "Build-Depends: engine\nPackage-List:\n app deb web optional arch=any\n"),
    ]
    reference, target, sources = map(str, world.files())
    arguments = ["--reference", reference, "--packages", target, "--sources", sources]
    arguments = ["depend", "staves", *arguments, "--arch", "loong64"]
    page, data = tmp_path / "staves.html", tmp_path / "staves.json"
    result = CliRunner().invoke(cli, [*arguments, "-o", str(page), "-o", str(data)])
    assert "engine: architecture list" in result.output
    assert json.loads(data.read_text())["missing"] == 2
    text = page.read_text()
    assert "library: 1 of 1 part held back" in text
    assert "What waits for engine" in text
    wrong = CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path / "staves.csv")])
    assert "written as .json or .html" in str(wrong.exception)


def test_every_section_has_one_layer() -> None:
    layers = section_layers()
    assert layers["libs"] is Layer.LIBRARY
    text = resources.files("duanban.staves").joinpath("sections.toml").read_text()
    listed = [one for sections in tomllib.loads(text).values() for one in sections]
    assert len(listed) == len(layers) == len(set(listed))


def test_wrong_files_give_one_clear_line(world: World) -> None:
    reference, target, sources = world.files()
    with pytest.raises(UsageError, match="no package for riscv64"):
        analyse(Indexes(reference, target, sources, "riscv64"), 1)
    only_all = world.directory / "all"
    only_all.write_text(package("doc", "all"))
    with pytest.raises(UsageError, match="which architecture"):
        analyse(Indexes(only_all, target, sources, "loong64"), 1)
