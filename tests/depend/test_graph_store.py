"""A stored universe is the one that reading the index gives."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.depend import store
from duanban.depend.check import check_indexes
from duanban.depend.universe import Universe

NAMES = st.sampled_from(["a", "b", "c", "d"])
RELATIONS = st.lists(
    st.sampled_from(["a", "b (>= 2)", "v", "v (= 1) | c", "gone", "d:any"]), max_size=3
).map(", ".join)


@st.composite
def stanzas(draw: st.DrawFn) -> str:
    text = f"Package: {draw(NAMES)}\nVersion: {draw(st.integers(1, 3))}\n"
    text += f"Architecture: {draw(st.sampled_from(['loong64', 'all', 'amd64']))}\n"
    for name in ("Depends", "Pre-Depends", "Conflicts", "Provides"):
        value = draw(RELATIONS)
        if value:
            text += f"{name}: {value}\n"
    if draw(st.booleans()):
        text += draw(st.sampled_from(["Multi-Arch: allowed\n", "Essential: yes\n", "Source: x\n"]))
    return text


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "graphs"


def index_file(directory: Path, text: str) -> Path:
    path = directory / "Packages"
    path.write_text(text)
    return path


def contents(universe: Universe) -> list[object]:
    return [getattr(universe, one.name) for one in fields(universe)]


@settings(max_examples=60)
@given(st.lists(stanzas(), min_size=1, max_size=8))
def test_what_was_stored_is_what_was_read(tmp_path_factory, many):
    directory = tmp_path_factory.mktemp("graph")
    always = "\nPackage: z\nVersion: 1\nArchitecture: loong64\n"
    path = index_file(directory, "\n".join(many) + always)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUANBAN_CACHE", str(directory / "cache"))
        first, second = store.load(path, b"loong64"), store.load(path, b"loong64")
    assert len(list((directory / "cache" / "graphs").iterdir())) == 1
    assert contents(first.universe) == contents(second.universe)
    for name in (b"a", b"b", b"z"):
        assert list(first.named(name)) == list(second.named(name))
    assert first.clause(b"v | a (<< 2)") == second.clause(b"v | a (<< 2)")
    assert first.universe.providers == second.universe.providers


ONE = "Package: a\nVersion: 1\nArchitecture: loong64\nDepends: gone\n"


def test_a_changed_index_is_read_anew(tmp_path: Path, cache: Path) -> None:
    path = index_file(tmp_path, ONE)
    before = os.stat(path)
    assert len(check_indexes(path, None, "loong64").broken) == 1
    index_file(tmp_path, ONE.replace("gone", "a   "))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # same size and date
    assert check_indexes(path, None, "loong64").broken == ()
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("rubbish", [b"", b"\x93\x01\x02\x03", b"\xc1" * 99])
def test_a_damaged_store_is_made_again(tmp_path: Path, cache: Path, rubbish: bytes) -> None:
    path = index_file(tmp_path, ONE)
    fresh = check_indexes(path, None, "loong64")
    (stored,) = cache.iterdir()
    whole = stored.read_bytes()
    for content in (rubbish, whole[:-3]):
        stored.write_bytes(content)
        assert check_indexes(path, None, "loong64") == fresh
        assert stored.read_bytes() == whole


def test_only_the_last_ones_are_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT", 2)
    for version in range(4):
        store.load(index_file(tmp_path, ONE.replace("1", str(version))), b"loong64")
    assert len(list(cache.iterdir())) == 2


def test_without_a_place_to_keep_it_everything_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "file"))
    path = index_file(tmp_path, ONE)
    assert check_indexes(path, None, "loong64") == check_indexes(path, None, "loong64")
