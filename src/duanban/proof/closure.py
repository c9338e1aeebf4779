"""Debian packages and all that they need, unpacked into one directory.

The user's apt fetches them from Debian's own index, with lists and settings in our cache. Nothing
is installed, and no script of a package runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate import cache_directory, is_offline
from duanban.locate.apt_sources import private_options
from duanban.locate.client import Watched, run
from duanban.locate.interface import Progress
from duanban.proof.interface import ProofError, Tool

SUITE = "sid"
NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian Policy 5.6.7
_CONTENTS = "Created-By: Contents-deb"
_HELPER = "/usr/lib/apt/apt-helper"
"""Apt's own reader of the compressed lists; part of apt, and not along PATH."""
_FRESH = 7 * 24 * 3600.0
"""Seconds for which an index is not asked for again."""
_FORM = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(SIGNED_BY)"


@dataclass(frozen=True, slots=True)
class Closure:
    """A directory with the files of some packages."""

    root: Path
    packages: tuple[Tool, ...]
    """Each with its version."""

    def versions(self, names: Sequence[str]) -> tuple[Tool, ...]:
        """Return those of the packages that are called one of `names`."""
        return tuple(tool for tool in self.packages if tool.name in names)


def unpacked(
    names: Sequence[str],
    debian: str,
    progress: Progress,
    *,
    without: str = r"$^",
    finish: Callable[[Path], None] = lambda root: None,
) -> Closure:
    """Return the packages `names` for Debian's architecture `debian`, with what they depend on.

    Args:
        names: of packages.
        debian: Debian's name of the architecture.
        progress: told what is fetched.
        without: a pattern; packages whose names begin so are left out.
        finish: what is still to be done to the directory before it counts as there.

    Raises:
        ProofError: a name is none of a Debian package.
        FetchError: apt is missing, or does not have one of them for the architecture.
    """
    for name in names:
        if not NAME.fullmatch(name):
            raise ProofError(f"{name}: not the name of a Debian package")
    directory = cache_directory() / "apt" / f"{SUITE}-{debian}"
    watched = _watched(f"{names[0]} … for {debian}", progress, directory)
    options = _index_options(directory, debian, watched)
    install = ["apt-get", "-qq", *options, "install", "--no-install-recommends", "--print-uris"]
    lines = run([*install, "--", *sorted(set(names))], watched).decode("utf-8", "replace")
    files = sorted(line.split()[1] for line in lines.splitlines() if line.startswith("'"))
    files = [name for name in files if not re.match(without, name)]
    key = hashlib.sha256("\n".join((*files, finish.__qualname__)).encode()).hexdigest()[:16]
    root = directory / "roots" / key
    if not root.is_dir():
        with (directory / "lock").open("a") as lock:  # two at once would download the same files
            fcntl.flock(lock, fcntl.LOCK_EX)
            _unpack(files, options, watched, root, finish)
    os.utime(root)  # when it was used last, for `duanban cache prune`
    packages = tuple(Tool(name, version) for name, version in map(_name_and_version, files))
    return Closure(root, packages)


def newest(name: str, debian: str, progress: Progress) -> str:
    """Return the version that the package `name` has for the architecture `debian`.

    Raises:
        FetchError: apt is missing, or has no such package.
    """
    directory = cache_directory() / "apt" / f"{SUITE}-{debian}"
    watched = _watched(f"{name} for {debian}", progress, directory)
    options = _index_options(directory, debian, watched)
    shown = run(["apt-cache", *options, "show", "--no-all-versions", "--", name], watched)
    found = re.search(r"^Version: (?:\d+:)?(\S+)", shown.decode("utf-8", "replace"), re.MULTILINE)
    if found is None:
        raise ProofError(f"apt has no package {name} for {debian}")
    return found[1]


def lines_of_contents(debian: str, progress: Progress) -> Iterator[str]:
    """Yield the lines of Debian's list of all files: a path, and the packages that have it.

    Raises:
        FetchError: apt is missing, or cannot fetch the list.
    """
    directory = cache_directory() / "apt" / f"{SUITE}-{debian}"
    watched = _watched(f"the list of files for {debian}", progress, directory)
    options = [*_index_options(directory, debian, watched), *_contents_options()]
    names = ["apt-get", *options, "indextargets", "--format", "$(FILENAME)", _CONTENTS]
    files = run(names, watched).decode().split()
    if not files or not all(Path(file).exists() for file in files):
        run(["apt-get", "-q", *options, "update"], watched)
        files = run(names, watched).decode().split()
    for file in files:
        command = [_HELPER, "cat-file", file]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield line.decode("utf-8", "replace")


def _contents_options() -> list[str]:
    """Return the options that make apt fetch the list of files, as apt-file(1) has them."""
    prefix = "Acquire::IndexTargets::deb::Contents-deb"
    settings = {
        "MetaKey": "$(COMPONENT)/Contents-$(ARCHITECTURE)",
        "ShortDescription": "Contents-$(ARCHITECTURE)",
        "Description": "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents",
        "PDiffs": "false",
    }
    return [
        part for name, value in settings.items() for part in ("-o", f"{prefix}::{name}={value}")
    ]


def _watched(what: str, progress: Progress, directory: Path) -> Watched:
    """Return what tells how far it is, by what was downloaded; the rest has too many files."""
    packages = directory / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    return Watched(what, progress, packages)


def _name_and_version(file: str) -> tuple[str, str]:
    name, version, _ = urllib.parse.unquote(file).split("_", 2)
    return name, version


def _unpack(
    files: Sequence[str],
    options: Sequence[str],
    watched: Watched,
    root: Path,
    finish: Callable[[Path], None],
) -> None:
    packages = watched.directory
    singles = {file: root.parents[1] / "unpacked" / Path(file).stem for file in files}
    missing = [one for one in files if not singles[one].is_dir() and not (packages / one).exists()]
    if names := [file.split("_")[0] for file in missing]:
        run(["apt-get", "-q", *options, "download", "--", *names], watched)
    unfinished = root.with_name(f".{os.getpid()}-{root.name}")
    unfinished.mkdir(parents=True)
    for file in files:  # most packages are in many closures: their files are links
        single = singles[file]
        if not single.is_dir():
            part = single.with_name(f".{os.getpid()}-{single.name}")
            part.mkdir(parents=True)
            run(["dpkg-deb", "-x", str(packages / file), str(part)], watched)
            _settle(part, single)
        run(["cp", "-al", f"{single}/.", str(unfinished)], watched)
    for link in ("bin", "sbin", "lib", "lib64"):
        if not (unfinished / link).is_symlink() and not (unfinished / link).exists():
            (unfinished / link).symlink_to(f"usr/{link}")
    finish(unfinished)
    _settle(unfinished, root)


def _settle(made: Path, to: Path) -> None:
    """Rename a directory that is complete, unless somebody else was quicker."""
    try:
        made.rename(to)
    except OSError:
        if not to.is_dir():
            raise
        shutil.rmtree(made)


def _index_options(directory: Path, debian: str, watched: Watched) -> list[str]:
    """Return the options that make apt use an index below `directory`, fetched if need be."""
    sources, status = directory / "sources.list", directory / "status"
    names = {"APT::Architecture": debian, "APT::Architectures": debian}
    options = private_options(directory, {"Dir::State::status": status, **names})
    old = not sources.is_file() or time.time() - sources.stat().st_mtime > _FRESH
    if old and not (sources.is_file() and is_offline()):
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
