"""Packages with a form of their own: .deb, .gem, .dsc, and single compressed files."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import tarfile

import pytest
import zstandard
from archive_sample import listing, member, tar_of

from duanban.locate import open_locator
from duanban.locate.unpack import recognise, unpack
from duanban.model.errors import LocatorError, UnpackError


def ar_of(*members: tuple[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data
        out += b"\n" * (len(data) % 2)
    return out


CONTROL = tar_of(("./control", b"Package: p\n"), ("./md5sums", b""))
DATA = tar_of(("./usr/bin/p", b"\x7fELF"), member("./usr/lib/l", tarfile.SYMTYPE, "/etc"))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress, lambda d: d])
def test_a_debian_package(pack, write, destination):
    path = write("p.deb", ar_of(
        ("debian-binary", b"2.0\n"), ("control.tar.x", pack(CONTROL)), ("data.tar.x/", pack(DATA))
    ))  # fmt: skip
    assert recognise(path) == "deb"
    result = unpack(path, destination)
    assert result.top == ""
    assert listing(destination) == {
        "DEBIAN": None, "DEBIAN/control": b"Package: p\n", "DEBIAN/md5sums": b"",
        "usr": None, "usr/bin": None, "usr/bin/p": b"\x7fELF",
    }  # fmt: skip
    assert [skipped.path for skipped in result.skipped] == ["usr/lib/l"]


def test_a_debian_package_that_is_cut_off(write, destination):
    path = write("p.deb", ar_of(("debian-binary", b"2.0\n"), ("control.tar", CONTROL)))
    result = unpack(path, destination)
    assert (destination / "DEBIAN/control").is_file()
    assert "missing" in {skipped.path: skipped.reason for skipped in result.skipped}["data.tar"]


def test_a_gem(write, destination):
    data, metadata = gzip.compress(tar_of(("ext/a.c", b"int a;"))), gzip.compress(b"name: g\n")
    path = write("g.gem", tar_of(("metadata.gz", metadata), ("data.tar.gz", data)))
    assert recognise(path) == "gem"
    assert unpack(path, destination).top == ""
    assert listing(destination) == {"ext": None, "ext/a.c": b"int a;", "metadata": b"name: g\n"}


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
def test_one_compressed_file(pack, write, destination):
    path = write("dump.sql.gz", pack(b"SELECT 1;\n" * 99))
    assert recognise(path) == "compressed"
    assert unpack(path, destination).top == ""
    assert listing(destination) == {"dump.sql": b"SELECT 1;\n" * 99}


def test_one_compressed_file_that_is_cut_off_keeps_its_beginning(write, destination):
    whole = gzip.compress(bytes(range(256)) * 9000, compresslevel=0)
    result = unpack(write("a.gz", whole[:1_000_000]), destination)
    assert 0 < len((destination / "a").read_bytes()) < 1_000_000
    assert "damaged" in result.skipped[0].reason


@pytest.fixture
def source_package(tmp_path):
    """A 3.0 (quilt) package with a component, a patch and an upstream debian/ directory."""
    files = {
        "p_1.orig.tar.gz": gzip.compress(tar_of(("p-1/a.c", b"upstream"), ("p-1/debian/old", b""))),
        "p_1.orig-extra.tar.gz": gzip.compress(tar_of(("x-2/e.c", b"extra"))),
        "p_1-1.debian.tar.xz": lzma.compress(
            tar_of(
                ("debian/control", b"Source: p\n"),
                ("debian/patches/series", b"fix\n"),
                ("../evil", b"evil"),
                ("a.c", b"not in debian/"),
            )
        ),
    }
    lines = "".join(f" {hashlib.sha256(d).hexdigest()} {len(d)} {n}\n" for n, d in files.items())
    text = f"Format: 3.0 (quilt)\nSource: p\nVersion: 2:1-1\nChecksums-Sha256:\n{lines}"
    (tmp_path / "d").mkdir()
    for name, data in files.items():
        (tmp_path / "d" / name).write_bytes(data)
    dsc = tmp_path / "d" / "p_1-1.dsc"
    dsc.write_text(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{text}\n")
    return dsc


def test_a_source_package_has_debian_laid_over_it(source_package, cache):
    with open_locator(str(source_package), cache=cache) as located:
        assert (located.name, located.version) == ("p", "2:1-1")
        assert listing(located.root) == {
            "a.c": b"upstream", "extra": None, "extra/e.c": b"extra", "debian": None,
            "debian/control": b"Source: p\n", "debian/patches": None,
            "debian/patches/series": b"fix\n",
        }  # fmt: skip
        notes = {skipped.path: skipped.reason for skipped in located.skipped}
    assert "not applied" in notes["debian/patches"]


def test_a_source_package_with_a_changed_tarball_is_refused(source_package, cache):
    (source_package.parent / "p_1.orig.tar.gz").write_bytes(gzip.compress(tar_of(("x", b""))))
    with (
        pytest.raises(UnpackError, match=r"p_1\.orig\.tar\.gz: not the file"),
        open_locator(str(source_package), cache=cache),
    ):
        pass


def test_a_source_package_with_a_missing_tarball_says_which(source_package, cache):
    (source_package.parent / "p_1.orig.tar.gz").unlink()
    with (
        pytest.raises(LocatorError, match=r"names p_1\.orig\.tar\.gz, which must lie beside"),
        open_locator(str(source_package), cache=cache),
    ):
        pass
