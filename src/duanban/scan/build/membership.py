"""Which sources a tree's build files take in on a target, and which only under a condition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from duanban.model import Truth
from duanban.scan.build.chains import BUILD_SYNTAXES
from duanban.scan.build.source import BuildSource, joined
from duanban.scan.languages import language_of
from duanban.scan.readers import read_source

SOURCES = ("c", "cc", "cpp", "cxx", "m", "mm", "cu", "S", "s", "asm")
"""Suffixes of what is compiled or assembled."""

_LISTING = frozenset(BUILD_SYNTAXES) - {"shell", "autoconf"}
_NAMED = re.compile(rb"([\w.+-]+)\.(?:c|cc|cpp|cxx|m|mm|cu|S|s|asm|o|lo|obj)\b")
_PATTERN = re.compile(
    rb"\$\(wildcard\b|\bGLOB\b|\bGLOB_RECURSE\b|aux_source_directory|\*\.(?:c|cc|cpp|cxx|o)\b"
)
"""What takes in sources without naming them."""
MIN_LISTED = 4
"""Sources of a directory that must be listed for the others to be left out."""
_RULE = re.compile(rb"^[^\s#=:][^=:]*::?(?!=)")
"""What a rule of make is for: that it can be made does not say that it is."""


def membership(
    sources: Iterable[str], paths: Sequence[str], read: Callable[[str], bytes | None], machine: str
) -> Mapping[str, Truth]:
    """Return which of `sources` are built on a machine, as far as build files say.

    True where some build file lists it without a condition or under one that holds, false where
    all conditions fail or only its neighbours are listed, unknown where a condition stays open.
    Where nothing lists a directory's sources by name (a pattern takes them in, say), nothing is
    said of them, nor of one that shares its name with another.

    Args:
        sources: paths of files that are compiled.
        paths: all files of the tree.
        read: gives the bytes of a file of the tree.
        machine: GNU name of the target's machine.
    """
    wanted = set(sources)
    if not wanted:
        return {}
    endings = tuple(f".{suffix}" for suffix in SOURCES)
    compiled = [path for path in paths if path.endswith(endings)]
    times = Counter(map(_stem, compiled))
    listed: dict[str, Truth] = {}
    has_patterns = False
    for path in paths:
        if language_of(path, b"") not in _LISTING:
            continue
        data = read(path)
        if data is None:
            continue
        has_patterns = has_patterns or _PATTERN.search(data) is not None
        for stem, truth in _listed(path, data, machine):
            listed[stem] = max(listed.get(stem, Truth.FALSE), truth)
    found = {
        path: listed[stem] for path in wanted if times[stem := _stem(path)] == 1 and stem in listed
    }
    if not has_patterns:
        by_name = _listed_by_name(compiled, listed)
        found |= {
            path: Truth.FALSE
            for path in wanted
            if _stem(path) not in listed and path.rpartition("/")[0] in by_name
        }
    return found


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


def _listed(path: str, data: bytes, machine: str) -> Iterable[tuple[str, Truth]]:
    """Yield the names that a build file lists, with whether their lines are for the machine."""
    if _NAMED.search(data) is None:
        return
    language = language_of(path, data)
    source = read_source(language, data)
    if not isinstance(source, BuildSource):
        return
    states = source.states(machine)
    text = joined(source.code, source.strings)
    is_recipe = goes_on = False
    for written, state in zip(text.split(b"\n"), states, strict=False):
        line = written
        if language == "make":
            is_recipe = is_recipe if goes_on else line.startswith(b"\t")
            goes_on = line.endswith(b"\\")
            if is_recipe:
                continue
            line = _RULE.sub(b"", line, count=1)
        for match in _NAMED.finditer(line):
            yield match[1].decode("ascii", "replace"), state.truth
