"""The truth that tools are scored against, read from the benchmark's CSV files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from judgements import DEBIAN
from patches import Hunk, locate, read_lines, read_patch
from places import Place, is_aside
from sample import read_rows

CORRECTIONS = Path(__file__).with_name("label_corrections.csv")


@dataclass(frozen=True, slots=True)
class FileTruth:
    """The compiler's word on one file for one machine."""

    package: str
    path: str
    machine: str
    fails: bool
    cause: str
    error: str
    note: str


@dataclass(frozen=True, slots=True)
class PackageTruth:
    """What is known of a package for one machine."""

    package: str
    machine: str
    label: str
    """nonportable-code, nonportable-hw, portable, portable-hard or portable-here."""


@dataclass(frozen=True, slots=True)
class PatchSize:
    """How much porters changed in a package for one machine."""

    package: str
    machine: str
    lines: int


def read_files(path: Path) -> list[FileTruth]:
    """Return the rows of a compile truth file."""
    return [
        FileTruth(
            row["package"],
            row["path"],
            row["target"],
            row["label"] == "1",
            row["cause"],
            row["error_first_line"],
            row["compile_flags_note"],
        )
        for row in read_rows(path)
        if row["label"] in ("0", "1")
    ]


def read_packages(path: Path, corrected: bool = True) -> list[PackageTruth]:
    """Return the labels of packages, with ours where reading the source showed another."""
    found = [
        PackageTruth(row["package"], DEBIAN.get(row["target"], row["target"]), row["label"])
        for row in read_rows(path)
    ]
    if not corrected:
        return found
    better = {
        (row["package"], row["label"], machine): row["corrected"]
        for row in read_rows(CORRECTIONS)
        for machine in _machines(row["targets"])
    }
    return [
        replace(one, label=better.get((one.package, one.label, one.machine), one.label))
        for one in found
    ]


def _machines(arch: str) -> list[str]:
    """Return the machines that a patch is for; one for `multi` is for all."""
    return [DEBIAN[part] for part in arch.split("+") if part in DEBIAN] or list(DEBIAN.values())


def read_places(path: Path, work: Path) -> tuple[list[Place], list[PatchSize], list[str]]:
    """Return the places that patches change, their sizes, and notes of what could not be used.

    A place is taken from the patch itself, looked up in the tree that is judged; where the patch
    is not at hand, from the CSV if that has located it and the file is long enough for it. Tests
    and documentation are left out of both. New files have a size and no place.
    """
    rows = [row for row in read_rows(path) if not is_aside(row["file"])]
    keys = sorted({(row["package"], row["patch"], row["arch"]) for row in rows})
    found: dict[Place, None] = {}
    sizes: dict[tuple[str, str], int] = {}
    notes = []
    for package, patch, arch in keys:
        tree = work / "trees" / package
        if not tree.is_dir():
            notes.append(f"{package} {patch}: no tree")
            continue
        mine = [row for row in rows if row["package"] == package and row["patch"] == patch]
        hunks = [
            one for one in read_patch(work / "patches" / package, patch) if not is_aside(one.path)
        ]
        spans = _of_hunks(tree, hunks) if hunks else _of_rows(tree, mine)
        size = sum(hunk.changed for hunk in hunks) if hunks else sum(map(_length, mine))
        source = "patch" if hunks else "CSV"
        notes.append(f"{package} {patch}: {len(spans)} places, {size} lines, by the {source}")
        found |= {Place(package, arch, *span): None for span in spans}
        for machine in _machines(arch):
            sizes[package, machine] = sizes.get((package, machine), 0) + size
    patch_sizes = [PatchSize(*key, lines) for key, lines in sorted(sizes.items()) if lines]
    return list(found), patch_sizes, notes


def _of_hunks(tree: Path, hunks: Iterable[Hunk]) -> list[tuple[str, int, int]]:
    """Return path and span of what hunks change that are found in the tree."""
    found = []
    for hunk in hunks:
        start = locate(hunk, read_lines(tree / hunk.path))
        if start is not None:
            found += [(hunk.path, *span) for span in hunk.spans(start)]
    return found


def _of_rows(tree: Path, rows: Iterable[dict[str, str]]) -> list[tuple[str, int, int]]:
    """Return path and span of rows that were located in a source and fit the tree's file."""
    found = []
    for row in rows:
        start, end = int(row["start_line"]), int(row["end_line"])
        if row["status"] == "ok" and end <= len(read_lines(tree / row["file"])):
            found.append((row["file"], start, end))
    return found


def _length(row: dict[str, str]) -> int:
    return int(row["end_line"]) - int(row["start_line"]) + 1
