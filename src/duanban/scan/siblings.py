"""Directories and files that a tree has for several machines, and not for the target.

`src/x86_64/` beside `src/aarch64/`, `setjmp_arm.S` beside `setjmp_mips.S`: whoever made a row of
them means to have one for each machine, and the next machine's must be written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from duanban.scan.build.names import is_for_other_system, is_generated, mentions
from duanban.scan.place import place_names

MIN_FAMILIES = 2
_ASIDE = re.compile(r"(?:^|/)(?:docs?|examples?|samples?|contrib|packaging|debian|\.\w[^/]*)/")
_CODE = re.compile(r"\.(?:c|cc|cpp|cxx|h|hh|hpp|S|s|asm|inc|go|rs|ml|hs|java|py|scm|lisp|txt|mk)$")


_NEEDED = re.compile(r"(?:^|/)(?:arch|arches|machdep|sysdeps)/\*")
_ASSEMBLER = (".S", ".s", ".asm")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(slots=True)
class Row:
    """What stands at one place for several machines."""

    place: str
    """Path of the row with `*` for the machine's name."""
    files: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By what related machines are called together."""
    serves: set[str] = field(default_factory=set)
    """Architectures of ours that it has something for."""
    names_machine: bool = False
    """Some of it is named after a machine; else all is named after extensions (`sum_neon.c`)."""
    alike: list[Row] = field(default_factory=list)
    """Further rows of the same directory."""


def rows(paths: Sequence[str]) -> list[Row]:
    """Return the rows of a tree that name several machines, by place.

    A row with something for all others (`src/generic/` beside `src/x86/`) is none.

    Args:
        paths: of its files.
    """
    found: dict[str, Row] = {}
    names = place_names()
    for path in _naming(paths, names.pattern):
        match = names.pattern.search(path)
        if match is None or not _CODE.search(path):
            continue
        word = match.group(1).lower()
        named = next(mentions(word.encode()), None)
        if named is None and word in names.extensions:
            family, serves = _family(word), names.architectures[word]
        elif named is None or named.machine.is_ambiguous:
            continue
        else:
            family, serves = named.machine.family, named.machine.serves
        end = path.find("/", match.end())
        end = end if end >= 0 else len(path)
        place = f"{path[: match.start()]}*{path[match.end() : end]}"
        row = found.setdefault(place.lower(), Row(place))
        row.files[family].append(path)
        row.serves |= serves
        row.names_machine |= named is not None
    several = [found[place] for place in sorted(found) if _counts(found[place])]
    if not several:
        return []
    lower = {path.lower() for path in paths}
    directories = {d for path in lower for d in _parents(path)}
    known = lower | directories
    return [row for row in several if known.isdisjoint(_generic(row.place))]


def _naming(paths: Iterable[str], pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the paths in which `pattern` occurs; each directory is searched once."""
    directories: dict[str, bool] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        names = directories.get(directory)
        if names is None:
            names = directories[directory] = pattern.search(directory) is not None
        if names or pattern.search(name):
            yield path


def _counts(row: Row) -> bool:
    if len(row.files) < MIN_FAMILIES or _ASIDE.search(row.place):
        return False
    return not (is_generated(row.place, b"") or is_for_other_system(row.place))


def lacking(every: Iterable[Row], architecture: str) -> list[Row]:
    """Return the rows of `every` that do not have `architecture`, one per directory."""
    found: dict[str, list[Row]] = {}
    for row in every:
        if architecture not in row.serves:
            directory = row.place[: row.place.index("*")].rpartition("/")[0]
            found.setdefault(directory, []).append(row)
    best = []
    for directory in sorted(found):
        first = max(found[directory], key=lambda row: len(row.files))
        alike = [row for row in found[directory] if row is not first]
        best.append(replace(first, alike=alike))
    return best


def _family(extension: str) -> str:
    """Return what the machines that have a vector or other extension are called together."""
    for architecture in place_names().architectures[extension]:
        for named in mentions(architecture.encode()):
            return named.machine.family
    return extension


def size_of(row: Row, sizes: Mapping[str, int]) -> int:
    """Return how many bytes a machine's part of a row has: the median over machines.

    Args:
        row: the row; those beside it count with it.
        sizes: bytes of each file.
    """
    totals = sorted(sum(sizes.get(path, 0) for path in files) for files in row.files.values())
    return totals[(len(totals) - 1) // 2] + sum(size_of(one, sizes) for one in row.alike)


def is_needed(row: Row) -> bool:
    """Return whether a row stands where projects keep what each machine needs: `arch/*`."""
    return _NEEDED.search(row.place) is not None


def is_optional(row: Row) -> bool:
    """Return whether a row holds faster versions only: mostly assembler, or vector extensions."""
    extensions = place_names().extensions
    every = (row, *row.alike)
    paths = [path for one in every for files in one.files.values() for path in files]
    if 2 * sum(path.endswith(_ASSEMBLER) for path in paths) > len(paths):
        return True
    return any(word.lower() in extensions for path in paths for word in _WORD.findall(path))


def _generic(place: str) -> Iterable[str]:
    before, _, after = place.lower().partition("*")
    yield from (f"{before}{name}{after}" for name in place_names().generic)
    yield before.rstrip("_-.") + after


def _parents(path: str) -> Iterable[str]:
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
