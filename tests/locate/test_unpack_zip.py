"""ZIP archives, honest, hostile and damaged."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib

import pytest
from archive_sample import listing

from duanban.locate.unpack import recognise, unpack
from duanban.locate.writer import Limits
from duanban.model.errors import UnpackError


def zip_of(*members, compression=zipfile.ZIP_DEFLATED) -> bytes:
    """Each member is (name or ZipInfo, data)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for info, data in members:
            archive.writestr(info, data)
    return out.getvalue()


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2001, 9, 9, 1, 46, 40))
    info.external_attr = mode << 16
    return info


def reasons(result) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in result.skipped}


def test_a_zip_is_unpacked_with_times_and_modes(write, destination):
    tool = with_mode("p/configure", stat.S_IFREG | 0o755)
    path = write("x", zip_of(("p/a.c", b"int a;"), ("p/d/", b""), (tool, b"#!")))
    assert recognise(path) == "zip"
    result = unpack(path, destination)
    assert result.top == "p"
    assert listing(destination / "p") == {"a.c": b"int a;", "d": None, "configure": b"#!"}
    status = os.stat(destination / "p/configure")
    assert status.st_mode & 0o100
    assert status.st_mtime == 1_000_000_000


def test_a_wheel_keeps_its_root(write, destination):
    data = zip_of(("x-1.dist-info/METADATA", b"Name: x"))
    assert unpack(write("x.whl", data), destination).top == ""


def test_an_executable_python_archive_is_a_zip(write, destination):
    path = write("app", b"#!/usr/bin/env python3\n" + zip_of(("__main__.py", b"1")))
    assert recognise(path) == "zip"
    unpack(path, destination)
    assert listing(destination) == {"__main__.py": b"1"}


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/evil", "..\\evil", "a\\..\\..\\evil", "\\evil"]
)
def test_zip_slip(name, write, destination):
    result = unpack(write("a.zip", zip_of((name, b"evil"), ("ok", b"1"))), destination)
    assert listing(destination.parents[1]) == {
        "inner": None, "inner/destination": None, "inner/destination/ok": b"1",
    }  # fmt: skip
    assert len(result.skipped) == 1


def test_a_name_with_nul_is_refused(write, destination):
    data = zip_of(("aXb", b"1"), ("ok", b"1")).replace(b"aXb", b"a\0b")
    result = unpack(write("a.zip", data), destination)
    assert listing(destination) == {"ok": b"1"}
    assert reasons(result) == {"a\\x00b": "name contains NUL"}


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_only_files_and_directories_are_made(kind, write, destination):
    data = zip_of((with_mode("x", kind | 0o777), b"/etc"), ("x/evil", b"e"))
    result = unpack(write("a.zip", data), destination)
    assert listing(destination) == {"x": None, "x/evil": b"e"} or result.top == "x"
    assert list(reasons(result)) == ["x"]


def test_a_bomb_is_refused_by_its_ratio(write, destination):
    path = write("bomb.zip", zip_of(("zeros", b"\0" * 5_000_000)))
    with pytest.raises(UnpackError, match="bomb"):
        unpack(path, destination, Limits(ratio_grace=1_000_000))


def test_a_bomb_is_refused_by_its_count(write, destination):
    path = write("a.zip", zip_of(*((f"f{i}", b"") for i in range(101))))
    with pytest.raises(UnpackError, match="more than 100 members"):
        unpack(path, destination, Limits(members=100))


def overlapping(count: int) -> bytes:
    """Fifield's "full overlap": every directory entry quotes the same local file."""
    data = zlib.compress(b"\0" * 100_000)[2:-4]
    crc = zlib.crc32(b"\0" * 100_000)
    sizes = struct.pack("<III", crc, len(data), 100_000)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes
    local += struct.pack("<HH", 1, 0) + b"a" + data
    central = b"".join(
        b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
        + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
        for _ in range(count)
    )  # fmt: skip
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)
    return local + central + end


def test_overlapping_members_are_refused(write, destination):
    unpack(write("one.zip", overlapping(1)), destination)  # the maker makes valid archives
    (destination / "a").unlink()
    with pytest.raises(UnpackError, match="overlap"):
        unpack(write("many.zip", overlapping(2)), destination)
    assert listing(destination) == {}


def test_an_encrypted_member_is_skipped(write, destination):
    data = bytearray(zip_of(("secret", b"1"), ("ok", b"1")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    result = unpack(write("a.zip", bytes(data)), destination)
    assert reasons(result) == {"secret": "encrypted"}
    assert listing(destination) == {"ok": b"1"}


def test_a_member_with_a_wrong_checksum_is_skipped(write, destination):
    data = bytearray(zip_of(("bad", b"12345"), ("ok", b"1"), compression=zipfile.ZIP_STORED))
    data[data.index(b"12345")] ^= 1
    result = unpack(write("a.zip", bytes(data)), destination)
    assert listing(destination) == {"ok": b"1"}
    assert "CRC" in reasons(result)["bad"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_truncated_zip_gives_what_is_there(compression, write, destination):
    noise = [(f"f{i}", os.urandom(20_000)) for i in range(10)]
    data = zip_of(*noise, compression=compression)
    result = unpack(write("cut.zip", data[:90_000]), destination)
    assert listing(destination) == dict(noise[:4])
    assert "damaged" in reasons(result)["cut.zip"]
    assert "cut off" in reasons(result)["f4"]


def test_a_zip_written_to_a_pipe_and_cut_gives_what_is_there(write, destination):
    """Its local headers have no sizes; they follow the data."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise io.UnsupportedOperation

        def seek(self, *_):
            raise io.UnsupportedOperation

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"first" * 100)
        archive.writestr("b", b"second" * 100)
    unpack(write("cut.zip", out.getvalue()[:-60]), destination)
    assert listing(destination) == {"a": b"first" * 100, "b": b"second" * 100}


def test_salvage_refuses_unsafe_names_too(write, destination):
    data = zip_of(("../evil", b"evil"), ("ok", b"1"))
    unpack(write("cut.zip", data[:-30]), destination)
    assert listing(destination.parents[1]) == {
        "inner": None, "inner/destination": None, "inner/destination/ok": b"1",
    }  # fmt: skip


def test_rubbish_behind_the_magic_is_refused(write, destination):
    with pytest.raises(UnpackError, match="nothing could be read"):
        unpack(write("a.zip", b"PK\x03\x04" + os.urandom(500)), destination)


def test_a_zip_that_contains_itself_ends(write, destination):
    """A quine (r.zip of Russ Cox) is a bomb only for those who unpack what they unpacked."""
    inner = zip_of(("a", b"1"))
    unpack(write("r.zip", zip_of(("r.zip", inner), ("x", b""))), destination)
    assert listing(destination) == {"r.zip": inner, "x": b""}
