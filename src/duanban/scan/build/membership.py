"""Which sources a tree's build files take in on a target, and which only under a condition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from os.path import normpath

from duanban.model import Truth
from duanban.scan.build.chains import BUILD_SYNTAXES
from duanban.scan.build.entered import Entrances
from duanban.scan.build.listed import gates, listed, words
from duanban.scan.build.names import is_copied, is_for_other_system
from duanban.scan.build.options import OPTIONS_OF, Options
from duanban.scan.build.source import BuildSource
from duanban.scan.languages import language_of
from duanban.scan.readers import read_source

SOURCES = ("c", "cc", "cpp", "cxx", "m", "mm", "cu", "S", "s", "asm")
"""Suffixes of what is compiled or assembled."""

_LISTING = frozenset(BUILD_SYNTAXES) - {"shell", "autoconf"}
_PATTERN = re.compile(
    rb"\$\(wildcard\b|\bGLOB\b|\bGLOB_RECURSE\b|aux_source_directory|\*\.(?:c|cc|cpp|cxx|o)\b"
)
"""What takes in sources without naming them."""
_ASSEMBLER = (".asm", ".S", ".s")
_RECIPE = re.compile(rb"^\t[^\n]*", re.MULTILINE)
_ASSEMBLER_PATTERN = re.compile(rb"(?:(?<![\w$.-])(\w[\w.-]*)/)?\*\.(?:asm|S|s)\b")
"""What takes in assembler files without naming them, and of which directory if that is told."""
HEAD = 8192
MIN_LISTED = 4
"""Sources of a directory that must be listed for the others to be left out."""


class BuildFiles:
    """The build files of a tree: read once, judged for each machine.

    Args:
        paths: all files of the tree.
        read: gives the bytes of a file of the tree.
    """

    def __init__(self, paths: Sequence[str], read: Callable[[str], bytes | None]) -> None:
        self._paths = paths
        self._read = cache(read)
        self._entrances = Entrances(paths, self._read)
        self._gates_of: dict[str, Mapping[str, Truth]] = {}

    def membership(self, sources: Iterable[str], machine: str) -> Mapping[str, Truth]:
        """Return which of `sources` are built on a machine, as far as build files say.

        True where some build file lists it without a condition or under one that holds, false
        where all conditions fail or only its neighbours are listed, unknown where a condition
        stays open or nothing enters the build file by default. Where nothing lists a directory's
        sources by name (a pattern takes them in, say), nothing is said of them but that their
        directory is left out, nor of one that shares its name with another.

        Args:
            sources: paths of files that are compiled.
            machine: GNU name of the target's machine.
        """
        wanted = set(sources)
        if not wanted:
            return {}
        found: dict[str, Truth] = {}
        by_directory = self._gates(machine)
        names = self._listed(machine, by_directory)
        for path in wanted:
            stem = _stem(path)
            if stem in names:
                if self._times[stem] == 1:
                    found[path] = names[stem]
            elif (
                path.endswith(_ASSEMBLER) and len(names) >= MIN_LISTED and not self._takes_in(path)
            ):
                found[path] = Truth.FALSE
            elif (gate := _gate(path, by_directory)) is not Truth.TRUE:
                found[path] = gate
        if not self._has_patterns:
            by_name = _listed_by_name(self._compiled, names)
            found |= {
                path: Truth.FALSE
                for path in wanted
                if _stem(path) not in names and path.rpartition("/")[0] in by_name
            }
        return found

    @cached_property
    def _compiled(self) -> list[str]:
        endings = tuple(f".{suffix}" for suffix in SOURCES)
        return [path for path in self._paths if path.endswith(endings)]

    @cached_property
    def _times(self) -> Counter[str]:
        return Counter(map(_stem, self._compiled))

    @cached_property
    def _files(self) -> list[tuple[str, BuildSource]]:
        """Return the build files that list sources or enter directories."""
        found = []
        for path in self._paths:
            language = language_of(path, b"")
            if language not in _LISTING or is_for_other_system(path):
                continue
            data = self._read(path)
            if data is None or is_copied(path, data[:HEAD]):
                continue
            source = read_source(language, data)
            if isinstance(source, BuildSource):
                found.append((path, source))
        return found

    @cached_property
    def _has_patterns(self) -> bool:
        return any(_PATTERN.search(source.text) is not None for _, source in self._files)

    def _takes_in(self, path: str) -> bool:
        """Return whether a pattern may take in an assembler file."""
        return "" in self._assembling or not self._assembling.isdisjoint(path.split("/"))

    @cached_property
    def _assembling(self) -> frozenset[str]:
        """Names of directories that patterns take assembler files from; empty for any directory."""
        return frozenset(
            (pattern[1] or b"").decode("ascii")
            for path, source in self._files
            if self._entrances.is_entered(path)
            for pattern in _ASSEMBLER_PATTERN.finditer(_RECIPE.sub(b"", source.text))
        )

    @cached_property
    def _options(self) -> Options:
        files = [(one.language, one.text) for _, one in self._files if one.language in OPTIONS_OF]
        return Options(files, is_whole=True)

    def _gates(self, machine: str) -> Mapping[str, Truth]:
        """Return whether directories are entered; those of which nothing is known are not in it."""
        if machine not in self._gates_of:
            self._gates_of[machine] = self._find_gates(machine)
        return self._gates_of[machine]

    def _find_gates(self, machine: str) -> Mapping[str, Truth]:
        found: dict[str, Truth] = {}
        own: dict[str, Truth] = {}
        for path, source in self._files:
            if source.language in OPTIONS_OF:
                directory = path.rpartition("/")[0]
                own[directory], entered = gates(source, source.states(machine, self._options))
                for name, truth in entered:
                    inner = normpath(f"{directory}/{name}" if directory else name)
                    found[inner] = max(found.get(inner, Truth.FALSE), truth)
            elif source.language == "make":
                for inner, truth in self._entered_by_make(path, source, machine):
                    found[inner] = max(found.get(inner, Truth.FALSE), truth)
        for directory, truth in own.items():
            found[directory] = min(found.get(directory, Truth.TRUE), truth)
        return found

    def _entered_by_make(
        self, path: str, source: BuildSource, machine: str
    ) -> Iterator[tuple[str, Truth]]:
        """Yield the directories that a makefile names, with whether for the machine."""
        directory = path.rpartition("/")[0]
        for name, truth in words(source, source.states(machine)):
            inner = normpath(f"{directory}/{name}" if directory else name)
            if inner in self._directories:
                yield inner, truth

    @cached_property
    def _directories(self) -> frozenset[str]:
        """Return the directories with sources."""
        return frozenset(path.rpartition("/")[0] for path in self._compiled)

    def is_entered(self, path: str, machine: str) -> bool:
        """Return whether a build for a machine surely comes to the build file `path` by itself."""
        is_inside = _gate(path, self._gates(machine)) is Truth.TRUE
        return is_inside and self._entrances.is_entered(path)

    def _listed(self, machine: str, by_directory: Mapping[str, Truth]) -> Mapping[str, Truth]:
        """Return the names that are listed, and whether for the machine."""
        found: dict[str, Truth] = {}
        for path, source in self._files:
            most = _gate(path, by_directory)
            if source.language == "make" and not self._entrances.is_entered(path):
                most = min(most, Truth.UNKNOWN)
            states = source.states(machine, self._options)
            for stem, truth in listed(source, states, machine):
                found[stem] = max(found.get(stem, Truth.FALSE), min(most, truth))
        return found


def _gate(path: str, by_directory: Mapping[str, Truth]) -> Truth:
    """Return whether all directories that a file stands in are entered."""
    truth = by_directory.get("", Truth.TRUE)
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        truth = min(truth, by_directory.get("/".join(parts[:depth]), Truth.TRUE))
    return truth


def _listed_by_name(compiled: Iterable[str], listed: Mapping[str, Truth]) -> set[str]:
    """Return the directories whose sources are listed one by one: most of them are."""
    every: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for path in compiled:
        directory = path.rpartition("/")[0]
        every[directory] += 1
        named[directory] += _stem(path) in listed
    return {d for d, n in named.items() if n >= MIN_LISTED and 2 * n >= every[d]}


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
