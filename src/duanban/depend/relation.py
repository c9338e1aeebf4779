"""Relations between packages: `a (>= 1) | b:any [linux-any] <!nocheck>, c` (Debian Policy 7.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from duanban.depend.architecture import in_list

_ALTERNATIVE = re.compile(
    rb"\s*([A-Za-z0-9][A-Za-z0-9+.\-]*)(?::([a-z0-9\-]+))?"
    rb"\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?"
    rb"\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)\Z"
)


class Alternative(NamedTuple):
    """One package that a relation names."""

    name: bytes
    qualifier: bytes = b""
    """What follows a colon: `any`, `native` or an architecture."""
    operator: bytes = b""
    """Empty if any version will do."""
    version: bytes = b""

    def __str__(self) -> str:
        text = self.name + (b":" + self.qualifier if self.qualifier else b"")
        if self.operator:
            text += b" (" + self.operator + b" " + self.version + b")"
        return text.decode("utf-8", "replace")


def split_relations(field: bytes) -> list[bytes]:
    """Return the relations of a field, each as it is written."""
    if b"\n" not in field and b"  " not in field and field.count(b",") == field.count(b", "):
        return field.split(b", ") if field else []  # as indexes have it: nothing to strip
    return [text for one in field.split(b",") if (text := one.strip())]


def parse_provided(text: bytes) -> tuple[bytes, bytes]:
    """Return the name that one entry of `Provides` gives, and the version, empty if it has none."""
    name, _, version = text.partition(b"(")
    return name.rstrip().partition(b":")[0], version.strip(b" =)")


def parse_binary(text: bytes) -> tuple[Alternative, ...]:
    """Return the alternatives of a relation of a binary package.

    One that breaks the syntax is kept as a name that nothing provides.
    """
    if b"|" not in text:
        return (_parse(text)[0],)
    return tuple(_parse(one)[0] for one in text.split(b"|"))


def parse_source(
    text: bytes, architecture: bytes, profiles: Sequence[bytes] = ()
) -> tuple[Alternative, ...] | None:
    """Return the alternatives of a build relation that hold, or None if none of them does.

    Args:
        text: one relation of a `Build-Depends` field.
        architecture: that is built on and for.
        profiles: build profiles that are active (dpkg, "Build profiles").
    """
    held = []
    for one in text.split(b"|"):
        alternative, architectures, restrictions = _parse(one)
        if architectures and not in_list(architectures, architecture):
            continue
        if restrictions and not _profiles_hold(restrictions, frozenset(profiles)):
            continue
        held.append(alternative)
    return tuple(held) or None


def _parse(text: bytes) -> tuple[Alternative, bytes, bytes]:
    """Return an alternative, its architectures and its build profiles."""
    match = _ALTERNATIVE.match(text)
    if match is None:
        return Alternative(text.strip()), b"", b""
    name, qualifier, operator, version, architectures, profiles = match.groups(b"")
    return Alternative(name, qualifier, operator, version), architectures, profiles.strip()


@cache
def _profiles_hold(restrictions: bytes, active: frozenset[bytes]) -> bool:
    """Return whether one of several lists `<a !b> <c>` holds: all of its terms must."""
    return any(
        all((term.lstrip(b"!") in active) != term.startswith(b"!") for term in terms.split())
        for terms in re.findall(rb"<([^>]*)>", restrictions)
    )
