"""Trees made of a few lines, and a way to scan them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from duanban.scan.record import Hit
from duanban.scan.setup import make_examiner
from duanban.scan.tree import ScanOptions, TreeScan, scan_tree
from duanban.targets.loader import load_target

LOONG = "debian-sid-loong64"


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write `files` under `root` and return it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def scan(
    root: Path,
    targets: Sequence[str] = (LOONG,),
    engine: str = "",
    options: ScanOptions | None = None,
) -> TreeScan:
    """Scan `root` for `targets`."""
    examiner = make_examiner([load_target(target) for target in targets], engine)
    return scan_tree(root, examiner, options or ScanOptions(jobs=1))


def places(found: TreeScan, target: int = 0) -> list[tuple[str, str, int, bool]]:
    """Return path, rule, line and certainty of every hit for one target, in order."""
    return [
        (record.path, hit.rule, hit.line, hit.certain)
        for record in found.records
        for hit in _hits(record.hits, target)
    ]


def _hits(hits: Sequence[tuple[Hit, ...]], target: int) -> tuple[Hit, ...]:
    return hits[target] if hits else ()
