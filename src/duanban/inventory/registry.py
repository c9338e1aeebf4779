"""Which reader is for which file: the one place where readers are entered.

To add an ecosystem, write a module with a `Reader` and enter it here: under the exact file names
that it reads, or under the end of a file name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duanban.inventory.apk import ApkReader
from duanban.inventory.cargo import CargoLockReader, CargoTomlReader
from duanban.inventory.composer import ComposerReader
from duanban.inventory.conda import CondaReader
from duanban.inventory.dpkg import PARTED, DpkgReader
from duanban.inventory.gems import GemfileLockReader
from duanban.inventory.go_mod import GoModReader, GoSumReader, GoVendorReader
from duanban.inventory.interface import Reader
from duanban.inventory.maven import GradleLockReader, JarReader, PomReader
from duanban.inventory.npm_lock import NpmLockReader
from duanban.inventory.npm_manifest import NpmManifestReader
from duanban.inventory.os_release import OsReleaseReader
from duanban.inventory.package_list import PackageListReader
from duanban.inventory.pacman import PacmanReader
from duanban.inventory.pnpm_lock import PnpmLockReader
from duanban.inventory.python_declared import PyprojectReader, RequirementsReader
from duanban.inventory.python_installed import MetadataReader, PkgInfoReader, WheelRecordReader
from duanban.inventory.python_lock import PipfileLockReader, PoetryReader, PylockReader, UvReader
from duanban.inventory.rpm import RpmReader
from duanban.inventory.sbom_reader import SUFFIXES, SbomReader
from duanban.inventory.vendored import CopyReader
from duanban.inventory.wheel_file import WheelFileReader
from duanban.inventory.yarn_lock import YarnLockReader

_DPKG, _LIST, _NPM_LOCK = DpkgReader(), PackageListReader(), NpmLockReader()
_RPM, _GRADLE, _COMPOSER = RpmReader(), GradleLockReader(), ComposerReader()

SBOM = SbomReader()
"""Also for a single file that is given as the input, whatever its name."""
_COPIES = CopyReader()

BY_NAME: Mapping[str, Reader] = {
    "status": _DPKG,
    "Packages": _RPM,
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
    "METADATA": MetadataReader(),
    "pnpm-lock.yaml": PnpmLockReader(),
    "yarn.lock": YarnLockReader(),
    "os-release": OsReleaseReader(),
    "go.mod": GoModReader(),
    "go.sum": GoSumReader(),
    "modules.txt": GoVendorReader(),
    "Cargo.lock": CargoLockReader(),
    "Cargo.toml": CargoTomlReader(),
    "pom.xml": PomReader(),
    "gradle.lockfile": _GRADLE,
    "buildscript-gradle.lockfile": _GRADLE,
    "Gemfile.lock": GemfileLockReader(),
    "gems.locked": GemfileLockReader(),
    "composer.lock": _COMPOSER,
    "installed.json": _COMPOSER,
    "installed": ApkReader(),
    "desc": PacmanReader(),
    "rpmdb.sqlite": _RPM,
    "Packages.db": _RPM,
    **dict.fromkeys(_COPIES.names(), _COPIES),
}
"""Exact file name to reader."""

BY_SUFFIX: Sequence[tuple[str, Reader]] = (
    (".status", _DPKG),
    (".whl", WheelFileReader()),
    (".toml", BY_NAME["pylock.toml"]),
    (".jar", JarReader()),
    (".txt", RequirementsReader()),
    (".in", RequirementsReader()),
    (".json", CondaReader()),
    *((suffix, SBOM) for suffix in SUFFIXES),
    ("Packages", _DPKG),
)
"""End of a file name to reader, asked after `BY_NAME`, in order."""

RECORDS = frozenset({"WHEEL", "METADATA", "PKG-INFO", "package.json", ".package-lock.json"})
"""Names that also count inside an installed package: its own record. Other manifests in there
(a lock file that somebody published) are not the system's."""

_SUFFIXES = tuple(suffix for suffix, _ in BY_SUFFIX)


def reader_for(path: str) -> Reader | None:
    """Return the reader that recognises `path` by its name; None if there is none."""
    directory, _, name = path.rpartition("/")
    if directory.endswith(PARTED) and _DPKG.recognises(path):
        return _DPKG
    reader = BY_NAME.get(name)
    if reader is not None and reader.recognises(path):
        return reader
    if name.endswith(_SUFFIXES):
        for suffix, candidate in BY_SUFFIX:
            if name.endswith(suffix) and candidate.recognises(path):
                return candidate
    return None
