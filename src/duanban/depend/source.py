"""Source packages as what is to be built on one architecture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from duanban.depend.architecture import matches
from duanban.depend.control import Stanza
from duanban.depend.relation import Alternative, parse_source, split_relations
from duanban.depend.universe import Builder, Clause

SOURCE_FIELDS = (
    b"Package",
    b"Version",
    b"Architecture",
    b"Extra-Source-Only",
    b"Build-Depends",
    b"Build-Depends-Arch",
    b"Build-Depends-Indep",
    b"Build-Conflicts",
    b"Build-Conflicts-Arch",
    b"Build-Conflicts-Indep",
)

_NEEDS = (b"Build-Depends", b"Build-Depends-Arch", b"Build-Depends-Indep")
_EXCLUDES = (b"Build-Conflicts", b"Build-Conflicts-Arch", b"Build-Conflicts-Indep")

BUILD_ESSENTIAL = b"build-essential"
"""What every build may take for granted (Debian Policy 4.2)."""


def is_for(architectures: bytes, architecture: bytes) -> bool:
    """Return whether a source with this `Architecture` field builds something on `architecture`.

    Packages for `all` can be built anywhere.
    """
    return any(one == b"all" or matches(one, architecture) for one in architectures.split())


def is_superseded(stanza: Stanza) -> bool:
    """Return whether a source is kept only because something that was built with it is."""
    return stanza.get(b"Extra-Source-Only") == b"yes"


def add_sources(builder: Builder, stanzas: Iterable[Stanza], profiles: Sequence[bytes] = ()) -> int:
    """Add every source that is for the builder's architecture, and return how many those are.

    Args:
        builder: with its binary packages linked.
        stanzas: of a `Sources` file, with `SOURCE_FIELDS`.
        profiles: build profiles that are active.
    """
    architecture = builder.universe.architecture
    essential = builder.clause(BUILD_ESSENTIAL)
    known: dict[bytes, list[Clause]] = {}

    def clauses(text: bytes) -> list[Clause]:
        """Return the clause of a relation as it is written; none if it does not hold here."""
        found = known.get(text)
        if found is None:
            alternatives = parse_source(text, architecture, profiles)
            found = known[text] = [builder.clause_of(text, alternatives)] if alternatives else []
        return found

    count = 0
    for stanza in stanzas:
        name, version = stanza.get(b"Package"), stanza.get(b"Version")
        if not name or not version or is_superseded(stanza):
            continue
        if not is_for(stanza.get(b"Architecture", b"any"), architecture):
            continue
        needs = [essential]
        for field in _NEEDS:
            if field in stanza:
                for text in split_relations(stanza[field]):
                    needs += known[text] if text in known else clauses(text)
        excludes = relations(stanza, _EXCLUDES, architecture, profiles)
        builder.add_source(name, version, needs, excludes)
        count += 1
    return count


def relations(
    stanza: Stanza, fields: Iterable[bytes], architecture: bytes, profiles: Sequence[bytes]
) -> Iterator[tuple[Alternative, ...]]:
    """Yield the alternatives of those relations of `fields` that hold."""
    for field in fields:
        for text in split_relations(stanza.get(field, b"")):
            alternatives = parse_source(text, architecture, profiles)
            if alternatives:
                yield alternatives
