"""Packages of RPM and Alpine repositories as tables: what needs what nothing provides is broken.

Versions in relations are not compared: whoever needs one that is not there is taken to have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from duanban.depend.version import version_key
from duanban.indexes.tables import Row, Writer

INDEPENDENT = frozenset({"noarch", "all"})


class Packaged(NamedTuple):
    """A binary package of a repository."""

    name: str
    version: str
    arch: str
    source: str
    provides: tuple[str, ...]
    """Names besides its own, files among them."""
    requires: tuple[str, ...]


def write_packages(writer: Writer, packages: Sequence[Packaged]) -> None:
    """Write the packages of every architecture, with those that are for all of them."""
    by_arch: dict[str, list[Packaged]] = defaultdict(list)
    for one in packages:
        by_arch[one.arch].append(one)
    everywhere = [one for arch in INDEPENDENT for one in by_arch.pop(arch, ())]
    for arch, own in sorted(by_arch.items()):
        mine = sorted([*own, *everywhere], key=lambda p: version_key(p.version.encode()))
        reasons = broken(mine)
        writer.packages(
            Row(arch, p.name, p.version, p.source, reasons.get(n, ""), p.arch in INDEPENDENT)
            for n, p in enumerate(mine)
        )
        writer.provided(
            arch, ((v, p.name) for p in mine for v in p.provides if not v.startswith("/"))
        )


def broken(packages: Sequence[Packaged]) -> dict[int, str]:
    """Return the packages, by place, that need something nothing sound provides, and why."""
    providers: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(packages):
        for name in {one.name, *one.provides}:
            providers[name].append(number)
    left = {name: len(found) for name, found in providers.items()}
    users: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(packages):
        for name in set(one.requires):
            users[name].append(number)
    reasons: dict[int, str] = {}
    pending = [name for name in users if not left.get(name)]
    for name in pending:
        why = _why(name, providers.get(name, ()), packages, reasons)
        for number in users[name]:
            if number in reasons:
                continue
            reasons[number] = f"needs {name}, {why}"
            one = packages[number]
            for provided in {one.name, *one.provides}:
                left[provided] -= 1
                if not left[provided] and provided in users:
                    pending.append(provided)
    return reasons


def _why(
    name: str, providers: Iterable[int], packages: Sequence[Packaged], reasons: dict[int, str]
) -> str:
    """Return what is wrong with what provides a name, down to the root."""
    first = next(iter(providers), None)
    if first is None:
        return "which nothing provides"
    return f"but {packages[first].name} {reasons.get(first, 'is broken')}"[:300]
