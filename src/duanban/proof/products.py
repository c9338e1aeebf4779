"""What a build made: files with code, the machine each is for, and the names it gives."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from duanban.binaries import HEAD_BYTES, identify
from duanban.proof.symbols import defined_names

_PROBES = frozenset({"CMakeFiles", "meson-private"})
"""Where build systems keep the programs with which they try the compiler out."""


@dataclass(frozen=True, slots=True)
class Product:
    """A file with machine code that a build made."""

    path: str
    machine: str
    kind: str
    """`executable`, `shared` or `archive`; objects on the way there are left out."""


def products(tree: Path, before: Collection[str]) -> list[Product]:
    """Return what was made in `tree`.

    Args:
        tree: that was built.
        before: the files that it had before.
    """
    known = frozenset(before)
    found = []
    for base, directories, names in os.walk(tree):
        directories[:] = [one for one in directories if one not in _PROBES]
        for name in sorted(names):
            path = f"{base}/{name}"
            relative = os.path.relpath(path, tree)
            if relative in known or not stat.S_ISREG(os.lstat(path).st_mode):
                continue
            with open(path, "rb") as file:  # noqa: PTH123 - a path as text
                head = file.read(HEAD_BYTES)
            header = identify(head)
            if header is not None and header.kind in ("executable", "shared"):
                found.append(Product(relative, header.machine, header.kind))
    return sorted(found, key=lambda product: product.path)


def missing_names(there: Path, here: Path) -> list[str]:
    """Return the functions and data that `here` gives to others and `there` does not."""
    return sorted(defined_names(here) - defined_names(there))
