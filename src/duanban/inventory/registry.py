"""Which reader is for which file: the one place where readers are entered.

To add an ecosystem, write a module with a `Reader` and enter it here: under the exact file names
that it reads, or under the end of a file name. Still to come, with their names kept free here:
`pnpm-lock.yaml`, `yarn.lock`, `Cargo.lock`, `go.sum`, `apk` and `rpm` databases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duanban.inventory.dpkg import DpkgReader
from duanban.inventory.interface import Reader
from duanban.inventory.npm_lock import NpmLockReader
from duanban.inventory.npm_manifest import NpmManifestReader
from duanban.inventory.package_list import PackageListReader
from duanban.inventory.python_declared import PyprojectReader, RequirementsReader
from duanban.inventory.python_installed import PkgInfoReader, WheelRecordReader
from duanban.inventory.python_lock import PipfileLockReader, PoetryReader, PylockReader, UvReader
from duanban.inventory.wheel_file import WheelFileReader

_DPKG, _LIST, _NPM_LOCK = DpkgReader(), PackageListReader(), NpmLockReader()

BY_NAME: Mapping[str, Reader] = {
    "status": _DPKG,
    "Packages": _DPKG,
    "apt-list.txt": _LIST,
    "dpkg-l.txt": _LIST,
    "dpkg-list.txt": _LIST,
    "dpkg.txt": _LIST,
    "installed.txt": _LIST,
    "packages.list": _LIST,
    "packages.txt": _LIST,
    "package.json": NpmManifestReader(),
    "package-lock.json": _NPM_LOCK,
    "npm-shrinkwrap.json": _NPM_LOCK,
    ".package-lock.json": _NPM_LOCK,
    "pyproject.toml": PyprojectReader(),
    "Pipfile.lock": PipfileLockReader(),
    "poetry.lock": PoetryReader(),
    "uv.lock": UvReader(),
    "pylock.toml": PylockReader(),
    "PKG-INFO": PkgInfoReader(),
    "WHEEL": WheelRecordReader(),
}
"""Exact file name to reader."""

BY_SUFFIX: Sequence[tuple[str, Reader]] = (
    (".status", _DPKG),
    (".whl", WheelFileReader()),
    (".toml", BY_NAME["pylock.toml"]),
    (".txt", RequirementsReader()),
    (".in", RequirementsReader()),
)
"""End of a file name to reader, asked after `BY_NAME`, in order."""

_SUFFIXES = tuple(suffix for suffix, _ in BY_SUFFIX)


def reader_for(path: str) -> Reader | None:
    """Return the reader that recognises `path` by its name; None if there is none."""
    name = path.rpartition("/")[2]
    reader = BY_NAME.get(name)
    if reader is not None and reader.recognises(path):
        return reader
    if name.endswith(_SUFFIXES):
        for suffix, candidate in BY_SUFFIX:
            if name.endswith(suffix) and candidate.recognises(path):
                return candidate
    return None
