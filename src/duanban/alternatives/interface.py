"""The nouns of the catalogue of alternatives (docs/alternatives.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from duanban.model import Effort, Layer, Support


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something that can stand in for other parts."""

    id: str
    name: str
    layer: Layer
    licence: str
    steward: str
    """Who decides over the project."""
    jurisdiction: str
    """Where that body is: a country code, or `international`."""
    supports: tuple[Support, ...]
    """Where it runs, one entry a machine."""
    sources: tuple[str, ...]
    """Names of the documents to look into."""
    debian: tuple[str, ...] = ()
    """Names of Debian packages, the first that an index has being taken."""

    def on(self, machine: str) -> Support | None:
        """Return how it is known to run on a machine; None where it is not known to."""
        return next((one for one in self.supports if one.machine == machine), None)


@dataclass(frozen=True, slots=True)
class Use:
    """An alternative in the place of one part."""

    alternative: Alternative
    effort: Effort
    """Low and high as the authors estimate them; likely is their geometric mean."""
    depends: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that holds a system to a platform or a maker, and how it is recognised."""

    id: str
    title: str
    layer: Layer
    licence: str
    steward: str
    jurisdiction: str
    why: str
    uses: tuple[Use, ...]
    purls: tuple[str, ...] = ()
    """Patterns with `*` of package URLs without versions."""
    rules: tuple[str, ...] = ()
    """Ids of rules whose findings are about it."""
    headers: tuple[str, ...] = ()
    """Names of headers that only it brings."""
    files: tuple[str, ...] = ()
    """Patterns with `*` of names of its binary files."""
    rebuilt: bool = False
    """Whether it is itself offered for several machines, so that a copy for another machine only
    has to be installed again."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of it."""

    parts: Mapping[str, Part]
    """By id, sorted."""
    alternatives: Mapping[str, Alternative]
    verified: Mapping[str, str]
    """Name of each package index that statements were computed from, to its date."""
