"""Names that the system's headers declare on one architecture and not on another.

`facts/lacking.json`, generated from the headers: what <sys/user.h> calls a register, a constant of
<sys/mman.h>, a function of <sys/io.h>.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

_CHECK = re.compile(rb"(?:^|_)HAVE_(?:DECL_)?(\w+)$")


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, dict[str, list[str]]]
    """Header to form (the first letter of a field of `Lacking`) and machines to names."""
    types: dict[str, list[str]]
    """Header that declares members to the types that it declares."""
    reached: dict[str, list[str]]
    """Header to those of `names` that it includes, directly or not."""
    sources: dict[str, str]


class Lacking(NamedTuple):
    """What one machine lacks of some headers."""

    names: frozenset[bytes]
    """Macros, types, constants and functions."""
    members: tuple[tuple[frozenset[bytes], frozenset[bytes]], ...]
    """Members of structures, each with the types of their headers."""
    tags: frozenset[bytes]
    """Structures, unions and enumerations."""


@cache
def _facts() -> _Facts:
    content = files(__package__).joinpath("facts", "lacking.json").read_bytes()
    return msgspec.json.decode(content, type=_Facts)


@cache
def lacking(machine: str, headers: frozenset[str]) -> Lacking:
    """Return the names that `headers` declare somewhere and that `machine` lacks."""
    facts = _facts()
    declaring = {one for header in headers for one in facts.reached.get(header, ())}
    found: dict[str, set[bytes]] = {"n": set(), "t": set()}
    members = []
    for header in sorted(declaring):
        for key, names in facts.names[header].items():
            form, *machines = key.split(" ")
            if machine in machines:
                listed = frozenset(name.encode() for name in names)
                if form == "m":
                    members.append((frozenset(t.encode() for t in facts.types[header]), listed))
                else:
                    found[form] |= listed
    return Lacking(frozenset(found["n"]), tuple(members), frozenset(found["t"]))


@cache
def all_lacking(machine: str) -> Lacking:
    """Return all names that `machine` lacks, whatever header declares them elsewhere."""
    return lacking(machine, frozenset(_facts().reached))


def fails_check(macro: bytes, machine: str) -> bool:
    """Return whether a configure check for a name, `HAVE_IOPL` say, fails on `machine`.

    A name that headers declare on other machines alone is told. Of the 3,600 functions that
    glibc 2.43 has on x86-64, RISC-V and LoongArch lack five; headers declare `ioperm` and `iopl`.
    """
    check = _CHECK.search(macro)
    if check is None:
        return False
    names = all_lacking(machine).names
    return check[1] in names or check[1].lower() in names


@cache
def telling_names() -> tuple[bytes, ...]:
    """Return the names that a file has if it may need what some machine lacks.

    Of members the types of their headers: no member is looked for where none of those is named.
    """
    facts = _facts()
    names = {
        name
        for forms in facts.names.values()
        for key, listed in forms.items()
        for name in listed
        if key[0] != "m" and len(name) >= SHORTEST and (key[0] == "n" or "_" in name[1:])
    }
    types = {name for listed in facts.types.values() for name in listed}
    names.update(name for name in types if "_" in name[:-1] or len(name) >= SHORTEST_TYPE)
    return tuple(sorted(name.encode() for name in names))


SHORTEST, SHORTEST_TYPE = 4, 10
"""Letters of names that are looked for in all files; others only where a header tells of them."""


@cache
def telling_headers() -> frozenset[bytes]:
    """Return the headers whose very subject is a machine's own: registers, ports, system state."""
    return frozenset(
        header.encode()
        for header, declaring in _facts().reached.items()
        if any(one.rpartition("/")[2] == header.rpartition("/")[2] for one in declaring)
        and not header.startswith("bits/")
    )
