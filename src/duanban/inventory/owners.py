"""Which installed package a file of the tree belongs to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from duanban.inventory.knowledge import conventions
from duanban.inventory.python_installed import INFO
from duanban.model import Component, ComponentState

_DATABASES = (
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "var/lib/pacman/local/ALPM_DB_VERSION",
)
"""Files that every system of a distribution has at the same place."""
_MODULES = "node_modules/"


@dataclass(frozen=True, slots=True)
class Owner:
    """A package that brought files."""

    purl: str
    installed: bool
    judged: bool
    """The package's own tags already say which machines it is for, and are judged."""

    @property
    def title(self) -> str:
        """The package's name and version, as people write them."""
        name, _, version = self.purl.partition("?")[0].split("/", 1)[-1].partition("@")
        return f"{unquote(name)} {unquote(version)}".strip()


def is_distribution_file(path: str, roots: Sequence[str]) -> bool:
    """Return whether `path` is where the packages of the systems at `roots` keep files."""
    for root in roots:
        if path.startswith(root):
            inner = path[len(root) :]
            if inner.startswith(tuple(f"{one}/" for one in conventions().local_directories)):
                return False
            return inner.partition("/")[0] in conventions().distribution_directories
    return False


def distribution_roots(paths: Sequence[str]) -> list[str]:
    """Return where in the tree distributions' systems begin: empty, or a directory with a `/`."""
    found: dict[str, None] = {}
    for path in paths:
        if path.endswith(_DATABASES):
            for database in _DATABASES:
                if path == database or path.endswith(f"/{database}"):
                    root = path.removesuffix(database).removesuffix("usr/")
                    found.setdefault(root)
    return list(found)


def find_owners(
    paths: Sequence[str],
    native: Sequence[str],
    components: Iterable[Component],
    read: Callable[[str], bytes],
) -> dict[str, Owner]:
    """Return the owner of each of the `native` files that has one.

    Python files belong to the distribution whose RECORD names them, npm files to the nearest
    package below `node_modules`, members of a wheel to the wheel.
    """
    by_path = {one.path: one for one in components if one.path}
    owners: dict[str, Owner] = {}
    wanted = set(native)
    for record in (path for path in paths if path.endswith(f"{INFO}/RECORD")):
        wheel = by_path.get(record.removesuffix("RECORD") + "WHEEL")
        if wheel is not None:
            owner = _owner(wheel)
            for path in _recorded(record, read(record)) & wanted:
                owners[path] = owner
    for path in native:
        archive, inner, _ = path.partition("!/")
        component = by_path.get(archive if inner else _npm_manifest(path))
        if component is not None and path not in owners:
            owners[path] = _owner(component)
    return owners


def _owner(component: Component) -> Owner:
    installed = component.state is ComponentState.INSTALLED
    return Owner(component.purl, installed, bool(component.architectures) and not installed)


def _recorded(record: str, data: bytes) -> set[str]:
    """Return the paths that a RECORD names, relative to the tree's root."""
    base = record.rpartition("/")[0].rpartition("/")[0]
    prefix = f"{base}/" if base else ""
    lines = data.decode("utf-8", "replace").split("\n")
    names = (line.partition(",")[0].strip('"') for line in lines)
    # Scripts are recorded as `../../../bin/name`.
    return {posixpath.normpath(prefix + name) for name in names if name}


def _npm_manifest(path: str) -> str:
    """Return the package.json of the installed npm package that `path` would belong to."""
    before, modules, after = path.rpartition(_MODULES)
    parts = after.split("/")
    depth = 2 if after.startswith("@") else 1
    return f"{before}{modules}{'/'.join(parts[:depth])}/package.json" if modules else ""
