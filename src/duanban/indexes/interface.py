"""What a kind of package index gives, and what a copy of one is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from duanban.model import Component, Offer, Provenance
from duanban.targets.interface import Target

SCHEMA = "duanban.index/1"

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


@dataclass(frozen=True, slots=True)
class Known:
    """An index that the tool knows how to get, or to ask for (`known.toml`)."""

    name: str
    kind: str
    title: str
    how: str = ""
    """What the user has to give, where the tool cannot fetch it by itself."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its kind needs: `suite`, `architectures`, `reference`, ..."""


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A file of a copy."""

    name: str
    role: str
    """What it holds, in the kind's words: `packages riscv64`, `sources`, `records`."""
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of an index, as its `index.json` says."""

    name: str
    kind: str
    title: str
    fetched: str
    """ISO date and time, UTC."""
    dated: str
    """ISO date of what it says: the index's own, or the day it was fetched."""
    files: tuple[CopyFile, ...]
    given: tuple[str, ...] = ()
    """The files, directories or addresses that it was made from; for `update`."""
    settings: Mapping[str, str] = field(default_factory=dict)
    schema: str = SCHEMA

    @property
    def sha256(self) -> str:
        """Return one hash for all files together."""
        lines = sorted(f"{one.sha256}  {one.name}\n" for one in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def provenance(self) -> Provenance:
        """Return what an answer from this copy names as its source."""
        return Provenance(self.name, self.dated, self.sha256)


@dataclass(frozen=True, slots=True)
class Request:
    """What a copy is to be made of."""

    name: str
    known: Known
    given: tuple[str, ...] = ()
    """Files, directories or addresses that the user names."""
    components: tuple[Component, ...] = ()
    """Parts that are asked about; for registries that nobody copies whole."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Over those of `known`: `mirror`, `keyring`, `index_url`."""
    before: Path | None = None
    """Directory of the copy that this one replaces."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a kind has put into a directory."""

    files: tuple[tuple[str, str], ...]
    """Name and role of each."""
    dated: str = ""
    """ISO date that the index itself gives; empty: the day it was fetched."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part that an index is asked about."""

    component: Component
    type: str
    """Of the package URL: `deb`, `pypi`, `npm`, `rpm`, `apk`, `golang`, `cargo`, `maven`, `oci`."""
    namespace: str
    name: str
    version: str
    architecture: str = ""
    """Of a distribution's package, in the distribution's own words."""
    source: str = ""
    """Name of the source package it was built from, where the inventory knows it."""

    @property
    def full_name(self) -> str:
        """Return the name with its namespace, as npm and Go write it."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Index(Protocol):
    """A copy that is open for questions."""

    source: Provenance

    def concerns(self, wanted: Wanted) -> bool:
        """Return whether the index is about parts of this kind at all."""
        ...

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Return what the copy says of a part on `target`; nothing if it does not know it."""
        ...


class IndexKind(Protocol):
    """One kind of index: how its copies are made and read."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Put the files of a copy into the empty `directory`.

        Raises:
            FetchError: a client did not give it.
            UsageError: what the user gave cannot be used.
        """
        ...

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy.

        Args:
            copy: what it is.
            directory: where its files are.
            derived: a file that may be made from them once, to answer faster the next time.
            progress: told what is being done.

        Raises:
            UsageError: a file is damaged.
        """
        ...
