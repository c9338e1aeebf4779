"""What bills of materials of any format come to: parts in a state, and who asks for whom.

A bill says what was found by somebody else. Its parts keep the state that the document gives them
(our own do, CycloneDX by its lifecycle); packages of distributions are installed, since they are
read from package databases; others count as locked: named, and not seen to be there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Tie
from duanban.inventory.parse import as_list, as_table, as_text
from duanban.inventory.purls import pypi_purl, qualifier
from duanban.model import Component, ComponentState, DependencyKind, Skipped, UnknownFact
from duanban.targets.interface import Target

_PURL = re.compile(r"pkg:[a-zA-Z][a-zA-Z0-9.+-]*/[^\s]+\Z")
_DISTRIBUTIONS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")
_OF_A_WHEEL = ".dist-info/sboms/"
_ECOSYSTEMS = {
    "cargo": "Rust",
    "composer": "PHP",
    "conda": "conda",
    "gem": "Ruby",
    "golang": "Go",
    "maven": "Java",
    "npm": "npm",
    "nuget": ".NET",
    "pypi": "Python",
}
"""Types of package URLs whose parts may hold native code, in words."""
_SOURCES = frozenset({"source", "src", "nosrc"})


def is_purl(text: str) -> bool:
    """Return whether `text` has the form of a package URL."""
    return bool(_PURL.match(text))


@dataclass(frozen=True, slots=True)
class Details:
    """What a document may say of a part besides its purl."""

    state: ComponentState | None = None
    architectures: Sequence[str] = ()
    source: str = ""
    path: str = ""


PLAIN = Details()


@dataclass(slots=True)
class Bill:
    """What one document says, while it is read."""

    path: str
    state: ComponentState | None = None
    """The state that the document gives all its parts; None where it does not say."""
    purls: dict[str, str] = field(default_factory=dict)
    """The document's own name of a part to its purl."""
    parts: dict[str, Component] = field(default_factory=dict)
    nameless: int = 0
    """Parts without a package URL."""
    roots: set[str] = field(default_factory=set)
    """The document's own names of what it is about."""
    weak: dict[str, DependencyKind] = field(default_factory=dict)
    """Parts that are less than required, whoever asks for them."""

    owner: str = SYSTEM
    """Who asks for what the document is about: the system, or the wheel that carries the bill."""

    def __post_init__(self) -> None:
        wheel, inside, _ = self.path.partition(_OF_A_WHEEL)
        if inside:  # PEP 770: what was linked into the wheel
            self.state = ComponentState.EMBEDDED
            name, _, version = wheel.rpartition("/")[2].partition("-")
            self.owner = pypi_purl(name, version)

    def add(self, reference: str, purl: str, details: Details = PLAIN) -> None:
        """Add a part that the document calls `reference`."""
        if not is_purl(purl):
            self.nameless += 1
            return
        purl = _canonical(purl)
        self.purls[reference] = purl
        # Source packages are named as what parts were built from, and a wheel is a part already.
        if qualifier(purl, "arch") in _SOURCES or purl == self.owner:
            return
        self.parts.setdefault(
            purl,
            Component(
                purl,
                details.state or self.state or _usual(purl),
                tuple(sorted(set(details.architectures))),
                details.path or self.path,
                details.source,
            ),
        )

    def connect(
        self,
        edges: Edges,
        dependent: str,
        wanted: str,
        told: Collection[tuple[str, str]] = (),
        kind: DependencyKind = DependencyKind.REQUIRED,
    ) -> None:
        """Note that one part asks for another, by the document's names of them.

        Pairs of purls that are in `told` are left out: more is known of them.
        """
        if wanted not in self.purls or not (dependent in self.roots or dependent in self.purls):
            return
        own = self.owner if dependent in self.roots else self.purls[dependent]
        if (own, self.purls[wanted]) in told:
            return
        kind = max(kind, self.weak.get(wanted, kind), key=list(DependencyKind).index)
        place = self.parts[own].path if own in self.parts else ""
        edges.add(own, self.purls[wanted], kind, place)

    def inventory(self, edges: Edges) -> Inventory:
        """Return what was collected."""
        skipped: tuple[Skipped, ...] = ()
        if self.nameless:
            reason = f"{self.nameless} parts of this bill have no package URL and are left out"
            skipped = (Skipped(self.path, reason),)
        return Inventory(
            tuple(self.parts.values()), self._ties(), skipped, dependencies=edges.all()
        )

    def _ties(self) -> tuple[Tie, ...]:
        """Return one question for each kind of package that no package database vouches for."""
        if _OF_A_WHEEL in self.path:
            return ()  # the wheel itself is judged
        kinds: dict[str, list[str]] = defaultdict(list)
        for purl in sorted(self.parts):
            kinds[purl.removeprefix("pkg:").partition("/")[0]].append(purl)
        named = (
            NamedParts(self.path, kind, tuple(purls))
            for kind, purls in sorted(kinds.items())
            if kind in _ECOSYSTEMS
        )
        nameless = (NamelessParts(self.path, self.nameless),) if self.nameless else ()
        return (*nameless, *named)


@dataclass(frozen=True, slots=True)
class NamelessParts:
    """Parts of which a bill does not say what packages they are."""

    path: str
    count: int

    def judge(self, target: Target) -> UnknownFact:
        """Return the missing fact."""
        parts = "1 part" if self.count == 1 else f"{self.count} parts"
        return UnknownFact(
            f"what {parts} of {self.path} without a package URL are on {target.architecture.name}",
            "give them package URLs, or check what the bill was made of",
        )


@dataclass(frozen=True, slots=True)
class NamedParts:
    """Packages of which a bill only tells the names: what they hold for which machine is open."""

    path: str
    kind: str
    purls: tuple[str, ...]

    def judge(self, target: Target) -> UnknownFact:
        """Return the missing fact."""
        count, machine = len(self.purls), target.architecture.name
        return UnknownFact(
            f"whether the {count} {_ECOSYSTEMS[self.kind]} package{'s' if count > 1 else ''} "
            f"of {self.path} can be had for {machine}",
            "check what the bill was made of: the tree with its lock files and binaries",
            self.purls,
        )


def _canonical(purl: str) -> str:
    """Return a package URL as the specification wants it, where tools often write it otherwise."""
    if not purl.startswith("pkg:pypi/"):
        return purl
    name, at, version = purl.removeprefix("pkg:pypi/").partition("@")
    return f"pkg:pypi/{name.lower().replace('_', '-')}{at}{version}"


def _usual(purl: str) -> ComponentState:
    """Return the state of a part that the document gives none."""
    if purl.startswith(_DISTRIBUTIONS):
        return ComponentState.INSTALLED
    return ComponentState.LOCKED


def as_tables(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def texts_of(items: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """Return the texts that stand under `key` in each of `items`."""
    return [text for item in items if (text := as_text(as_table(item).get(key)))]
