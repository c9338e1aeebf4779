import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from binary_sample import elf
from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.binaries import ElfFile, VersionNeed, read_elf


def is_elf(path: Path) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


LIBRARIES = sorted(
    path
    for folder in ("/usr/lib", "/usr/bin")
    for pattern in ("*-linux-gnu*/*.so*", "*")
    for path in Path(folder).glob(pattern)
    if is_elf(path)
)[:1500:12]

needs_libraries = pytest.mark.skipif(not LIBRARIES, reason="no ELF files on this system")


@needs_libraries
def test_agrees_with_pyelftools():
    compared = 0
    for path in LIBRARIES:
        found = read_elf(path)
        assert found is not None
        assert found.damaged == ()
        with path.open("rb") as stream:
            try:
                other = ELFFile(stream)
            except ELFError:
                continue
            dynamic = other.get_section_by_name(".dynamic")
            if dynamic is None:
                continue
            tags = list(dynamic.iter_tags())
            assert list(found.needed) == [t.needed for t in tags if t.entry.d_tag == "DT_NEEDED"]
            assert found.soname == "".join(t.soname for t in tags if t.entry.d_tag == "DT_SONAME")
            versions = other.get_section_by_name(".gnu.version_r")
            wanted = []
            if isinstance(versions, GNUVerNeedSection):
                wanted = [
                    VersionNeed(need.name, tuple(one.name for one in parts))
                    for need, parts in versions.iter_versions()
                ]
            assert list(found.versions) == wanted
            compared += 1
    assert compared > len(LIBRARIES) // 2


@needs_libraries
@pytest.mark.skipif(not shutil.which("readelf"), reason="readelf is not installed")
def test_agrees_with_readelf():
    for path in LIBRARIES[:12]:
        command = ["readelf", "--wide", "-h", "-d", "-V", "-l", str(path)]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        found = read_elf(path)
        assert found is not None
        assert list(found.needed) == re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        assert [found.soname] == (re.findall(r"\(SONAME\).*\[(.*)\]", text) or [""])
        interpreter = re.findall(r"program interpreter: (.*)\]", text) or [""]
        assert [found.interpreter] == interpreter
        needs = text.partition("Version needs section")[2]
        names = {version for need in found.versions for version in need.versions}
        assert names == set(re.findall(r"Name: (\S+)  Flags", needs))
        flags = re.search(r"Flags: +(0x[0-9a-f]+)", text)
        assert flags is not None
        assert found.flags == int(flags[1], 16)


@needs_libraries
def test_without_section_headers_it_reads_the_same():
    data = bytearray(LIBRARIES[0].read_bytes())
    whole = read_elf(bytes(data))
    struct.pack_into("<Q", data, 40, 0)
    struct.pack_into("<HHH", data, 58, 0, 0, 0)
    assert read_elf(bytes(data)) == whole == read_elf(LIBRARIES[0])
    assert whole is not None
    assert whole.needed


def test_glibc_floor():
    needs = (
        VersionNeed("libc.so.6", ("GLIBC_2.9", "GLIBC_2.17", "GLIBC_PRIVATE")),
        VersionNeed("libm.so.6", ("GLIBC_2.2.5", "CXXABI_1.3")),
    )
    assert ElfFile("x86_64", 64, True, "shared", 0, 0, versions=needs).glibc_floor == (2, 17)
    relr = (VersionNeed("libc.so.6", ("GLIBC_ABI_DT_RELR", "GLIBC_2.34")),)
    assert ElfFile("x86_64", 64, True, "shared", 0, 0, versions=relr).glibc_floor == (2, 36)
    assert ElfFile("x86_64", 64, True, "shared", 0, 0).glibc_floor == ()


def test_what_is_not_elf(tmp_path):
    assert read_elf(b"") is None
    assert read_elf(b"MZ" + bytes(100)) is None
    with pytest.raises(OSError, match="not a regular file"):
        read_elf("/dev/null")
    with pytest.raises(FileNotFoundError):
        read_elf(tmp_path / "gone")


def dynamic_elf() -> bytes:
    """Return a small shared object with one needed library and one wanted version."""
    strings = b"\0libc.so.6\0libx.so\0GLIBC_2.36\0"
    base, code = 64 + 2 * 56, "<QQ"
    needs = struct.pack("<HHIII", 1, 1, 1, 16, 0) + struct.pack("<IHHII", 0, 0, 2, 19, 0)
    names_at = base + len(needs)
    dynamic_at = names_at + len(strings)
    tags = [(1, 1), (14, 11), (5, names_at), (0x6FFFFFFE, base), (0x6FFFFFFF, 1), (0, 0)]
    dynamic = b"".join(struct.pack(code, *tag) for tag in tags)
    size = dynamic_at + len(dynamic)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 4096)
    place = struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, 0, 0, len(dynamic), len(dynamic), 8)
    head = bytearray(elf(258))
    struct.pack_into("<Q", head, 32, 64)
    struct.pack_into("<HH", head, 54, 56, 2)
    return bytes(head) + load + place + needs + strings + dynamic


def test_dynamic_part():
    found = read_elf(dynamic_elf())
    assert found is not None
    assert (found.soname, found.needed) == ("libx.so", ("libc.so.6",))
    assert (found.glibc_floor, found.damaged) == ((2, 36), ())


@given(st.data())
def test_damage_never_raises_nor_runs_away(data):
    changed = bytearray(dynamic_elf())
    for _ in range(data.draw(st.integers(0, 12))):
        place = data.draw(st.integers(16, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
    found = read_elf(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
    assert found is None or len(found.versions) <= 10_000


@needs_libraries
@given(st.data())
@settings(max_examples=60)
def test_damage_to_a_real_file(tmp_path_factory, data):
    changed = bytearray(LIBRARIES[-1].read_bytes()[:60_000])
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(16, 4000))] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.getbasetemp() / "damaged.so"
    place.write_bytes(changed)
    assert read_elf(place) == read_elf(bytes(changed))
