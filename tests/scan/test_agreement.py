"""Whatever the engine, the number of processes or the state of the store: one and the same result.

The inputs are the bundled real projects and trees whose macros hang together across files.
"""

from __future__ import annotations

import os
import shutil
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import LOONG, places, plant, scan

from duanban.scan import tree as tree_module
from duanban.scan import workers
from duanban.scan.store import ScanStore
from duanban.scan.tree import ScanOptions, TreeScan

ESTATE = Path(__file__).parents[2] / "examples" / "estate"

THREE = (LOONG, "debian-sid-arm64", "debian-sid-riscv64")

SWITCHED = {
    "config.h": "#if defined(__x86_64__)\n#define USE_SSE 1\n#endif\n",
    "sum.c": '#include "config.h"\n#ifdef USE_SSE\n#include <emmintrin.h>\n#endif\n',
    "plain.c": "#include <immintrin.h>\n__m128i zero(void) { return _mm_setzero_si128(); }\n",
    "copy.S": "copy:\n    movq %rdx, %rcx\n    rep movsb\n    ret\n",
    "docs/notes.md": "Call _mm_add_epi8( for speed.\n",
}


def _summary(found: TreeScan) -> object:
    return found.records, found.scanned, found.paths


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    shutil.copytree(ESTATE, root / "estate")
    return plant(root, SWITCHED)


@pytest.mark.parametrize("engine", ["hyperscan", "re2", "re"])
def test_engines_agree(sample: Path, engine: str) -> None:
    if engine != "re" and find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")
    assert places(scan(sample, engine="re")), "a sample without hits proves nothing"
    assert _summary(scan(sample, THREE, engine=engine)) == _summary(scan(sample, THREE, "re"))


def test_processes_agree(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = scan(sample, options=ScanOptions(jobs=1))
    monkeypatch.setattr(workers, "WORTH_FORKING", 0)
    monkeypatch.setattr(workers, "BATCH_FILES", 2)
    assert _summary(scan(sample, options=ScanOptions(jobs=2))) == _summary(alone)


def test_three_targets_at_once_are_three_single_runs(sample: Path) -> None:
    together = scan(sample, THREE)
    for index, target in enumerate(THREE):
        assert places(together, index) == places(scan(sample, (target,)))


def test_progress_counts_every_file_once(sample: Path) -> None:
    told: list[tuple[str, int, int]] = []
    found = scan(sample, options=ScanOptions(jobs=1, progress=lambda *seen: told.append(seen)))
    assert told[-1] == ("scanning", len(found.entries), len(found.entries))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


NAMES = st.sampled_from(["config.h", "sum.c", "plain.c", "copy.S", "new.c", "sub/other.c"])
CONTENTS = st.sampled_from(
    [
        *SWITCHED.values(),
        "",
        "int nothing;\n",
        "#define USE_SSE 1\n",
        "#undef USE_SSE\n",
        '#include "config.h"\n#ifndef USE_SSE\n#include <xmmintrin.h>\n#endif\n',
        "\0binary",
    ]
)
EDITS = st.lists(st.tuples(NAMES, st.none() | CONTENTS), max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=st.lists(EDITS, min_size=1, max_size=3))
def test_the_store_never_shows(rounds: list[list[tuple[str, str | None]]]) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        root = Path(name)
        plant(root / "tree", SWITCHED)
        store = ScanStore(root / "store", "key")
        # The clock runs far ahead, so that files written just now count as settled.
        clock = time.time_ns() + 10_000_000_000
        patch.setattr(tree_module, "now", lambda: clock)
        scan(root / "tree", options=ScanOptions(jobs=1, store=store))
        for edits in rounds:
            for path, content in edits:
                _edit(root / "tree" / path, content)
            warm = scan(root / "tree", options=ScanOptions(jobs=1, store=store))
            assert _summary(warm) == _summary(scan(root / "tree"))


def test_an_unchanged_file_is_not_read_again(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ScanStore(tmp_path, "key")
    clock = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(tree_module, "now", lambda: clock)
    first = scan(sample, options=ScanOptions(jobs=1, store=store))
    read: list[str] = []
    monkeypatch.setattr(
        tree_module, "read_entry", lambda _base, _ex, entry: read.append(entry.path)
    )
    again = scan(sample, options=ScanOptions(jobs=1, store=store))
    assert read == []
    assert _summary(again) == _summary(first)


def _edit(path: Path, content: str | None) -> None:
    """Write or delete a file; a second write within a tick of the clock must count as well."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    if path.stat().st_mtime_ns == before:
        os.utime(path, ns=(before + 1, before + 1))
