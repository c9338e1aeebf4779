"""What is true to the indexes and yet hardly what someone wants on the target.

Two kinds that are recognised by what packages are called: tools that build for another machine,
and versions of which a newer one stands on the target already.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

_MACHINE = re.compile(
    r"(?:^|-)[a-z0-9]+(?:-[a-z0-9]+)?-(?:linux|kfreebsd|hurd)-?(?:gnu|musl|uclibc)[a-z0-9]*(?:-|$)"
    r"|(?:^|-)cross(?:build)?(?:-|$)|-for-(?:build|host)$"
)
"""A GNU triplet (`g++-13-x86-64-linux-gnu`), or Debian's ways to say so (`libc6-arm64-cross`,
`crossbuild-essential-arm64`, `gcc-16-for-build`)."""

_MACHINES = "compilers and libraries for other machines"
_SUPERSEDED = "versions of which a newer one is on the target"

_NUMBERED = re.compile(r"(.{2,}[^0-9.])([0-9]+(?:\.[0-9]+)*)")
"""A name and a version; with less than three characters (`e3`, `e17`) hardly the same thing."""


class Doubts:
    """Knows which packages are doubtful as something to want.

    Args:
        built: sources that the target has packages of.
        packages: per source the packages of the reference that are built from it.
    """

    def __init__(self, built: Iterable[str], packages: Mapping[str, Sequence[str]]) -> None:
        self._packages = packages
        self._newest: dict[str, tuple[tuple[int, ...], str]] = {}
        for name in built:
            if numbered := _split(name):
                stem, version = numbered
                self._newest[stem] = max(self._newest.get(stem, ((), "")), (version, name))

    def of_item(self, name: str) -> str:
        """Return in words why nobody may want a package or source; empty if nothing says so."""
        if _are_for_machines([name]) or _are_for_machines(self._packages.get(name, ())):
            return _MACHINES
        return _SUPERSEDED if self.newer(name) else ""

    def newer(self, name: str) -> str:
        """Return a newer version of a source that is on the target; empty if there is none."""
        if numbered := _split(name):
            stem, version = numbered
            newest, found = self._newest.get(stem, ((), ""))
            if newest > version:
                return found
        return ""

    def of_stave(self, name: str, items: Collection[str], absent: Sequence[str]) -> str:
        """Return why to distrust a stave in one line; empty if nothing speaks against it.

        Args:
            name: of the stave.
            items: names of what it holds back.
            absent: packages that are to be built, where those are what it is about.
        """
        if newer := self.newer(name):
            return f"{newer} is on the target already"
        if _are_for_machines(absent) or self.of_item(name):
            return _MACHINES
        kinds = [kind for item in items if (kind := self.of_item(item))]
        if 2 * len(kinds) < len(items):
            return ""
        told = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(sorted(kinds))]
        return f"among {len(items)} held back are {' and '.join(told)}"


def _are_for_machines(names: Sequence[str]) -> bool:
    """Return whether most of `names` are of packages for other machines."""
    return 2 * sum(_MACHINE.search(name) is not None for name in names) > len(names)


def _split(name: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the stem of a name that ends in a version, and the version."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], tuple(int(part) for part in found[2].split("."))) if found else None
