"""Copies of libraries, and whether they know the target."""

import re

import pytest

from duanban.inventory.interface import Manifest
from duanban.inventory.vendored import CopyReader, libraries
from duanban.targets.loader import load_target

LOONG = load_target("debian-sid-loong64")
RISCV = load_target("debian-sid-riscv64")
UTILS = b"""#if defined(_M_X64) || defined(__x86_64__) || \\
    defined(__s390__) || defined(__riscv)
#define DOUBLE_CONVERSION_CORRECT_DOUBLE_OPERATIONS 1
#else
#error Target architecture was not detected as supported by Double-Conversion.
#endif
"""


def read(path, data, siblings=()):
    return CopyReader().read(Manifest(path, lambda: data), siblings)


def test_a_copy_that_does_not_know_the_target_is_a_finding_where_it_would_go():
    found = read("third_party/double-conversion/utils.h", UTILS)
    assert [one.purl for one in found.components] == ["pkg:generic/double-conversion"]
    finding = found.ties[0].judge(LOONG)
    assert (finding.rule, finding.line) == ("library.copy.older", 1)
    assert "double-conversion does not know loongarch64; upstream does since 3.1.6" in (
        finding.message
    )
    assert found.ties[0].judge(RISCV) is None


def test_the_library_itself_is_no_copy():
    assert read("double-conversion/utils.h", UTILS).components == ()


def test_another_file_of_the_same_name_is_nothing():
    found = read("src/utils.h", b"#define UTILS_H\n")
    assert (found.components, found.ties) == ((), ())


def test_the_version_is_told_where_the_file_has_it():
    found = read("libffi/configure.ac", b"AC_INIT([libffi], [3.2.1], [x@example.org])\n")
    assert [one.purl for one in found.components] == ["pkg:generic/libffi@3.2.1"]
    assert "libffi 3.2.1 does not know" in found.ties[0].judge(LOONG).message


def test_files_beside_it_tell_too():
    code = b"make_fcontext:\n"
    path = "boost/libs/context/src/asm/make_x86_64_sysv_elf_gas.S"
    assert read(path, code, ["make_loongarch64_sysv_elf_gas.S"]).ties[0].judge(LOONG) is None
    assert read(path, code).ties[0].judge(LOONG) is not None


@pytest.mark.parametrize("library", libraries(), ids=lambda one: one.name)
def test_what_is_known_of_libraries_is_whole(library):
    assert library.files
    assert library.knows or library.beside
    machines = {"riscv64", "loongarch64", "aarch64"}
    assert set(library.since) == machines
    assert set(library.knows or library.beside) == machines
    assert all(re.search(r"\d|none", version) for version in library.since.values())
