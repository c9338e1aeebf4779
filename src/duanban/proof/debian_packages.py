"""The names of Debian's packages of tools (`debian_packages.toml`)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class DebianPackages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the table."""

    base: tuple[str, ...]
    """For every tree."""
    system: dict[str, tuple[str, ...]]
    """Besides, by build system."""
    backend: dict[str, tuple[str, ...]]
    """Besides, by the first word of the module that makes wheels (PEP 517)."""
    links: dict[str, str]
    """Names in /usr/bin that scripts of packages would make, and what they stand for."""

    @property
    def python(self) -> tuple[str, ...]:
        """Python, with what extensions are built and tested with."""
        return self.system["python"]


@cache
def debian_packages() -> DebianPackages:
    """Return the table, read once."""
    content = files(__package__).joinpath("debian_packages.toml").read_bytes()
    return msgspec.toml.decode(content, type=DebianPackages)
