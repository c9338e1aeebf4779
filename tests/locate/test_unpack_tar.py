"""tar archives, honest, hostile and damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
from pathlib import Path

import pytest
import zstandard
from archive_sample import listing, member, tar_of

from duanban.locate.unpack import recognise, unpack
from duanban.locate.writer import Limits
from duanban.model.errors import UnpackError

HONEST = tar_of(("p-1/a.c", b"int a;\n"), ("p-1/d/b.c", b"int b;\n"))


def reasons(result) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in result.skipped}


def lz4_frame(data: bytes, size: int = 1 << 16) -> bytes:
    """An LZ4 frame of stored blocks (the decoder of compressed ones has its own test)."""
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    body = b"".join((len(b) | 1 << 31).to_bytes(4, "little") + b for b in blocks)
    return b"\x04\x22\x4d\x18\x60\x40\x00" + body + b"\0\0\0\0"


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: data,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        lz4_frame,
        lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]) + b"\0" * 512,
        lambda data: zstandard.compress(data[:700]) + zstandard.compress(data[700:]),
        lambda data: lzma.compress(data[:700]) + b"\0" * 4 + lzma.compress(data[700:]),
    ],
    ids=["plain", "gz", "bz2", "xz", "zst", "lz4", "gz members", "zst frames", "xz streams"],
)
def test_every_compression_is_known_by_content(pack, write, destination):
    path = write("whatever.bin", pack(HONEST))
    assert recognise(path) == "tar"
    result = unpack(path, destination)
    assert result.top == "p-1"
    assert listing(destination / result.top) == {
        "a.c": b"int a;\n",
        "d": None,
        "d/b.c": b"int b;\n",
    }
    assert result.skipped == ()


def test_a_root_that_the_archive_names_is_kept(write, destination):
    dot = member("./", tarfile.DIRTYPE)
    result = unpack(write("a.tar", tar_of(dot, ("./src/a.c", b"x"))), destination)
    assert result.top == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil", "leads out"),
        ("a/../../evil", "leads out"),
        ("/etc/evil", "absolute"),
        ("//evil", "absolute"),
        ("a" * 300, "longer than"),
        ("/".join("d" * 150), "deeper than"),
        ("/".join(["d" * 200] * 20), "longer than"),
    ],
)
def test_unsafe_names_are_refused(name, reason, write, destination):
    result = unpack(write("a.tar", tar_of((name, b"evil"), ("ok", b"1"))), destination)
    assert listing(destination) == {"ok": b"1"}
    assert [reason in skipped.reason for skipped in result.skipped] == [True]
    assert listing(destination.parents[1]) == {
        "inner": None, "inner/destination": None, "inner/destination/ok": b"1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.SYMTYPE, b"Q"]
)
def test_only_files_and_directories_are_made(kind, write, destination):
    data = tar_of(member("x", kind, "/etc/passwd"), ("ok", b"1"))
    result = unpack(write("a.tar", data), destination)
    assert set(listing(destination)) <= {"ok", "x"}
    if kind != b"Q":  # POSIX: an unknown kind is read as a regular file
        assert list(reasons(result)) == ["x"]
        assert not (destination / "x").exists()


def test_nothing_is_written_through_a_link(write, destination):
    outside = destination.parent / "outside"
    outside.mkdir()
    data = tar_of(
        member("dir", tarfile.SYMTYPE, "../outside"),
        ("dir/evil", b"evil"),
        member("hard", tarfile.LNKTYPE, "../outside/secret"),
    )
    result = unpack(write("a.tar", data), destination)
    assert listing(outside) == {}
    assert reasons(result).keys() == {"dir", "hard"}
    assert listing(destination) == {"dir": None, "dir/evil": b"evil"}


def test_a_hard_link_becomes_a_copy(write, destination):
    data = tar_of(("a", b"text"), member("b", tarfile.LNKTYPE, "a"))
    result = unpack(write("x.tar", data), destination)
    assert listing(destination) == {"a": b"text", "b": b"text"}
    assert os.stat(destination / "a").st_nlink == 1
    assert result.skipped == ()


def test_hard_links_count_against_the_limits(write, destination):
    links = [member(f"b{i}", tarfile.LNKTYPE, "a") for i in range(50)]
    path = write("x.tar", tar_of(("a", b"x" * 1000), *links))
    with pytest.raises(UnpackError, match="more than 9,000 bytes"):
        unpack(path, destination, Limits(total_bytes=9000))


def test_the_first_of_two_members_with_one_name_stays(write, destination):
    result = unpack(write("a.tar", tar_of(("a", b"1"), ("./a", b"2"))), destination)
    assert listing(destination) == {"a": b"1"}
    assert reasons(result) == {"a": "a member of that name is already there"}


def test_a_file_cannot_become_a_directory(write, destination):
    data = tar_of(("a", b"1"), ("a/b", b"2"), ("c/d", b"3"), ("c", b"4"))
    result = unpack(write("a.tar", data), destination)
    assert listing(destination) == {"a": b"1", "c": None, "c/d": b"3"}
    assert reasons(result).keys() == {"a/b", "c"}


def test_names_that_are_not_utf8_survive_as_bytes(write, destination):
    name = b"caf\xe9.c".decode("utf-8", "surrogateescape")
    data = tarfile_bytes(name)
    unpack(write("a.tar", data), destination)
    assert os.listdir(os.fsencode(destination)) == [b"caf\xe9.c"]


def tarfile_bytes(name: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", encoding="utf-8", errors="surrogateescape") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return out.getvalue()


def test_a_bomb_is_refused_by_its_ratio(write, destination):
    data = gzip.compress(tar_of(("zeros", b"\0" * 5_000_000)))
    with pytest.raises(UnpackError, match="bomb"):
        unpack(write("a.tgz", data), destination, Limits(ratio_grace=1_000_000))
    assert listing(destination) == {}


def test_a_bomb_is_refused_by_its_count(write, destination):
    data = tar_of(*((f"f{i}", b"") for i in range(101)))
    with pytest.raises(UnpackError, match="more than 100 members"):
        unpack(write("a.tar", data), destination, Limits(members=100))


def test_a_sparse_bomb_is_refused(write, destination):
    """GNU sparse members say how large they are; their zeros are not in the archive."""
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:410] = b"00000000000\x0000000000000\x00"  # one empty extent
    header[483:495] = b"77777777777\0"  # 8 GiB
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    path = write("a.tar", bytes(header) + b"\0" * 1024)
    with pytest.raises(UnpackError, match=r"bomb|bytes"):
        unpack(path, destination, Limits(ratio_grace=1_000_000))


def test_a_huge_extended_header_is_not_read_into_memory(write, destination):
    header = tarfile.TarInfo("pax")
    header.type = tarfile.XHDTYPE
    header.size = 8 << 30
    data = tar_of(("ok", b"1")).rstrip(b"\0").ljust(1024, b"\0")
    result = unpack(
        write("a.tar", data + header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024), destination
    )
    assert listing(destination) == {"ok": b"1"}
    assert "too large" in reasons(result)["a.tar"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_truncated_archive_gives_what_is_there(pack, write, destination):
    noise = [(f"f{i}", os.urandom(40_000)) for i in range(60)]
    whole = pack(tar_of(*noise))
    result = unpack(write("cut.tgz", whole[: len(whole) // 2 + 100_000]), destination)
    found = listing(destination)
    assert 1 <= len(found) < 60
    assert all(found[name] == data for name, data in noise if name in found)
    assert "damaged, read only in part" in reasons(result)["cut.tgz"]


def test_a_truncated_plain_tar_gives_what_is_there(write, destination):
    data = tar_of(("a", b"1"), ("b", b"x" * 5000))
    result = unpack(write("cut.tar", data[:3000]), destination)
    assert listing(destination) == {"a": b"1"}
    assert "damaged" in reasons(result)["cut.tar"]


def test_a_broken_header_in_the_middle_is_not_the_end(write, destination):
    data = bytearray(tar_of(("a", b"1"), ("b", b"2"), ("c", b"3")))
    data[1024:1030] = b"\xff" * 6
    result = unpack(write("bad.tar", bytes(data)), destination)
    assert listing(destination) == {"a": b"1"}
    assert "damaged" in reasons(result)["bad.tar"]


def test_an_archive_of_which_nothing_can_be_read_is_refused(write, destination):
    cut = gzip.compress(tar_of(("a", os.urandom(100_000))))[:2000]
    with pytest.raises(UnpackError, match=r"^a\.tgz: .*nothing could be read"):
        unpack(write("a.tgz", cut), destination)


def test_times_and_the_executable_bit_survive(write, destination):
    info = tarfile.TarInfo("configure")
    info.mode, info.mtime = 0o4777, 1_000_000_000
    unpack(write("a.tar", tar_of(info)), destination)
    status = os.stat(destination / "configure")
    assert status.st_mtime == 1_000_000_000
    assert status.st_mode & 0o7000 == 0
    assert status.st_mode & 0o100


@pytest.mark.parametrize("mtime", [-5, 10**18, float(2**70)])
def test_absurd_times_do_no_harm(mtime, write, destination):
    info = tarfile.TarInfo("a")
    info.mtime = mtime
    unpack(write("a.tar", tar_of(info, format=tarfile.PAX_FORMAT)), destination)
    assert 0 <= os.stat(destination / "a").st_mtime <= 2**32


def test_an_archive_in_the_archive_stays_a_file(write, destination):
    unpack(write("a.tar", tar_of(("inner.tar", HONEST), ("b", b""))), destination)
    assert listing(destination) == {"inner.tar": HONEST, "b": b""}


def test_control_characters_do_not_reach_the_report(write, destination):
    result = unpack(write("a.tar", tar_of(("../\x1b[31m\nx", b""), ("b", b""))), destination)
    assert [skipped.path for skipped in result.skipped] == ["../\\x1b[31m\\nx"]


def test_what_is_no_archive_is_not_recognised(write):
    assert recognise(write("a.tar.gz", b"plain text")) is None
    assert recognise(write("empty.zip", b"")) is None
    assert recognise(write("zeros.tar", b"\0" * 10240)) is None
    assert recognise(write("lib.a", b"!<arch>\n/               0           ")) is None
    assert recognise(Path("/proc/self/exe")) is None
