"""Headers and static libraries of Debian packages for one machine, from Debian's own index.

The user's apt fetches them, with lists and settings in our cache; nothing is installed, and no
script of a package runs. Of libraries the static ones are taken: what is built then needs none at
run time, neither here nor under the emulator.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate import cache_directory
from duanban.locate.apt_sources import private_options
from duanban.locate.client import Watched, run
from duanban.locate.interface import Progress
from duanban.locate.unpack import unpack
from duanban.proof.interface import ProofError
from duanban.targets.interface import Architecture

SUITE = "sid"
_FRESH = 7 * 24 * 3600.0
"""Seconds for which an index is not asked for again."""
_FORM = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(SIGNED_BY)"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian Policy 5.6.7


@dataclass(frozen=True, slots=True)
class Libraries:
    """Where the parts of some packages stand."""

    includes: tuple[Path, ...] = ()
    directories: tuple[Path, ...] = ()
    """Of static libraries."""


def libraries(names: Sequence[str], machine: Architecture, progress: Progress) -> Libraries:
    """Return the headers and libraries of the packages `names` for `machine`.

    Raises:
        ProofError: a name is none of a Debian package.
        FetchError: apt is missing, or does not have one of them for the machine.
    """
    if not names:
        return Libraries()
    for name in names:
        if not _NAME.fullmatch(name):
            raise ProofError(f"{name}: not the name of a Debian package")
    debian = machine.names["debian"][0]
    directory = cache_directory() / "apt" / f"{SUITE}-{debian}"
    roots = [_root(name, debian, directory, progress) for name in sorted(set(names))]
    triplet = f"{machine.name}-linux-gnu"
    return Libraries(
        _existing(roots, "usr/include", f"usr/include/{triplet}"),
        _existing(roots, "usr/lib", f"usr/lib/{triplet}"),
    )


def build_depends(tree: Path) -> tuple[str, ...]:
    """Return the development packages that a `debian/control` of the tree names for its build."""
    try:
        text = (tree / "debian" / "control").read_text("utf-8", errors="replace")
    except OSError:
        return ()
    stanza = text.split("\n\n", 1)[0]
    field = re.search(r"^Build-Depends:((?:.|\n[ \t])*)", stanza, re.MULTILINE | re.IGNORECASE)
    words = field[1].split(",") if field else []
    first = (word.split("|")[0].split("(")[0].split("[")[0].split("<")[0] for word in words)
    names = (word.strip().split(":")[0] for word in first)
    return tuple(
        sorted({name for name in names if name.endswith("-dev") and _NAME.fullmatch(name)})
    )


def _root(name: str, debian: str, directory: Path, progress: Progress) -> Path:
    """Return where the newest `name` of the index is unpacked."""
    watched = Watched(f"{name} for {debian}", progress, directory)
    options = index_options(directory, debian, watched)
    packages = directory / "packages"
    packages.mkdir(exist_ok=True)
    run(["apt-get", "-q", *options, "download", "--", f"{name}"], watched, directory=packages)
    files = sorted(packages.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise ProofError(f"apt has no package {name} for {debian}")
    root = directory / "unpacked" / files[-1].stem
    if not root.is_dir():
        unfinished = root.with_name(f".{os.getpid()}-{root.name}")
        unfinished.mkdir(parents=True)
        unpack(files[-1], unfinished)
        for path in unfinished.rglob("*.so*"):
            path.unlink()
        unfinished.replace(root)
    return root


def _existing(roots: Sequence[Path], *below: str) -> tuple[Path, ...]:
    places = (root / one for root in roots for one in below)
    return tuple(place for place in places if place.is_dir())


def index_options(directory: Path, debian: str, watched: Watched) -> list[str]:
    """Return the options that make apt use an index of ours below `directory`, fetched if need be.

    Raises:
        FetchError: apt is missing, or cannot fetch it.
    """
    sources, status = directory / "sources.list", directory / "status"
    names = {"APT::Architecture": debian, "APT::Architectures": debian}
    options = private_options(directory, {"Dir::State::status": status, **names})
    if not sources.is_file() or time.time() - sources.stat().st_mtime > _FRESH:
        status.touch()
        sources.write_text(f"{_line(debian, watched)}\n", "utf-8")
        try:
            run(["apt-get", "-q", *options, "update"], watched)
        except BaseException:
            sources.unlink()
            raise
    return options


def _line(debian: str, watched: Watched) -> str:
    """Return the line of apt's sources for the archive that the user's apt has of Debian."""
    output = run(["apt-get", "indextargets", "--format", _FORM], watched).decode()
    for line in sorted(output.splitlines()):
        origin, codename, address, keys = line.split("|", 3)
        if origin == "Debian" and "-" not in codename:  # not -security, -updates
            signed = f" signed-by={keys}" if keys and not keys.startswith("$") else ""
            return f"deb [arch={debian}{signed}] {address} {SUITE} main"
    raise ProofError("apt knows no Debian archive; add one to its sources")
