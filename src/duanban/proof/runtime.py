"""The target's own Python: its packages and all that they need, unpacked into a directory.

The emulator runs it from there. Nothing is installed, and no script of a package runs.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate import cache_directory
from duanban.locate.client import Watched, run
from duanban.locate.interface import Progress
from duanban.proof.interface import ProofError
from duanban.proof.packages import SUITE, index_options
from duanban.targets.interface import Architecture

PYTHON = ("python3", "libpython3-dev", "python3-setuptools", "python3-pytest")
_NOT_NEEDED = re.compile(r"dpkg|debconf|linux-libc-dev|libc6-dev|libc-dev-bin|tzdata|libdb\d")
"""Of the closure: what configures packages, and headers that the compiler has its own of."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A directory with the target's programs and libraries."""

    root: Path
    python: Path
    """The program, for the target's machine."""

    @property
    def includes(self) -> tuple[Path, ...]:
        """Directories of headers, among them those of Python."""
        include = self.root / "usr/include"
        return (include, include / self.python.name)


def python_runtime(names: Sequence[str], machine: Architecture, progress: Progress) -> Runtime:
    """Return Python for `machine`, with the packages `names` besides.

    Raises:
        ProofError: the index has no Python.
        FetchError: apt is missing, or does not have one of them for the machine.
    """
    debian = machine.names["debian"][0]
    directory = cache_directory() / "apt" / f"{SUITE}-{debian}"
    watched = Watched(f"Python for {debian}", progress, directory)
    options = index_options(directory, debian, watched)
    wanted = sorted({*PYTHON, *names})
    install = ["apt-get", "-qq", *options, "install", "--no-install-recommends", "--print-uris"]
    lines = run([*install, "--", *wanted], watched).decode("utf-8", "replace").splitlines()
    files = sorted(line.split()[1] for line in lines if line.startswith("'"))
    files = [name for name in files if not _NOT_NEEDED.match(name)]
    key = hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]
    root = directory / f"runtime-{key}"
    if not root.is_dir():
        _unpack(files, options, watched, root)
    found = sorted((root / "usr/bin").glob("python3.[0-9]*[0-9]"))
    if not found:
        raise ProofError(f"the index has no Python for {debian}")
    return Runtime(root, found[-1])


def _unpack(files: Sequence[str], options: Sequence[str], watched: Watched, root: Path) -> None:
    packages = watched.directory / "packages"
    packages.mkdir(exist_ok=True)
    names = [name.split("_")[0] for name in files]
    run(["apt-get", "-q", *options, "download", "--", *names], watched, directory=packages)
    unfinished = root.with_name(f".{os.getpid()}-{root.name}")
    unfinished.mkdir()
    for name in files:
        run(["dpkg-deb", "-x", str(packages / name), str(unfinished)], watched)
    for link in ("bin", "lib", "lib64"):
        if not (unfinished / link).exists():
            (unfinished / link).symlink_to(f"usr/{link}")
    unfinished.replace(root)
