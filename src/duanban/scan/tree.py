"""A whole tree: walked once, examined on all cores, remembered for the next time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from duanban.model import Scanned, Skipped
from duanban.scan.examine import Examiner
from duanban.scan.headers import tree_headers
from duanban.scan.includes import UNIT_SUFFIXES
from duanban.scan.place import Elsewhere
from duanban.scan.read import base_directory, read_entry
from duanban.scan.record import FileRecord, Hit
from duanban.scan.resolve import Resolution
from duanban.scan.settle import TreeSurvey, settle
from duanban.scan.store import ScanStore, Stored, changed_since, now
from duanban.scan.walk import Entry, Walked, printable, walk
from duanban.scan.workers import Job, default_jobs, map_files

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class TreeScan:
    """What a scan found."""

    root: Path
    scanned: Scanned
    paths: tuple[str, ...]
    """All regular files, relative to the root."""
    entries: tuple[Entry, ...]
    """Those of them that are not for another architecture on every target."""
    survey: TreeSurvey
    """Looks through those for macros and includes."""
    records: tuple[FileRecord, ...]
    """Sorted by path; only files of which something is worth a word."""
    elsewhere: Elsewhere
    """Which of the paths are for which architecture."""
    served: Mapping[str, frozenset[int]]
    """Units for another architecture, to the indexes of the targets that have a counterpart of
    their own: read each by itself, and not at all in a tree that is too large."""
    resolution: Resolution
    """What the macros of the tree are on each target."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How to scan."""

    jobs: int = 0
    """Processes; 0 takes one per core."""
    progress: Progress = lambda *_: None
    """Told how far the scan is."""
    store: ScanStore | None = None
    """Where to find and keep results for unchanged files."""


def list_tree(root: Path, exclude: Callable[[str], bool] | None = None) -> Walked:
    """List the files of `root`, a directory or a regular file.

    Args:
        root: the tree.
        exclude: says which paths the user wants left out.

    Raises:
        OSError: the root itself cannot be read.
    """
    walked = walk(root)
    if exclude is None:
        return walked
    kept: list[Entry] = []
    left: list[Entry] = []
    for entry in walked.entries:
        (left if exclude(printable(entry.path)) else kept).append(entry)
    # Below the root by the first name: who left out what must show, but not file by file.
    counts = Counter(printable(entry.path).partition("/")[0] for entry in left)
    excluded = [
        Skipped(
            name, f"left out by the project's own settings ({n} {'file' if n == 1 else 'files'})"
        )
        for name, n in counts.items()
    ]
    return Walked(tuple(kept), (*walked.skipped, *excluded))


def scan_tree(
    root: Path,
    examiner: Examiner,
    options: ScanOptions | None = None,
    walked: Walked | None = None,
) -> TreeScan:
    """Scan `root`, a directory or a regular file, for the examiner's rules and targets.

    Args:
        root: the tree.
        examiner: looks at its files.
        options: how to scan.
        walked: the files of the tree, if they are listed already.

    Raises:
        OSError: the root itself cannot be read.
    """
    options = options or ScanOptions()
    started = now()
    walked = walked or list_tree(root)
    entries = walked.entries
    architectures = [target.architecture.name for target in examiner.catalogue.targets]
    elsewhere = Elsewhere([entry.path for entry in entries], architectures)
    excluded = elsewhere.excluded()
    nowhere = {path for path, targets in excluded.items() if len(targets) == len(architectures)}
    wanted = [entry for entry in entries if entry.path not in nowhere]
    examiner = examiner.for_tree(tree_headers([e.path for e in entries], elsewhere, architectures))
    machine = frozenset[bytes]().union(*(e.architecture_macros for e in examiner.environments))
    survey = TreeSurvey(base_directory(root), wanted, options.jobs or default_jobs(), machine)
    served: dict[str, frozenset[int]] = {}
    if not survey.is_too_large:
        served = {path: own for path, own in excluded.items() if path.endswith(UNIT_SUFFIXES)}
    alone, nowhere = nowhere & served.keys(), nowhere - served.keys()
    read = [entry for entry in entries if entry.path not in nowhere]
    found = _examine(read, partial(read_entry, base_directory(root), examiner), options, started)
    # What no target needs has no say in what the macros of the tree are.
    settled, resolution = settle(survey, [r for r in found if r.path not in alone], examiner)
    records = [
        *(record for record in found if record.path in alone),
        *(r if r.path in served else _without(r, excluded.get(r.path)) for r in settled),
    ]
    skipped = [
        *walked.skipped,
        *(Skipped(record.path, record.skipped) for record in records if record.skipped),
        *_left_out(elsewhere, nowhere),
    ]
    return TreeScan(
        root=root,
        scanned=Scanned(
            files=len(entries),
            bytes=sum(entry.size for entry in entries),
            skipped=tuple(sorted(skipped, key=lambda one: one.path)),
        ),
        paths=tuple(entry.path for entry in entries),
        entries=tuple(wanted),
        survey=survey,
        records=tuple(sorted(records, key=lambda record: record.path)),
        elsewhere=elsewhere,
        served=served,
        resolution=resolution,
    )


def _examine(
    entries: Sequence[Entry],
    read: Callable[[Entry], FileRecord | None],
    options: ScanOptions,
    started: int,
) -> list[FileRecord]:
    """Return a record of every entry worth one, from the store where it has not changed."""
    store = options.store
    stored = store.load() if store is not None else None
    changed = list(entries) if stored is None else changed_since(stored, entries)
    records = [] if stored is None else _unchanged(stored, entries, changed)
    done = 0
    for count, found in map_files(Job(changed, read), options.jobs or default_jobs()):
        records.extend(found)
        done += count
        options.progress("scanning", done, len(changed))
    if store is not None and (stored is None or changed):
        store.save(entries, records, started)
    return records


def _unchanged(
    stored: Stored, entries: Sequence[Entry], changed: Sequence[Entry]
) -> list[FileRecord]:
    """Return the stored records of the entries that have not changed."""
    same = {printable(e.path) for e in entries} - {printable(e.path) for e in changed}
    return [record for record in stored.records if record.path in same]


def _without(record: FileRecord, targets: frozenset[int] | None) -> FileRecord:
    """Return `record` without the hits for `targets`, which have a counterpart of the file."""
    if not targets or not record.hits:
        return record
    nothing: tuple[Hit, ...] = ()
    hits = tuple(nothing if i in targets else found for i, found in enumerate(record.hits))
    return msgspec.structs.replace(record, hits=hits)


def _left_out(elsewhere: Elsewhere, excluded: Iterable[str]) -> list[Skipped]:
    """Return one line per directory of files that every target has a counterpart of."""
    counts = Counter(elsewhere.place(path) for path in excluded)
    return [
        Skipped(
            printable(place),
            "for another architecture; the targets have their own "
            f"({n} {'file' if n == 1 else 'files'})",
        )
        for place, n in counts.items()
    ]
