"""Archives that want to do harm, through the command: a value in `skipped` or one clear line."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

LOONG = "debian-sid-loong64"
TIE = b"#include <immintrin.h>\n"


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A place to put inputs in; at the end nothing may have appeared outside the cache."""
    cache = tmp_path / "a" / "b" / "cache"
    cache.mkdir(parents=True)
    monkeypatch.setenv("DUANBAN_CACHE", str(cache))
    place = tmp_path / "a" / "b" / "inputs"
    place.mkdir()
    monkeypatch.chdir(place)
    yield place
    outside = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if cache not in p.parents}
    expected = {Path("a"), Path("a/b"), Path("a/b/cache"), Path("a/b/inputs")}
    given = {p.relative_to(tmp_path) for p in place.rglob("*")}
    assert outside == expected | given
    assert {p.name for p in place.iterdir()} <= {"bad.tar", "bad.zip", "bad.tar.gz", "good"}


@pytest.fixture
def check(duanban):
    def run(*arguments, **limits):
        started = time.process_time()
        ran = duanban("check", *arguments, "-t", LOONG, "-f", "json")
        assert time.process_time() - started < limits.get("seconds", 10)
        return ran

    return run


def system_of(ran):
    assert ran.code == 0, ran.err
    return json.loads(ran.out)["systems"][0]


def reasons(ran):
    return {each["path"]: each["reason"] for each in system_of(ran)["scanned"]["skipped"]}


def found(ran):
    return {finding["path"] for finding in system_of(ran)["targets"][0]["findings"]}


def refused(ran, *words):
    assert ran.code == 1
    assert ran.err.startswith("duanban: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def tar(path, *members):
    with tarfile.open(path, "w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def plain(name, data=TIE):
    return tarfile.TarInfo(name), data


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    info.devmajor, info.devminor = 1, 8
    return info, b""


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_truncated_tar_gz(watched, check, share):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for number in range(20):
            info = tarfile.TarInfo(f"{number}.c")
            data = TIE + os.urandom(2000).hex().encode()
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    data = whole.getvalue()
    (watched / "bad.tar.gz").write_bytes(data[: int(len(data) * share)])
    ran = check("bad.tar.gz")
    if ran.code == 0:
        assert reasons(ran)
    else:
        refused(ran, "bad.tar.gz")


def test_truncated_zip(watched, check):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.c", TIE)
        archive.writestr("b.c", os.urandom(5000).hex())
    (watched / "bad.zip").write_bytes(whole.getvalue()[:3000])
    ran = check("bad.zip")
    if ran.code == 0:
        assert reasons(ran)
        assert found(ran) == {"a.c"}
    else:
        refused(ran, "bad.zip")


def test_zip_bomb(watched, check):
    with zipfile.ZipFile(watched / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(100 << 20))
    ran = check("bad.zip")
    if ran.code == 0:
        assert "bomb" in reasons(ran)
    else:
        refused(ran, "bad.zip", "decompression bomb")
    assert _kept(watched.parent / "cache") < 20 << 20


def test_tar_bomb(watched, check):
    with gzip.open(watched / "bad.tar.gz", "wb", compresslevel=9) as out:
        info = tarfile.TarInfo("bomb")
        info.size = 100 << 20
        out.write(info.tobuf())
        for _ in range(100):
            out.write(bytes(1 << 20))
    refused(check("bad.tar.gz"), "bad.tar.gz", "decompression bomb")
    assert _kept(watched.parent / "cache") < 20 << 20


def _kept(directory: Path) -> int:
    return sum(p.stat().st_size for p in directory.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../evil.c", "leads out of the archive"),
        ("a/../../../evil.c", "leads out of the archive"),
        ("/tmp/duanban-evil.c", "absolute name"),
        ("n/" * 150 + "a.c", "nested deeper"),
        ("x" * 300 + ".c", "name longer"),
    ],
    ids=["slip", "inner-slip", "absolute", "deep", "long"],
)
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_names_that_lead_elsewhere(watched, check, kind, name, reason):
    if kind == "tar":
        tar(watched / "bad.tar", plain("good.c"), plain(name))
    else:
        with zipfile.ZipFile(watched / "bad.zip", "w") as archive:
            archive.writestr("good.c", TIE)
            archive.writestr(name, TIE)
    ran = check(f"bad.{kind}")
    (given,) = reasons(ran).values()
    assert reason in given
    assert found(ran) == {"good.c"}
    assert not os.path.exists("/tmp/duanban-evil.c")


def test_links_and_devices_in_a_tar(watched, check):
    tar(
        watched / "bad.tar",
        plain("top/good.c"),
        special("top/out", tarfile.SYMTYPE, "/etc"),
        special("top/up", tarfile.SYMTYPE, "../../.."),
        special("top/hard.c", tarfile.LNKTYPE, "/etc/passwd"),
        special("top/sda", tarfile.BLKTYPE),
        special("top/mem", tarfile.CHRTYPE),
        special("top/pipe.c", tarfile.FIFOTYPE),
        plain("top/out/passwd", b"root::0:0\n"),
    )
    ran = check("bad.tar")
    assert found(ran) == {"good.c"}
    named = {path.rpartition("/")[2] for path in reasons(ran)}
    assert {"out", "up", "hard.c", "sda", "mem", "pipe.c"} <= named
    kept = list((watched.parent / "cache").rglob("*"))
    assert not any(p.is_symlink() or p.is_fifo() or p.is_block_device() for p in kept)


def test_the_same_name_twice_keeps_the_first(watched, check):
    tar(watched / "bad.tar", plain("a.c"), plain("a.c", b"int x;\n"))
    ran = check("bad.tar")
    assert found(ran) == {"a.c"}
    assert "already there" in reasons(ran)["a.c"]


def test_an_archive_that_only_says_it_is_one(watched, check):
    (watched / "bad.zip").write_bytes(b"PK\x03\x04" + b"\xff" * 500)
    ran = check("bad.zip")
    if ran.code == 0:
        assert reasons(ran)
        assert system_of(ran)["targets"][0]["verdict"] == "unknown"
    else:
        refused(ran, "bad.zip")


def test_a_refused_archive_does_not_cost_the_next_input(watched, check):
    (watched / "bad.tar.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (watched / "good").mkdir()
    (watched / "good" / "a.c").write_bytes(TIE)
    ran = check("bad.tar.gz", "good")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert [each["name"] for each in json.loads(ran.out)["systems"]] == ["good"]


def test_names_in_an_archive_cannot_speak_to_the_terminal(watched, duanban):
    tar(watched / "bad.tar", plain("a\x1b]0;owned\x07.c"), plain("../\x1b[2Jb.c"))
    ran = duanban("check", "bad.tar", "-t", LOONG)
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert "\x07" not in ran.out + ran.err
