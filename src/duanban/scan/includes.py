"""Which translation units fail because of a header of the same tree that they include.

Only when a header is known to fail are the `#include` lines of the tree read at all; an include
counts for a target only where it is surely compiled there.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from duanban.model import Truth
from duanban.scan.examine import HEAD
from duanban.scan.interface import MacroEnvironment
from duanban.scan.languages import language_of
from duanban.scan.read import read_text
from duanban.scan.readers import read_source

UNIT_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm", ".cu")
"""Files that a compiler is called for; other C files are included by these."""


class IncludeGraph:
    """Finds who includes a header, first by name, then by the preprocessor's word.

    Args:
        base: the directory that paths are relative to.
        includes: the names that each file of the tree includes.
        paths: all files of the tree.
    """

    def __init__(
        self, base: str, includes: Mapping[str, Sequence[bytes]], paths: Iterable[str]
    ) -> None:
        self._base = base
        self._sure: dict[tuple[str, int], frozenset[str]] = {}
        self._includes = includes
        self._includers: dict[bytes, list[str]] = defaultdict(list)
        for path, names in includes.items():
            for basename in {name.rpartition(b"/")[2] for name in names}:
                self._includers[basename].append(path)
        self._paths = frozenset(paths)
        self._by_basename: dict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            self._by_basename[path.rpartition("/")[2]].append(path)

    def affected(
        self,
        headers: Iterable[str],
        target: int,
        environment_of: Callable[[str], MacroEnvironment],
    ) -> dict[str, frozenset[str]]:
        """Return every file that includes one of `headers`, directly or through others.

        Args:
            headers: paths of headers that do not compile on the target.
            target: which target; answers about a file are kept for each.
            environment_of: what is known on the target where a file begins.

        Returns:
            Path of the including file to the headers out of `headers` that reach it.
        """
        reached: dict[str, set[str]] = defaultdict(set)
        for header in headers:
            pending, seen = [header], {header}
            while pending:
                for includer in self._direct(pending.pop(), target, environment_of):
                    if includer not in seen:
                        seen.add(includer)
                        reached[includer].add(header)
                        pending.append(includer)
        return {path: frozenset(causes) for path, causes in reached.items()}

    def _direct(
        self, header: str, target: int, environment_of: Callable[[str], MacroEnvironment]
    ) -> Iterable[str]:
        basename = header.rpartition("/")[2].encode("utf-8", "surrogateescape")
        for path in self._includers.get(basename, ()):
            written = (name.decode("utf-8", "replace") for name in self._includes[path])
            names = {name for name in written if self._resolve(name, path) == header}
            if not names:
                continue
            key = (path, target)
            if key not in self._sure:
                self._sure[key] = self._sure_names(path, environment_of(path))
            if not names.isdisjoint(self._sure[key]):
                yield path

    def _resolve(self, name: str, includer: str) -> str | None:
        """Return the file of the tree that `name` means in `includer`, or None.

        Beside the includer first, as compilers do; then, since include paths are not known, the
        file whose path ends in the name and shares the longest beginning with the includer's.
        """
        beside = os.path.normpath(os.path.join(os.path.dirname(includer), name))
        if beside in self._paths:
            return beside
        tail = os.path.normpath(name)
        candidates = [
            path
            for path in self._by_basename.get(tail.rpartition("/")[2], ())
            if path == tail or path.endswith(f"/{tail}")
        ]
        if not candidates:
            return None
        return min(candidates, key=lambda path: (-_shared(path, includer), len(path), path))

    def _sure_names(self, path: str, environment: MacroEnvironment) -> frozenset[str]:
        data = read_text(f"{self._base}/{path}")
        if data is None:
            return frozenset()
        source = read_source(language_of(path, data[:HEAD]), data)
        regions = source.regions(environment)
        starts = [region.line for region in regions]
        return frozenset(
            include.name
            for include in source.includes
            if regions[max(0, bisect_right(starts, include.line) - 1)].state is Truth.TRUE
        )


def _shared(path: str, other: str) -> int:
    # By characters on purpose: `lib/foo_x.h` is nearer to `lib/foo.c` than `lib/bar.h` is.
    return len(os.path.commonprefix((path, other)))  # noqa: RUF071
