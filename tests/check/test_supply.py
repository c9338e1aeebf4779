"""What package indexes make of a system: findings, short parts with their way, open questions."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from duanban.check.core import CheckOptions, check
from duanban.check.supply import Supply
from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index
from duanban.indexes.store import Store
from duanban.model import Blocker, Component, ComponentState, UnknownFact
from duanban.targets.loader import load_target

sys.path.append(str(Path(__file__).parents[1] / "indexes"))
from debian_sample import status, write_archive

TARGETS = [load_target("debian-sid-loong64"), load_target("debian-sid-riscv64")]
TODAY = date(2126, 11, 25)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


@pytest.fixture
def archive(store, tmp_path):
    (tmp_path / "archive").mkdir()
    given = write_archive(tmp_path / "archive", "amd64", "loong64")
    return add_index(store, Request("debian-sid", known_index("debian-sid"), tuple(given)))


@pytest.fixture
def run(store, tmp_path):
    def checked(text, name="status"):
        system = tmp_path / "system"
        system.mkdir(exist_ok=True)
        (system / name).write_text(text)
        options = CheckOptions(jobs=1, cache=False, store=store)
        (report,) = check([str(system)], TARGETS, options, TODAY)
        return report.targets

    return checked


SERVER = status(
    ("same", "2.0-1", ""),
    ("newer", "1.0-1", ""),
    ("libfoo3", "2.9-1", "foo"),
    ("intel-microcode", "1-1", ""),
    ("python2.7", "2.7-1", ""),
) + (
    "Package: half\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n\n"
    "Package: shaky\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n"
    "Depends: jit, half\n\n"
    "Package: jit\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n\n"
)


def test_without_a_copy_it_is_unknown_and_says_how_to_know(run):
    for result in run(SERVER):
        assert result.verdict == "unknown"
        (fact,) = result.unknown
        assert "whether the 8 Debian packages of status (amd64) exist" in fact.fact
        assert "`duanban index add debian-sid`" in fact.how
        assert len(fact.parts) == 8
        assert result.parts == ()


def test_with_a_copy_it_knows_each_part_and_how_the_system_reaches_it(run, archive):
    loong, riscv = run(SERVER)
    assert riscv.unknown
    assert "Packages" in riscv.unknown[0].how  # the copy has nothing for that machine
    assert loong.verdict == "blocked"
    (open_,) = loong.unknown  # nobody knows where it came from
    assert "whether python2.7 (status), which Debian sid on loong64 has on no machine" in open_.fact
    rules = {finding.rule: finding for finding in loong.findings}
    assert set(rules) == {
        "os.package.uninstallable",
        "os.package.implied",
        "os.package.machine",
        "os.package.gone",
        "os.package.other-version",
    }
    broken = rules["os.package.uninstallable"]
    assert broken.component == "pkg:deb/debian/shaky@1-1?arch=amd64"
    assert "needs jit, which nothing provides" in broken.message
    (part,) = [one for one in loong.parts if one.finding == broken.id]
    assert part.offers[0].ways == ((Blocker("jit", "architecture list"),),)
    assert part.effort_hours == broken.expected_hours.rounded()
    # What only `shaky` needs is short on its account.
    implied = [one for one in loong.parts if one.finding == rules["os.package.implied"].id]
    assert [[purl.partition("@")[0][15:] for purl in one.route] for one in implied] == [
        ["shaky", "half"],
        ["shaky", "jit"],
    ]
    assert "libfoo3 -> libfoo3t64 3.1-1" in rules["os.package.other-version"].message
    assert rules["os.package.other-version"].occurrences == 2
    assert "python2.7" in rules["os.package.gone"].message


def test_the_copy_is_named_with_its_age(run, archive):
    (use,) = run(SERVER)[0].indexes
    assert (use.source.index, use.source.sha256) == ("debian-sid", archive.sha256)
    assert use.age_days == (TODAY - date.fromisoformat(archive.dated)).days > 30_000
    assert (use.parts, use.found) == (8, 1)


LOCK = """version = 1
[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "numpy" }, { name = "other" }]
[[package]]
name = "numpy"
version = "2.4.6"
wheels = [{ path = "numpy-2.4.6-cp313-cp313-manylinux_2_28_x86_64.whl" }]
[[package]]
name = "other"
version = "1.0"
sdist = { path = "other-1.0.tar.gz" }
wheels = [{ path = "other-1.0-cp313-cp313-manylinux_2_28_x86_64.whl" }]
"""


def test_a_distribution_may_have_what_an_index_of_the_language_lacks(run, archive):
    loong, riscv = run(LOCK, "uv.lock")
    assert riscv.verdict == "blocked"  # no wheel, no source, and nobody else was asked
    assert loong.verdict == "unknown"  # numpy is a package there; nobody has built the other one
    by_name = {one.component.partition("/")[2]: one for one in loong.parts}
    numpy, other = by_name["numpy@2.4.6"], by_name["other@1.0"]
    assert (numpy.answer, numpy.offers[0].name) == ("same-version", "python3-numpy")
    assert [offer.answer for offer in other.offers] == ["source-builds"]
    (fact,) = loong.unknown
    assert "the source of other 1.0 builds on loongarch64" in fact.fact
    assert "`duanban check pypi:other==1.0 -t debian-sid-loong64`" in fact.how


OWN_ANSWERS = """schema = "duanban.answers/1"
dated = 2026-11-20
[[answers]]
part = "pkg:pypi/numpy"
targets = ["riscv64"]
answer = "{}"
detail = "wheels"
source = "https://x.example/"
read = 2026-11-20
"""


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("upstream-change", "blocked"), ("third-party-build", "unknown"), ("none", "blocked")],
)
def test_what_can_be_had_today_does_not_block(run, store, tmp_path, answer, verdict):
    file = tmp_path / "own.toml"
    file.write_text(OWN_ANSWERS.format(answer))
    add_index(store, Request("npm", known_index("ours", "answers"), (str(file),)))
    _, riscv = run(LOCK, "uv.lock")
    assert riscv.verdict == verdict  # the other package's source nobody has built
    (numpy,) = [part for part in riscv.parts if "numpy" in part.component]
    assert numpy.answer == answer
    assert numpy.offers[-1].source.index == "uv.lock" or answer == "none"


def test_a_change_that_waits_upstream_does_not_say_that_there_is_none(run, store, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN_ANSWERS.format("upstream-change"))
    add_index(store, Request("npm", known_index("ours", "answers"), (str(file),)))
    _, riscv = run("numpy==2.4.6\n", "requirements.txt")  # names no wheel that could be lacking
    assert (riscv.verdict, riscv.parts) == ("unknown", ())
    assert any("numpy" in fact.fact for fact in riscv.unknown)


def test_a_question_about_parts_that_nobody_lists_stays(store):
    fact = UnknownFact("whether x can be had", "look", ("pkg:pypi/x",))
    component = Component("pkg:pypi/y@1", ComponentState.LOCKED)
    supply = Supply([component], [], Library(store), TODAY)
    assert fact in supply.on(TARGETS[0], (), (fact,)).unknown
