"""An unchanged tree is only listed again; a changed one is looked at anew."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from duanban.check.core import CheckOptions, NotChecked, check
from duanban.check.evidence import Evidence, EvidenceStore, fingerprint
from duanban.check.gather import Gatherer
from duanban.model import Scanned, SystemReport
from duanban.scan.tree import list_tree
from duanban.scan.walk import Entry, Walked
from duanban.targets.loader import load_target

TIE = "#include <immintrin.h>\nint f(void) { return _mm_cvtsi128_si32(_mm_setzero_si128()); }\n"
TODAY = date(2026, 11, 24)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "tree"
    root.mkdir()
    _write_long_ago(root / "a.c", TIE)
    _write_long_ago(root / "b.c", "int g(void) { return 0; }\n")
    return root


def _write_long_ago(path: Path, text: str) -> None:
    """Write a file whose change time the stores take for old enough to be trusted."""
    path.write_text(text)
    os.utime(path, ns=(1, 1))


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of the checks be ten seconds ahead, as if the files were ten seconds old."""
    ahead = time.time_ns() + 10_000_000_000
    monkeypatch.setattr("duanban.check.gather.now", lambda: ahead)
    monkeypatch.setattr("duanban.scan.tree.now", lambda: ahead)


def _check(root: Path) -> SystemReport:
    targets = [load_target("debian-sid-loong64")]
    (system,) = check([str(root)], targets, CheckOptions(jobs=1), TODAY)
    assert not isinstance(system, NotChecked)
    return system


@pytest.mark.usefixtures("late")
def test_unchanged_tree_is_not_scanned_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _check(tree)
    assert {finding.path for finding in first.targets[0].findings} == {"a.c"}

    def no_scan(*_: object) -> None:
        pytest.fail("the tree was scanned again")

    monkeypatch.setattr(Gatherer, "_evidence", no_scan)
    assert _check(tree) == first


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_changed_tree_is_seen(tree: Path, change: str) -> None:
    _check(tree)
    if change == "edit":
        (tree / "b.c").write_text(TIE)
        expected = {"a.c", "b.c"}
    elif change == "add":
        (tree / "c.c").write_text(TIE)
        expected = {"a.c", "c.c"}
    elif change == "remove":
        (tree / "a.c").unlink()
        expected = set()
    else:
        (tree / "a.c").rename(tree / "z.c")
        expected = {"z.c"}
    assert {finding.path for finding in _check(tree).targets[0].findings} == expected


def test_evidence_of_fresh_files_is_not_kept(tree: Path, tmp_path: Path) -> None:
    (tree / "b.c").write_text("int h(void) { return 1; }\n")
    _check(tree)
    assert not list((tmp_path / "cache").rglob("*.evidence"))


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("damage", [b"", b"x" * 200, None])
def test_damaged_evidence_is_made_anew(tree: Path, tmp_path: Path, damage: bytes | None) -> None:
    first = _check(tree)
    (kept,) = (tmp_path / "cache").rglob("*.evidence")
    kept.write_bytes(kept.read_bytes()[:-3] if damage is None else damage)
    assert _check(tree) == first


def test_no_cache_keeps_nothing(tree: Path, tmp_path: Path) -> None:
    list(check([str(tree)], [load_target("debian-sid-loong64")], CheckOptions(cache=False), TODAY))
    assert not list((tmp_path / "cache").rglob("*.evidence"))


def test_fingerprint_tells_trees_apart() -> None:
    def of(*entries: tuple[str, int, int]) -> bytes:
        return fingerprint(Walked(tuple(Entry(*entry) for entry in entries), ()))

    trees = [
        of(),
        of(("a", 1, 1)),
        of(("a", 1, 2)),
        of(("a", 2, 1)),
        of(("b", 1, 1)),
        of(("a", 1, 1), ("b", 1, 1)),
        of(("a\udcff", 1, 1)),
    ]
    assert len(set(trees)) == len(trees)


def test_store_without_a_place_to_write_is_no_error(tree: Path) -> None:
    store = EvidenceStore(tree / "a.c", "key")
    walked = list_tree(tree)
    store.save(walked, Evidence(Scanned(), (), (), ()), time.time_ns() + 10_000_000_000)
    assert store.load(walked) is None


def test_what_evidence_is_kept_under_does_not_hang_on_the_order_of_sets():
    program = (
        "from pathlib import Path; from duanban.check.config import Config;"
        "from duanban.check.gather import Gatherer; from duanban.targets.loader import load_target;"
        "gatherer = Gatherer((load_target('debian-sid-loong64'),), 1, True, print);"
        "print(gatherer._key(Path('tree'), Config()))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(keys) == 1
