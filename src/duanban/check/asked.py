"""The parts that the user wants an index to be asked about: those of inputs."""

from __future__ import annotations

from collections.abc import Sequence

from duanban.indexes.interface import Progress
from duanban.indexes.known import known_indexes
from duanban.inventory import read_inventory
from duanban.locate import open_locator
from duanban.model import Component
from duanban.scan.tree import list_tree

ASKED = frozenset({"pypi", "npm"})
"""Kinds of indexes that are too large to be copied whole."""


def components_of(
    name: str, kind: str, given: Sequence[str], progress: Progress
) -> tuple[Component, ...]:
    """Return the parts of the inputs `given`, if the index is one that is asked about parts.

    Raises:
        DuanbanError: an input cannot be had.
    """
    known = known_indexes().get(name)
    if (known.kind if known else kind) not in ASKED:
        return ()
    found: list[Component] = []
    for locator in given:
        with open_locator(locator, progress=progress) as located:
            walked = list_tree(located.root, None)
            paths = [entry.path for entry in walked.entries]
            found += read_inventory(located.root, paths).components
    return tuple(found)
