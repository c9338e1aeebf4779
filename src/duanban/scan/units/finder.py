"""Which file of the tree an `#include` means on one platform."""

from __future__ import annotations

import os
from dataclasses import dataclass

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.place import Elsewhere
from duanban.scan.units.sources import SourceTree


@dataclass(frozen=True, slots=True)
class Platform:
    """One target, as far as units go."""

    architecture: str
    environment: MacroEnvironment
    elsewhere: Elsewhere
    """Says which paths are for other architectures."""


class Finder:
    """Finds included files for one platform; answers are kept."""

    def __init__(self, tree: SourceTree, platform: Platform) -> None:
        self._tree = tree
        self._platform = platform
        self._found: dict[tuple[str, str, bool], str | None] = {}

    def find(self, name: str, includer: str, angled: bool) -> str | None:
        """Return the file of the tree that an include means, or None.

        Include paths are not known. So: beside the includer (quoted names); in an `include`
        directory above it; if the system has no such header, the file of the tree whose path ends
        in the name, best one that is not for another architecture, then the nearest.
        """
        key = (name, includer.rpartition("/")[0], angled)
        if key not in self._found:
            self._found[key] = self._find(name, includer, angled)
        return self._found[key]

    def _find(self, name: str, includer: str, angled: bool) -> str | None:
        tree = self._tree
        found = None if angled else tree.beside(name, includer)
        found = found or tree.in_include_directory(name, includer)
        if found is not None:
            return found
        if self._platform.environment.has_include(name.encode()) is Truth.TRUE:
            return None
        if angled and "." not in name:
            return None  # of the C++ library
        candidates = tree.candidates(name)
        return min(candidates, key=lambda path: self._rank(path, includer), default=None)

    def _rank(self, path: str, includer: str) -> tuple[bool, int, int, str]:
        directory = os.path.dirname(path)
        foreign = self._platform.elsewhere.is_for_others(directory, self._platform.architecture)
        # By components, as lists: `commonpath` would refuse what has nothing in common.
        near = len(os.path.commonprefix((path.split("/"), includer.split("/"))))  # noqa: RUF071
        return (foreign, -near, path.count("/"), path)
