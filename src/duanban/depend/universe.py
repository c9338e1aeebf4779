"""All packages of one architecture as numbers: who depends on whom, who cannot stand beside whom.

Relations are looked up once per text, since the same ones are written hundreds of thousands of
times: a clause is a relation with the packages that satisfy it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from duanban.depend.control import Stanza
from duanban.depend.relation import Alternative, parse_binary, parse_provided, split_relations
from duanban.depend.version import satisfies
from duanban.model.errors import UsageError

BINARY_FIELDS = (
    b"Package",
    b"Version",
    b"Architecture",
    b"Source",
    b"Depends",
    b"Pre-Depends",
    b"Conflicts",
    b"Breaks",
    b"Provides",
    b"Essential",
    b"Multi-Arch",
)

MAX_PROVIDERS = 10_000_000
MAX_RIVALS = 1_000_000
"""Pairs of relation and provider, and of rivals; an index that is made to exhaust the memory
(everybody provides and excludes the same name) is refused. Debian sid has a hundredth of that."""

Clause = int
"""Index of a clause: any one of its providers satisfies it."""


@dataclass(slots=True)
class Universe:
    """Packages by index; sources that are to be built stand behind the binary packages."""

    architecture: bytes
    names: list[bytes] = field(default_factory=list)
    versions: list[bytes] = field(default_factory=list)
    origins: list[bytes] = field(default_factory=list)
    """Per binary package its field `Source`; empty where the source is called the same."""
    independent: bytearray = field(default_factory=bytearray)
    """Per binary package 1 if its architecture is `all`."""
    depends: list[array[int]] = field(default_factory=list)
    """Per package its clauses."""
    texts: list[bytes] = field(default_factory=list)
    """Per clause the relation as it is written."""
    providers: list[tuple[int, ...]] = field(default_factory=list)
    """Per clause the packages that satisfy it, in the order of the alternatives."""
    rivals: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Per package those that cannot be installed together with it; symmetric."""
    essential: list[int] = field(default_factory=list)
    """Packages that every system has."""
    provided: dict[bytes, list[tuple[int, bytes]]] = field(default_factory=dict)
    """Per virtual package those that provide it, with the version of it, empty if it has none."""
    allowed: bytearray = field(default_factory=bytearray)
    """Per binary package 1 if it satisfies relations with `:any` (`Multi-Arch: allowed`)."""
    binaries: int = 0
    """How many of the packages are binary packages."""


class Builder:
    """Makes a universe: first all binary packages, then what is to be built with them.

    Args:
        universe: an empty one, or one whose binary packages are linked; its architecture decides
            which stanzas are taken.
    """

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._by_name: dict[bytes, list[int]] = {}
        for index, name in enumerate(universe.names):
            self._by_name.setdefault(name, []).append(index)
        self._clauses: dict[bytes, Clause] = dict(zip(universe.texts, count(), strict=False))
        self._shared: dict[bytes, bytes] = {}
        self._same: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._alternatives: dict[Alternative, list[int]] = {}
        self._relations: list[tuple[bytes, bytes]] = []
        self._conflicts: list[tuple[int, bytes]] = []
        self._provider_count = self._rival_count = 0
        self.foreign: set[bytes] = set()
        """Other architectures that were passed over."""

    def read(self, stanzas: Iterable[Stanza]) -> None:
        """Take in binary packages; their relations are looked up in `link`."""
        universe = self.universe
        for stanza in stanzas:
            name, version = stanza.get(b"Package"), stanza.get(b"Version")
            architecture = stanza.get(b"Architecture", b"all")
            if not name or not version:
                continue
            if architecture not in (b"all", universe.architecture):
                self.foreign.add(architecture)
                continue
            index = len(universe.names)
            universe.names.append(name)
            universe.versions.append(version)
            origin = stanza.get(b"Source", b"")
            universe.origins.append(self._shared.setdefault(origin, origin))
            universe.independent.append(architecture == b"all")
            universe.allowed.append(stanza.get(b"Multi-Arch") == b"allowed")
            self._by_name.setdefault(name, []).append(index)
            for provided in split_relations(stanza.get(b"Provides", b"")):
                virtual, provided_version = parse_provided(provided)
                universe.provided.setdefault(virtual, []).append((index, provided_version))
            self._relations.append((stanza.get(b"Pre-Depends", b""), stanza.get(b"Depends", b"")))
            for kind in (b"Conflicts", b"Breaks"):
                if kind in stanza:
                    self._conflicts.append((index, stanza[kind]))
            if stanza.get(b"Essential") == b"yes":
                universe.essential.append(index)

    def link(self) -> Universe:
        """Look up all relations of the binary packages and return the universe."""
        universe = self.universe
        universe.binaries = len(universe.names)
        known, make = self._clauses, self.clause
        for before, usual in self._relations:
            texts = split_relations(usual)
            if before:
                texts = split_relations(before) + texts
            clauses = [known[text] if text in known else make(text) for text in texts]
            universe.depends.append(array("I", clauses))
        for index, listed in self._conflicts:
            for text in split_relations(listed):
                self.conflict(index, parse_binary(text))
        for versions in self._by_name.values():
            for position in range(1, len(versions)):
                self._oppose(versions[position], versions[:position])
        self._relations.clear()
        self._conflicts.clear()
        return universe

    def add_source(
        self,
        name: bytes,
        version: bytes,
        clauses: Iterable[Clause],
        conflicts: Iterable[tuple[Alternative, ...]],
    ) -> None:
        """Add a source package as one that depends on what it is built with.

        Args:
            name: of the source.
            version: of it.
            clauses: what it is built with.
            conflicts: what must not be installed while it is built.
        """
        universe = self.universe
        index = len(universe.names)
        universe.names.append(name)
        universe.versions.append(version)
        universe.depends.append(array("I", clauses))
        for alternatives in conflicts:
            self.conflict(index, alternatives)

    def clause(self, text: bytes) -> Clause:
        """Return the clause of a relation between binary packages."""
        return self.clause_of(text, parse_binary(text))

    def conflict(self, index: int, alternatives: Sequence[Alternative]) -> None:
        """Note that the package `index` cannot stand beside what `alternatives` name."""
        for alternative in alternatives:
            others = self._named(alternative, any_multi_arch=True)
            self._oppose(index, [other for other in others if other != index])

    def _oppose(self, index: int, others: Sequence[int]) -> None:
        self._rival_count += len(others)
        if self._rival_count > MAX_RIVALS:
            raise UsageError(f"more than {MAX_RIVALS:,} pairs of packages conflict")
        for other in others:
            self.universe.rivals[index].add(other)
            self.universe.rivals[other].add(index)

    def clause_of(self, text: bytes, alternatives: tuple[Alternative, ...]) -> Clause:
        """Return the clause of a relation with these alternatives, as far as they hold."""
        if text in self._clauses:
            return self._clauses[text]
        clause = self._clauses[text] = len(self.universe.texts)
        listed = self.providers(alternatives)
        self._provider_count += len(listed)
        if self._provider_count > MAX_PROVIDERS:
            raise UsageError(f"the relations have more than {MAX_PROVIDERS:,} providers")
        self.universe.texts.append(text)
        self.universe.providers.append(self._same.setdefault(listed, listed))
        return clause

    def providers(self, alternatives: Sequence[Alternative]) -> tuple[int, ...]:
        """Return the packages that satisfy one of `alternatives`, in their order."""
        found: dict[int, None] = {}
        if len(alternatives) == 1:  # nine in ten; each is asked for once
            return tuple(dict.fromkeys(self._named(alternatives[0], any_multi_arch=False)))
        for alternative in alternatives:
            known = self._alternatives.get(alternative)
            if known is None:
                known = self._named(alternative, any_multi_arch=False)
                self._alternatives[alternative] = known
            found.update(dict.fromkeys(known))
        return tuple(found)

    def named(self, name: bytes) -> Sequence[int]:
        """Return the binary packages of this name: one, or several versions."""
        return self._by_name.get(name, ())

    def _named(self, alternative: Alternative, *, any_multi_arch: bool) -> list[int]:
        """Return the packages that `alternative` names, real ones first."""
        name, qualifier, operator, wanted = alternative
        universe = self.universe
        if qualifier not in (b"", b"any", b"native", universe.architecture):
            return []
        found = list(self._by_name.get(name, ()))
        if operator:
            found = [i for i in found if satisfies(universe.versions[i], operator, wanted)]
        if name in universe.provided:
            # A versioned relation is satisfied by a versioned Provides only (Policy 7.5).
            for index, version in universe.provided[name]:
                if not operator or (version and satisfies(version, operator, wanted)):
                    found.append(index)
        if qualifier == b"any" and not any_multi_arch:
            return [index for index in found if universe.allowed[index]]
        return found
