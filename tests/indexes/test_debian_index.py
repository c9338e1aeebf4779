"""What a copy of a Debian archive says of packages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from debian_sample import write_archive

from duanban.indexes.distribution import GONE, upstream
from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index, update_index
from duanban.indexes.tables import stem_of
from duanban.indexes.wanted import wanted_of
from duanban.model import Blocker, Component, ComponentState
from duanban.model.errors import UsageError
from duanban.targets.loader import load_target

LOONG, RISCV = load_target("debian-sid-loong64"), load_target("debian-sid-riscv64")


def ask(index, purl, target=LOONG, source=""):
    component = Component(purl, ComponentState.INSTALLED, source=source)
    return index.offers(wanted_of(component), target)


def deb(name, version="1-1"):
    return f"pkg:deb/debian/{name}@{version}?arch=amd64"


@pytest.mark.parametrize(
    ("name", "version", "answer", "called", "there"),
    [
        ("same", "2.0-1", "same-version", "", "2.0-1"),
        ("same", "2.0-1%2Bb3", "same-version", "", "2.0-1"),  # rebuilt without a change
        ("newer", "2.0-1", "other-version", "", "3.0-1"),
        ("libfoo3", "3.0-1", "other-version", "libfoo3t64", "3.1-1"),  # provided
        ("boot-efi-amd64", "2.1-1", "other-version", "boot-efi-loong64", "2.1-1"),
    ],
)
def test_what_is_there(debian, name, version, answer, called, there):
    (offer,) = ask(debian, deb(name, version))
    assert (offer.answer.value, offer.name, offer.version) == (answer, called, there)


def test_a_library_of_the_same_source_with_another_number_succeeds(debian):
    source = "pkg:deb/debian/bar@7.0-1?arch=source"
    (offer,) = ask(debian, deb("libbar7", "7.0-1"), source=source)
    assert (offer.answer.value, offer.name) == ("other-version", "libbar9")
    (offer,) = ask(debian, deb("libbar7", "7.0-1"), source="pkg:deb/debian/other?arch=source")
    assert (offer.answer.value, offer.detail) == ("none", GONE)


@pytest.mark.parametrize(
    ("name", "reason", "blocker"),
    [
        ("jit", "it is for amd64 arm64 only", Blocker("jit", "architecture list")),
        (
            "needs-jit-to-build",
            "it cannot be built there: it needs jit, which nothing provides",
            Blocker("jit", "architecture list"),
        ),
        (
            "untried",
            "its build failed, or was not tried",
            Blocker("untried", "build failure or untried"),
        ),
        (
            "half",
            "it is built there without this package",
            Blocker("same", "absent binary"),
        ),
        (
            "shaky",
            "cannot be installed: needs jit, which nothing provides",
            Blocker("jit", "architecture list"),
        ),
    ],
)
def test_why_the_target_lacks_it_and_what_would_have_to_be_solved(debian, name, reason, blocker):
    (offer,) = ask(debian, deb(name))
    assert offer.answer.value == "none"
    assert reason in offer.detail
    assert (blocker,) in offer.ways


def test_a_cross_compiler_is_for_another_machine_wherever_it_runs(debian):
    (offer,) = ask(debian, deb("cc-x86-64-linux-gnu", "15-1"))
    assert (offer.answer.value, offer.name) == ("other-version", "cc-loongarch64-linux-gnu")
    (offer,) = ask(debian, deb("cc-aarch64-linux-gnu", "15-1"))
    assert (offer.answer.value, offer.name) == ("none", "")
    assert "built there without this package" in offer.detail
    (offer,) = ask(debian, deb("cc-12-aarch64-linux-gnu", "12-1"))  # that machine, another version
    assert (offer.answer.value, offer.name) == ("none", "")


def test_packages_of_languages(debian):
    (offer,) = ask(debian, "pkg:pypi/numpy@2.4.6")
    assert (offer.answer.value, offer.name) == ("same-version", "python3-numpy")
    (offer,) = ask(debian, "pkg:pypi/numpy@2.5.0")
    assert (offer.answer.value, offer.version) == ("other-version", "1:2.4.6+ds-1")
    (offer,) = ask(debian, "pkg:pypi/pyyaml@6.0.3")  # by the name of its source
    assert (offer.answer.value, offer.name) == ("same-version", "python3-yaml")
    assert ask(debian, "pkg:pypi/nothing-of-that-name@1.0") == ()


def test_a_machine_that_the_copy_is_not_for_is_not_answered(debian):
    assert ask(debian, deb("same"), RISCV) == ()


def test_without_the_reference_it_does_not_say_gone(store, tmp_path):
    given = write_archive(tmp_path, "loong64")
    add_index(store, Request("debian-sid", known_index("debian-sid"), tuple(given)))
    (offer,) = ask(Library(store).named("debian-sid").index, deb("jit"))
    assert (offer.answer.value, offer.detail) == ("none", "no package of that name")


def test_a_copy_has_a_date_and_hashes_and_is_remade_from_the_same_files(store, tmp_path, debian):
    copy, place = store.find("debian-sid")
    assert {one.role for one in copy.files} == {"packages amd64", "packages loong64", "sources"}
    assert (debian.source.sha256, debian.source.date) == (copy.sha256, copy.dated)
    assert update_index(store, "debian-sid").sha256 == copy.sha256
    file = place / "packages-loong64"
    file.write_text(file.read_text() + "\n")
    store.derived(copy).unlink()
    with pytest.raises(UsageError, match="packages-loong64 is damaged"):
        Library(store).named("debian-sid")
    store.remove("debian-sid")
    assert store.names() == []
    with pytest.raises(UsageError, match="no copy"):
        store.remove("debian-sid")


def test_a_directory_with_a_copy_can_be_asked(store, debian, tmp_path):
    _, place = store.find("debian-sid")
    elsewhere = Library(type(store)(tmp_path / "other"), (str(place),))
    target = replace(LOONG, indexes=("debian-sid", "pypi"))
    assert [one.copy.name for one in elsewhere.of(target)] == ["debian-sid", "answers"]


def test_two_files_of_one_architecture_are_refused(store, tmp_path):
    given = write_archive(tmp_path, "loong64")
    request = Request("debian-sid", known_index("debian-sid"), (given[0], given[0]))
    with pytest.raises(UsageError, match="a second file"):
        add_index(store, request)
    assert store.names() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("libssl3", "libssl3t64"),
        ("libicu72", "libicu78"),
        ("linux-image-6.1.0-30-amd64", "linux-image-7.2.1-loong64"),
        ("python3.11-minimal", "python3.14-minimal"),
        ("libpython3.11-stdlib", "libpython3.14-stdlib"),
    ],
)
def test_stems(one, other):
    assert stem_of(one) == stem_of(other)


def test_stems_keep_apart_what_is_not_the_same():
    assert stem_of("linux-image-6.1.0-30-amd64") != stem_of("linux-image-6.1.0-30-amd64-dbg")
    assert stem_of("libpython3.11") != stem_of("libpython3.11-stdlib")


@pytest.mark.parametrize(
    ("version", "part"),
    [("1:2.4.6+ds-1", "2.4.6"), ("2.4.6-1+b1", "2.4.6"), ("2.0~rc1-1", "2.0~rc1"), ("7", "7")],
)
def test_upstream_versions(version, part):
    assert upstream(version) == part
