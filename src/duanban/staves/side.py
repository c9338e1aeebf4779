"""One side of the comparison: a distribution's packages on one architecture, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duanban.depend.control import Stanza
from duanban.depend.installable import Outcome, check
from duanban.depend.source import add_sources
from duanban.depend.universe import Builder, Universe
from duanban.depend.version import version_key


class Origin(NamedTuple):
    """The source that a binary package was built from."""

    name: bytes
    version: bytes


@dataclass(slots=True)
class Side:
    """The packages of one architecture and what is broken among them."""

    builder: Builder
    outcome: Outcome
    sources: dict[bytes, int] = field(default_factory=dict)
    """Checked sources by name, to their index in the universe."""
    built: dict[bytes, bytes] = field(default_factory=dict)
    """Sources with binary packages for this very architecture, to the newest version of them."""

    @property
    def universe(self) -> Universe:
        """Return the packages."""
        return self.builder.universe

    def is_sound(self, index: int) -> bool:
        """Return whether a package can be installed, or a source built."""
        return index not in self.outcome.unsatisfied and index not in self.outcome.conflicting

    def origin(self, index: int) -> Origin:
        """Return the source of a binary package."""
        universe = self.universe
        name, parenthesis, version = universe.origins[index].partition(b" (")
        return Origin(
            name or universe.names[index],
            version.rstrip(b")") if parenthesis else universe.versions[index],
        )


def make_side(builder: Builder, sources: Iterable[Stanza], profiles: Sequence[bytes] = ()) -> Side:
    """Return the checked side of a builder that has read its binary packages.

    Args:
        builder: with its binary packages linked.
        sources: stanzas of the sources whose build relations are to be checked.
        profiles: build profiles that are active.
    """
    universe = builder.universe
    add_sources(builder, sources, profiles)
    side = Side(builder, check(universe))
    names = universe.names
    side.sources = {names[index]: index for index in range(universe.binaries, len(names))}
    for index in range(universe.binaries):
        if universe.independent[index]:
            continue
        name, version = side.origin(index)
        known = side.built.get(name)
        if known is None or (known != version and version_key(known) < version_key(version)):
            side.built[name] = version
    return side
