"""Which file of the tree an `#include` means on one platform."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NamedTuple

from duanban.model import Truth
from duanban.scan.build.names import is_for_other_system
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


class Meant(NamedTuple):
    """The file of the tree that an include means."""

    path: str | None
    """None: it means none."""
    varies: bool
    """It means another on the reference."""


class Finder:
    """Finds included files for one platform; answers are kept.

    Args:
        tree: the files.
        platform: the platform.
        reference: finds them for the platform that this one is compared with.
    """

    def __init__(
        self, tree: SourceTree, platform: Platform, reference: Finder | None = None
    ) -> None:
        self._tree = tree
        self._platform = platform
        self._reference = reference
        self._found: dict[tuple[str, str, bool], Meant] = {}

    def find(self, name: str, includer: str, angled: bool) -> Meant:
        """Return the file of the tree that an include means.

        Include paths are not known. So: beside the includer (quoted names); in an `include`
        directory above it; if the system has no such header, the file of the tree whose path ends
        in the name, best one that is not for another architecture, then the nearest.
        """
        key = (name, includer.rpartition("/")[0], angled)
        meant = self._found.get(key)
        if meant is None:
            meant = self._found[key] = self._find(name, includer, angled)
        return meant

    def _find(self, name: str, includer: str, angled: bool) -> Meant:
        tree = self._tree
        found = None if angled else tree.beside(name, includer)
        found = found or tree.in_include_directory(name, includer)
        if found is not None:
            return Meant(found, varies=False)
        found = self._elsewhere(name, includer, angled)
        there = self._reference
        return Meant(found, there is not None and there._elsewhere(name, includer, angled) != found)

    def _elsewhere(self, name: str, includer: str, angled: bool) -> str | None:
        """Return the file that the include means if where the file stands does not tell."""
        if self._platform.environment.has_include(name.encode()) is Truth.TRUE:
            return None
        if angled and "." not in name:
            return None  # of the C++ library
        beside = self._tree.beside(name, includer)  # builds often have -I for a source's directory
        if beside is not None:
            return beside
        candidates = [
            path for path in self._tree.candidates(name) if not _is_other_systems(path, includer)
        ]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return min(candidates, key=lambda path: self._rank(path, includer))

    def _rank(self, path: str, includer: str) -> tuple[bool, int, int, str]:
        directory = os.path.dirname(path)
        foreign = self._platform.elsewhere.is_for_others(directory, self._platform.architecture)
        # By components, as lists: `commonpath` would refuse what has nothing in common.
        near = len(os.path.commonprefix((path.split("/"), includer.split("/"))))  # noqa: RUF071
        return (foreign, -near, path.count("/"), path)


def _is_other_systems(path: str, includer: str) -> bool:
    """Return whether a header stands in another system's directory, and its includer does not."""
    directory = os.path.dirname(path)
    return is_for_other_system(f"{directory}/_") and not includer.startswith(f"{directory}/")
