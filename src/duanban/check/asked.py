"""The parts that the user wants an index to be asked about: those of inputs."""

from __future__ import annotations

from collections.abc import Sequence

from duanban.check.supply_words import ASKED
from duanban.indexes.interface import Progress
from duanban.indexes.known import known_indexes
from duanban.inventory import read_inventory
from duanban.inventory.judge import tied_parts
from duanban.locate import open_locator
from duanban.model import Component
from duanban.scan.tree import list_tree


def components_of(
    name: str, kind: str, given: Sequence[str], progress: Progress
) -> tuple[Component, ...]:
    """Return the parts of the inputs `given`, if the index is one that is asked about parts.

    Raises:
        DuanbanError: an input cannot be had.
    """
    known = known_indexes().get(name)
    return parts_of(given, progress) if (known.kind if known else kind) in ASKED else ()


def parts_of(locators: Sequence[str], progress: Progress) -> tuple[Component, ...]:
    """Return the parts of inputs that an index may be asked about.

    Raises:
        DuanbanError: an input cannot be had.
    """
    found: list[Component] = []
    tied: set[str] = set()
    for locator in locators:
        with open_locator(locator, progress=progress) as located:
            walked = list_tree(located.root, None)
            paths = [entry.path for entry in walked.entries]
            inventory = read_inventory(located.root, paths)
            found += inventory.components
            tied |= tied_parts(inventory.ties)
    # Of npm's packages those without platforms, scripts or native parts are plain JavaScript.
    return tuple(one for one in found if not one.purl.startswith("pkg:npm/") or one.purl in tied)
