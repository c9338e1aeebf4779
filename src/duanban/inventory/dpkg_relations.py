"""Which installed Debian package needs which, by the relations in dpkg's status database.

Format: deb-control(5), "Depends" and the fields after it; apt's marks in `extended_states` tell
which packages somebody asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from duanban.inventory.edges import MOST_PROVIDERS, SYSTEM, Edges
from duanban.model import Dependency, DependencyKind

_NAME = re.compile(rb"(?:\A|[,|])\s*([a-z0-9][a-z0-9+.-]+)")
_KINDS = {
    b"Depends": DependencyKind.REQUIRED,
    b"Pre-Depends": DependencyKind.REQUIRED,
    b"Recommends": DependencyKind.OPTIONAL,
}
_MARK = b"\nAuto-Installed: 1"


class Related(Protocol):
    """A package with relations."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def purl(self) -> str:
        """Its package URL."""
        ...

    @property
    def relations(self) -> Mapping[bytes, bytes]:
        """Its relation fields, as they stand in the database."""
        ...


def relations(
    path: str, packages: Sequence[Related], marks: bytes, *, elsewhere: bool = False
) -> tuple[Dependency, ...]:
    """Return who needs whom among the installed packages.

    Of alternatives, all that are installed count; versions are not compared, since dpkg has done
    so. `marks` is the content of apt's `extended_states`, empty where there is none. `elsewhere`
    says that other packages stand in other files, and are named without their versions.
    """
    providers: dict[bytes, list[str]] = defaultdict(list)
    for one in packages:
        providers[one.name.encode()].append(one.purl)
        for name in _NAME.findall(one.relations.get(b"Provides", b"")):
            providers[name].append(one.purl)
    edges = Edges(path)
    for one in packages:
        for key, kind in _KINDS.items():
            for name in _NAME.findall(one.relations.get(key, b"")):
                stem = one.purl.rpartition("/")[0] + "/" + name.decode()
                for purl in providers.get(name, [stem] if elsewhere else [])[:MOST_PROVIDERS]:
                    edges.add(one.purl, purl, kind)
    if marks:
        automatic = {
            stanza.partition(b"Package: ")[2].partition(b"\n")[0].decode("utf-8", "replace")
            for stanza in marks.split(b"\n\n")
            if _MARK in stanza
        }
        for one in packages:
            if one.relations and one.name not in automatic:
                edges.add(SYSTEM, one.purl)
    return edges.all()
