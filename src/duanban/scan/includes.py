"""Which translation units may include a file, by name and by what each file alone says.

This only narrows down which units are worth following whole (`scan/units`). An include counts
unless it is surely not compiled on the target.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.units.sources import SourceTree

UNIT_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm", ".cu")
"""Files that a compiler is called for; other C files are included by these."""


class IncludeGraph:
    """Finds who may include a file.

    Args:
        tree: the files.
        includes: the names that each file of the tree includes.
    """

    def __init__(self, tree: SourceTree, includes: Mapping[str, Sequence[bytes]]) -> None:
        self._tree = tree
        self._open: dict[str, frozenset[str]] = {}
        self._possible: dict[tuple[str, int], frozenset[str]] = {}
        self._edges: dict[tuple[str, int], tuple[str, ...]] = {}
        self._includers: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        """By the last component of a name: who writes it, and how."""
        for path, names in includes.items():
            written: dict[str, list[str]] = defaultdict(list)
            for name in {name.decode("utf-8", "replace") for name in names}:
                written[name.rpartition("/")[2]].append(name)
            for basename, forms in written.items():
                self._includers[basename].append((path, tuple(forms)))

    def affected(
        self, files: Iterable[str], target: int, environment_of: Callable[[str], MacroEnvironment]
    ) -> set[str]:
        """Return every file that may include one of `files`, directly or through others.

        Args:
            files: paths.
            target: which target; answers about a file are kept for each.
            environment_of: what is known on the target where a file begins.
        """
        pending = list(files)
        seen = set(pending)
        reached: set[str] = set()
        while pending:
            for includer in self._direct(pending.pop(), target, environment_of):
                reached.add(includer)
                if includer not in seen:
                    seen.add(includer)
                    pending.append(includer)
        return reached

    def _direct(
        self, path: str, target: int, environment_of: Callable[[str], MacroEnvironment]
    ) -> tuple[str, ...]:
        """Return the files that may include `path` themselves."""
        key = (path, target)
        if key not in self._edges:
            self._edges[key] = tuple(
                includer
                for includer, written in self._includers.get(path.rpartition("/")[2], ())
                if (names := {name for name in written if self._means(name, path)})
                and self._includes_one(names, includer, target, environment_of)
            )
        return self._edges[key]

    def _includes_one(
        self,
        names: set[str],
        includer: str,
        target: int,
        environment_of: Callable[[str], MacroEnvironment],
    ) -> bool:
        if includer not in self._open:
            file = self._tree.file(includer)
            self._open[includer] = frozenset() if file is None else file.open_includes
        if not names.isdisjoint(self._open[includer]):
            return True
        key = (includer, target)
        if key not in self._possible:
            self._possible[key] = self._possible_names(includer, environment_of(includer))
        return not names.isdisjoint(self._possible[key])

    def _means(self, name: str, path: str) -> bool:
        """Return whether `name` may mean the file `path`."""
        tail = name.rpartition("../")[2].removeprefix("./")
        return path == tail or path.endswith(f"/{tail}")

    def _possible_names(self, path: str, environment: MacroEnvironment) -> frozenset[str]:
        file = self._tree.file(path)
        if file is None:
            return frozenset()
        regions = file.regions(environment)
        starts = [region.line for region in regions]
        return frozenset(
            include.name
            for include in file.includes
            if regions[max(0, bisect_right(starts, include.line) - 1)].state is not Truth.FALSE
        )
