"""Paths, the cache and the errors that a user sees."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from archive_sample import listing, tar_of

import duanban.locate.local as local
from duanban.locate import cache_directory, open_locator
from duanban.locate.cache import Blob, Cache, Entry
from duanban.locate.local import name_and_version
from duanban.locate.unpack import Unpacked
from duanban.model.errors import ConfigError, LocatorError, UnpackError


def test_a_directory_and_a_plain_file_are_themselves(tmp_path, cache):
    (tmp_path / "p-1.2").mkdir()
    (tmp_path / "p-1.2" / "a.c").write_text("int a;")
    with open_locator(str(tmp_path / "p-1.2"), cache=cache) as located:
        assert located.root == tmp_path / "p-1.2"
        assert (located.name, located.version, located.fetched) == ("p", "1.2", "")
    with open_locator(str(tmp_path / "p-1.2/a.c"), cache=cache) as located:
        assert located.root == tmp_path / "p-1.2/a.c"


def test_a_relative_path_needs_no_prefix(tmp_path, cache, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    with open_locator("src", cache=cache) as located:
        assert located.root == tmp_path / "src"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "empty"),
        ("a\0b", "empty"),
        ("nothing-here", "no such file or directory; for a package put one of pypi:"),
        ("./nothing-here", "no such file or directory"),
        ("numpy==2.0", "write pypi:numpy==2.0"),
        ("https://example.org/x.git", r"write git\+https://example.org/x.git"),
        ("maven:a:b", "unknown kind of locator maven:"),
        ("pypi:numpy=2", "write ==2"),
        ("pypi:numpy@2.0", "write pypi:numpy==2.0"),
        ("pypi:-rf", "write pypi:NAME"),
        ("pypi:a==1 --index-url=x", "write pypi:NAME"),
        ("npm:--registry=x", "write npm:NAME"),
        ("npm:../x", "write npm:NAME"),
        ("npm:x@file:/etc", "write npm:NAME"),
        ("npm:@a/b/c", "write npm:NAME"),
        ("deb:-o=x", "write deb:SOURCE"),
        ("deb:Upper", "write deb:SOURCE"),
        ("deb:x=1 y", "write deb:SOURCE"),
        ("git+ext::sh -c id", "begins with one of"),
        ("git+http://x/y", "begins with one of"),
        ("git+file:///x@--upload-pack=id", "not a branch"),
        ("git+file:///x@a..b", "not a branch"),
        ("git+ssh://-oProxyCommand=id/x", "without"),
    ],
)
def test_a_wrong_locator_is_one_line_with_a_hint(text, hint, cache):
    with pytest.raises(LocatorError, match=hint) as caught, open_locator(text, cache=cache):
        pass
    assert "\n" not in str(caught.value)


def test_what_is_neither_file_nor_directory_is_not_opened(tmp_path, cache):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "pipe", tmp_path / "loop", Path("/dev/zero")):
        with pytest.raises(LocatorError), open_locator(str(path), cache=cache):
            pass


def test_a_damaged_file_is_named(write, cache):
    path = write("bad.gz", b"\x1f\x8b\x08" + b"\xff" * 50)
    with pytest.raises(UnpackError, match=r"^bad\.gz: "), open_locator(str(path), cache=cache):
        pass


def test_an_archive_is_unpacked_once(write, cache, monkeypatch):
    path = write("p-1.tar", tar_of(("p-1/a.c", b"int a;"), ("../x", b"")))
    with open_locator(str(path), cache=cache) as first:
        pass
    monkeypatch.setattr(local, "unpack", None)  # a second call would fail
    with open_locator(str(path), cache=cache) as second:
        assert second == first
        assert listing(second.root) == {"a.c": b"int a;"}
    assert (first.name, first.version) == ("p", "1")
    assert [skipped.path for skipped in first.skipped] == ["../x"]


def test_a_refused_archive_leaves_nothing_behind(write, cache):
    path = write("z.zip", b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(UnpackError), open_locator(str(path), cache=cache):
        pass
    assert [p for p in (cache / "trees" / "1").iterdir() if p.is_dir()] == []


def test_a_cache_that_cannot_be_written_is_replaced_for_the_run(write, tmp_path):
    (tmp_path / "file").write_text("")
    path = write("p.tar", tar_of(("a.c", b"int a;")))
    with open_locator(str(path), cache=tmp_path / "file" / "cache") as located:
        root = located.root
        assert listing(root) == {"a.c": b"int a;"}
    assert not root.exists()


def make(size: int):
    def write(destination: Path) -> Unpacked:
        (destination / "f").write_bytes(b"x" * size)
        return Unpacked("", (), 1, size)

    return write


def test_the_least_recently_used_trees_go_first(cache):
    store = Cache(cache, trees_size=250)
    for age, key in ((300, "old"), (200, "older-but-used"), (100, "new")):
        with store.tree(key, make(100)) as tree:
            pass
        os.utime(tree.root.parent, (time.time() - age,) * 2)
    with store.tree("older-but-used", make(0)):
        pass
    with store.tree("fourth", make(100)):
        pass
    left = {path.name for path in (cache / "trees" / "1").iterdir() if path.is_dir()}
    assert left == {"older-but-used", "new", "fourth"}


def test_a_tree_in_use_is_not_pruned(cache):
    store = Cache(cache)
    with store.tree("used", make(100)) as tree:
        assert Cache(cache).prune(0) == 0
        assert (tree.root / "f").is_file()
    assert store.prune(0) == 100
    assert not tree.root.exists()


def test_a_tree_that_a_dead_run_left_is_removed(cache):
    stale = cache / "trees" / "1" / ".unfinished-x"
    stale.mkdir(parents=True)
    Cache(cache).prune()
    assert stale.exists()  # it may belong to another run
    os.utime(stale, (0, 0))
    Cache(cache).prune()
    assert not stale.exists()


def test_an_entry_counts_only_while_its_files_are_there(cache, write):
    store = Cache(cache)
    blob = store.add_blob(write("f", b"data"))
    assert blob == Blob("f", "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7")
    entry = Entry("pypi:x", "2026-01-01T00:00:00Z", (blob,), facts={"name": "x"})
    store.add_entry(entry)
    assert store.entry("pypi:x") == entry
    store.blob(blob.sha256).unlink()
    assert store.entry("pypi:x") is None


def test_a_broken_index_file_is_as_good_as_none(cache):
    store = Cache(cache)
    store.add_entry(Entry("pypi:x", ""))
    for text in ("", "[]", "null", '{"blobs": [1]}', '{"blobs": [], "surprise": 1}'):
        next((cache / "index").iterdir()).write_text(text)
        assert store.entry("pypi:x") is None


def test_where_the_cache_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DUANBAN_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_directory() == tmp_path / ".cache/duanban"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert cache_directory() == tmp_path / ".cache/duanban"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg/duanban"
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own"


def test_a_cache_size_that_is_no_number_is_said(monkeypatch, cache):
    monkeypatch.setenv("DUANBAN_CACHE_SIZE", "many")
    with pytest.raises(ConfigError, match="DUANBAN_CACHE_SIZE"), open_locator(".", cache=cache):
        pass


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("numpy-2.4.6.tar.gz", ("numpy", "2.4.6")),
        ("zlib_1.3.dfsg.orig.tar.xz", ("zlib", "1.3.dfsg")),
        ("left-pad-1.3.0.tgz", ("left-pad", "1.3.0")),
        ("numpy-2.4.6-cp312-cp312-manylinux_2_28_aarch64.whl", ("numpy", "2.4.6")),
        ("zlib1g_1.2.13-1_amd64.deb", ("zlib1g", "1.2.13")),
        ("tokio-1.40.0.crate", ("tokio", "1.40.0")),
        ("linux", ("linux", "")),
        (".zip", (".zip", "")),
    ],
)
def test_names_and_versions_in_file_names(file_name, expected):
    assert name_and_version(file_name) == expected
