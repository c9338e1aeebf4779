"""What a reader of manifests, locks, package databases and binaries gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from duanban.model import Component, Dependency, Finding, Skipped, UnknownFact
from duanban.targets.interface import Target


class Tie(Protocol):
    """Something an input brings whose fit depends on the target.

    Wheel tags, `cpu` fields, an ELF file for one machine. Readers make it once; it is judged per
    target.
    """

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return what it means for `target`: a finding, a missing fact, or nothing to say."""
        ...


@dataclass(frozen=True, slots=True)
class Inventory:
    """The parts of one system."""

    components: tuple[Component, ...] = ()
    ties: tuple[Tie, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    """Which part asks for which, as purls of `components`. A reader may name a part without its
    version where its file does; `read_inventory` turns that into the versions that there are."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file of the tree that some reader recognises."""

    path: str
    """Relative to the root, with `/`."""
    read: Callable[[], bytes]
    """Gives its bytes, or raises OSError; called at most once."""
    other: Callable[[str], bytes] = field(default=lambda _: b"")
    """Gives the bytes of another file of the tree by its path; empty if there is none to read."""
    start: Callable[[], bytes] = field(default=lambda: b"")
    """Gives its first bytes, or raises OSError; for what is known by its name alone."""


class Reader(Protocol):
    """One kind of manifest, lock file or package database."""

    def recognises(self, path: str) -> bool:
        """Return whether the file's name says that this reader is for it."""
        ...

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return what the manifest says; damaged input gives `skipped`, never an exception.

        `siblings` are the names of the files in the same directory.
        """
        ...
