"""System headers that a tree brings itself: `asm/io.h` in a kernel, a vendored `cpuid.h`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from duanban.rules import tables_of
from duanban.scan.place import Elsewhere
from duanban.targets.architectures import ARCHITECTURES, architecture


@cache
def _uneven_headers() -> dict[str, tuple[str, ...]]:
    """Return the headers that not every architecture has, by their last component."""
    by_basename: dict[str, list[str]] = defaultdict(list)
    for name in tables_of([architecture(a) for a in ARCHITECTURES])["headers"]:
        by_basename[name.rpartition("/")[2]].append(name)
    return {basename: tuple(names) for basename, names in by_basename.items()}


def tree_headers(
    paths: Iterable[str], elsewhere: Elsewhere, architectures: Sequence[str]
) -> tuple[frozenset[bytes], ...]:
    """Return, per target, the system headers that the tree brings for it or for all.

    A file stands for a header if its path ends in the header's name; one that is for another
    architecture by its path does not count.

    Args:
        paths: all files of the tree.
        elsewhere: says which paths are for which architecture.
        architectures: of the targets.
    """
    uneven = _uneven_headers()
    brought: list[set[bytes]] = [set() for _ in architectures]
    for path in paths:
        for name in uneven.get(path.rpartition("/")[2], ()):
            if path == name or path.endswith(f"/{name}"):
                before = path[: len(path) - len(name)]
                for found, target in zip(brought, architectures, strict=True):
                    if not elsewhere.is_for_others(before, target):
                        found.add(name.encode())
    return tuple(frozenset(found) for found in brought)
