import io
import os
import struct
import subprocess
import zipfile

import pytest
from binary_sample import ar, elf, fat
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.binaries import Limits, payloads
from duanban.binaries.interface import Payload


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as writer:
        for name, data in members.items():
            writer.writestr(name, data)
    return stream.getvalue()


def look(tmp_path, data: bytes, name: str = "file", **options):
    place = tmp_path / "content"
    place.write_bytes(data)
    notes = []
    return list(payloads(place, name, note=notes.append, **options)), notes


def test_file_by_content_whatever_its_name(tmp_path):
    found, _ = look(tmp_path, elf(258), "notes.txt")
    assert found == [Payload("notes.txt", "elf", "loongarch64", "shared")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/b.node", "node-addon"),
        ("_x.cpython-311-x86_64-linux-gnu.so", "python-extension"),
        ("_x.abi3.so", "python-extension"),
        ("libz.so.1", "shared"),
        ("drv.ko", "kernel-module"),
    ],
)
def test_kind_is_told_more_closely_by_the_name(tmp_path, name, kind):
    assert look(tmp_path, elf(62), name)[0][0].kind == kind


def test_members_of_wheels_and_inner_jars(tmp_path):
    inner = archive({"native/liba.so": elf(183), "A.class": b"\xca\xfe\xba\xbe\0\0\0\x34"})
    data = archive({"p/x.so": elf(62), "p/lib.jar": inner, "README": b"text"})
    found, notes = look(tmp_path, data, "p.whl")
    assert [(one.path, one.machine) for one in found] == [
        ("p.whl!/p/x.so", "x86_64"),
        ("p.whl!/p/lib.jar!/native/liba.so", "aarch64"),
    ]
    assert notes == []


def test_depth_is_limited(tmp_path):
    data = elf(62)
    for _ in range(5):
        data = archive({"inner": data})
    assert look(tmp_path, data) == ([], [])
    assert len(look(tmp_path, data, limits=Limits(depth=5))[0]) == 1


def test_fat_files_give_one_payload_for_each_machine(tmp_path):
    found, _ = look(tmp_path, fat(0x01000007, 0x0100000C))
    assert [one.machine for one in found] == ["x86_64", "aarch64"]


def test_static_library(tmp_path):
    data = ar(("a.o/", elf(243, kind=1)), ("b.o/", elf(243, kind=1)), ("c.o/", elf(62, kind=1)))
    found, _ = look(tmp_path, data, "libx.a")
    assert [(one.machine, one.kind) for one in found] == [
        ("riscv64", "object"),
        ("x86_64", "object"),
    ]
    assert look(tmp_path, ar(("#1/8", b"long.o\0\0" + elf(62, kind=1))))[0][0].machine == "x86_64"


def test_bombs_and_odd_methods_are_skipped(tmp_path):
    bomb = archive({"inner.zip": archive({"x": bytes(50 << 20)}) + bytes(1 << 20)})
    found, notes = look(tmp_path, bomb, limits=Limits(nested_bytes=1 << 20))
    assert (found, len(notes)) == ([], 1)
    found, notes = look(tmp_path, archive({"x.so": elf(62)}, zipfile.ZIP_BZIP2))
    assert (found, len(notes)) == ([], 1)
    many = archive({str(number): b"" for number in range(50)})
    assert len(look(tmp_path, many, limits=Limits(members=20))[1]) == 1
    assert len(look(tmp_path, many, limits=Limits(directory_bytes=500))[1]) == 1


def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/bin/sh")
    for name in ("pipe", "link", "gone"):
        notes = []
        assert list(payloads(tmp_path / name, name, note=notes.append)) == []
        assert [one.path for one in notes] == [name]


def test_real_static_library(tmp_path):
    source = tmp_path / "a.c"
    source.write_text("int a(void) { return 1; }\n")
    try:
        subprocess.run(["gcc", "-c", "a.c"], cwd=tmp_path, check=True)
        subprocess.run(["ar", "rcs", "liba.a", "a.o"], cwd=tmp_path, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no C compiler or ar")
    (one,) = payloads(tmp_path / "liba.a", "liba.a")
    (same,) = payloads(tmp_path / "a.o", "a.o")
    assert (one.machine, one.kind) == (same.machine, same.kind) != ("", "")


SAMPLES = [
    archive({"a.so": elf(62), "b/c.jar": archive({"d": elf(183)})}),
    archive({"a.so": elf(62)}, zipfile.ZIP_STORED),
    ar(("a.o/", elf(62, kind=1)), ("b.o/", elf(62))),
]


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=200)
def test_damaged_archives_never_raise(tmp_path_factory, sample, data):
    changed = bytearray(sample)
    for _ in range(data.draw(st.integers(0, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    place = tmp_path_factory.getbasetemp() / "damaged.zip"
    place.write_bytes(changed[: data.draw(st.integers(0, len(changed)))])
    assert len(list(payloads(place, "x"))) <= 10


def test_zip64_sizes_that_lie(tmp_path):
    data = bytearray(SAMPLES[1])
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 12, 0xFFFFFFFF)
    assert look(tmp_path, bytes(data))[0] == []
