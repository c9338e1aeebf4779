"""Small universes for the tests of the package graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from duanban.depend.control import Stanza
from duanban.depend.installable import check
from duanban.depend.universe import Builder, Universe

ARCHITECTURE = b"loong64"


def stanza(name: str, version: str = "1", **fields: str) -> Stanza:
    """Return the stanza of a package; `Pre_Depends` stands for `Pre-Depends`."""
    given = {"Package": name, "Version": version, "Architecture": "loong64", **fields}
    return {key.replace("_", "-").encode(): value.encode() for key, value in given.items()}


def universe(stanzas: Sequence[Stanza]) -> Universe:
    """Return the universe of `stanzas`."""
    builder = Builder(Universe(ARCHITECTURE))
    builder.read(stanzas)
    return builder.link()


def broken(stanzas: Sequence[Stanza]) -> list[str]:
    """Return the names of the packages that cannot be installed."""
    made = universe(stanzas)
    return [made.names[index].decode() for index in check(made).broken]


def broken_by_trying(made: Universe) -> list[int]:
    """Return the packages that no set of packages has as a member and is sound: the definition."""
    count = len(made.names)
    installable: set[int] = set()
    # Essential packages count only if they can be there at all.
    essential = _possible(made)
    for bits in product((False, True), repeat=count):
        members = {index for index in range(count) if bits[index]}
        if not essential <= members and members:
            continue
        if _is_sound(made, members):
            installable |= members
    return [index for index in range(count) if index not in installable]


def _possible(made: Universe) -> set[int]:
    """Return the essential packages whose relations can be satisfied, conflicts aside."""
    alive = set(range(len(made.names)))
    while True:
        left = {i for i in alive if all(alive & {*made.providers[c]} for c in made.depends[i])}
        if left == alive:
            return {index for index in made.essential if index in alive}
        alive = left


def _is_sound(made: Universe, members: set[int]) -> bool:
    return all(
        members & {*made.providers[clause]} for index in members for clause in made.depends[index]
    ) and not any(members & made.rivals.get(index, set()) for index in members)
