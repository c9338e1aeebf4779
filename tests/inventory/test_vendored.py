"""Copies of libraries, and whether they know the target."""

import json
import re
from pathlib import Path

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
    assert (finding.rule, finding.line) == ("library.copy.older", 2)
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
    found = read(
        "libffi/configure.ac", b"AC_INIT([libffi], [3.2.1])\n  s390-*)\n  TARGET=S390 ;;\n"
    )
    assert [one.purl for one in found.components] == ["pkg:generic/libffi@3.2.1"]
    assert "libffi 3.2.1 does not know" in found.ties[0].judge(LOONG).message


def test_the_version_may_stand_in_another_file_of_the_copy():
    files = {"lib/jit/src/luajit.h": b'#define LUAJIT_VERSION "LuaJIT 2.1.0-beta3"\n'}
    data = b"#define LUAJIT_ARCH_X64 2\n#define LUAJIT_ARCH_ARM64 4\n"
    manifest = Manifest("lib/jit/src/lj_arch.h", lambda: data, lambda path: files.get(path, b""))
    found = CopyReader().read(manifest, ())
    assert [one.purl for one in found.components] == ["pkg:generic/luajit@2.1.0-beta3"]
    assert "no version of it does yet" in found.ties[0].judge(LOONG).message
    assert not found.ties[0].is_mended(LOONG)


def test_a_branch_for_all_others_knows_every_machine():
    data = b"#define GOOGLE_PROTOBUF_ARCH_X64 1\n#elif defined(__GNUC__)\n"
    found = read("protobuf/src/google/protobuf/stubs/platform_macros.h", data)
    assert found.ties[0].judge(LOONG) is None


def test_portable_libraries_are_named_and_nothing_is_concluded():
    text = b'#define ZLIB_VERSION "1.2.11"\n#define ZLIB_VERNUM 0x12b0\n'
    found = read("third_party/zlib/zlib.h", text)
    assert [one.purl for one in found.components] == ["pkg:generic/zlib@1.2.11"]
    assert found.ties == ()


def test_files_beside_it_tell_too():
    code = b"make_fcontext:\n"
    path = "boost/libs/context/src/asm/make_x86_64_sysv_elf_gas.S"
    assert read(path, code, ["make_loongarch64_sysv_elf_gas.S"]).ties[0].judge(LOONG) is None
    assert read(path, code).ties[0].judge(LOONG) is not None


RECORDED = json.loads(Path(__file__).with_name("data").joinpath("copies.json").read_text("utf-8"))


@pytest.mark.parametrize("copy", RECORDED["copies"], ids=lambda one: f"{one['name']} {one['of']}")
def test_recorded_copies_tell_their_name_version_and_machines(copy):
    others = {copy.get("version_in"): copy.get("version_text", "").encode()}
    manifest = Manifest(copy["path"], copy["text"].encode, lambda path: others.get(path, b""))
    found = CopyReader().read(manifest, copy.get("beside", []))
    assert [one.purl for one in found.components] == [copy["purl"]]
    assert [sorted(tie.knows) for tie in found.ties] == ([copy["knows"]] if "knows" in copy else [])
    assert all(tie.inside == copy["inside"] for tie in found.ties)


def test_each_library_has_a_recorded_copy():
    assert {library.name for library in libraries()} == {one["name"] for one in RECORDED["copies"]}


@pytest.mark.parametrize("library", libraries(), ids=lambda one: one.name)
def test_what_is_known_of_libraries_is_whole(library):
    assert library.files
    assert library.source
    machines = {"riscv64", "loongarch64", "aarch64"}
    if library.since:
        assert set(library.since) == machines
        assert set(library.knows or library.beside) == machines
        assert all(re.search(r"\d|none", version) for version in library.since.values())
    else:
        assert not (library.knows or library.beside or library.generic)
