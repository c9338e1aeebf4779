"""Where compilers, emulator and build tools stand: in this system, or in a directory like its root.

Debian's own are its newest: GCC for this machine and for the target, QEMU, CMake, Meson, Autotools,
Cargo, Go, Python. In the sandbox the directory's `/usr` is the only one, so that neither age nor
kind of this system matters.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.interface import Progress
from duanban.model.errors import UsageError
from duanban.proof.closure import unpacked
from duanban.proof.debian_packages import debian_packages
from duanban.proof.interface import Tool
from duanban.proof.sandbox import Job, Limits, Sandbox, find_sandbox
from duanban.targets.interface import Architecture

DEBIAN = "debian"
"""The name of Debian's own."""
_LIMITS = Limits(seconds=60)


@dataclass(frozen=True)
class Tools:
    """Programs of this system, or of a directory."""

    sandbox: Sandbox
    """In which they run."""
    root: Path | None = None
    """A directory like `/`; None: this system."""
    packages: tuple[Tool, ...] = ()
    """What the directory was made of, if it is known."""

    def which(self, name: str) -> str | None:
        """Return the path of the program `name`, as it is in the sandbox."""
        if self.root is None:
            return shutil.which(name)
        places = (f"/usr/bin/{name}", f"/usr/sbin/{name}")
        return next((one for one in places if (self.root / one[1:]).exists()), None)

    def has(self, path: str) -> bool:
        """Return whether there is a directory `path`, as it is in the sandbox."""
        return Path(f"{self.root or ''}{path}").is_dir()

    def said(self, *command: str) -> str:
        """Return what `command`, a question of ours, answers."""
        if self.root is None:
            done = subprocess.run(command, capture_output=True, check=False)
            return done.stdout.decode("utf-8", "replace").strip()
        with tempfile.TemporaryDirectory() as place:
            job = Job(command, Path(place), (Path(place),))
            return self.sandbox.run(job, _LIMITS).output.strip()


def packages_for(system: str, target: Architecture, here: Architecture) -> tuple[str, ...]:
    """Return the packages for `here` with which trees of a build system are built for `target`."""
    cross = [f"{name}-{target.name}-linux-gnu" for name in ("gcc", "g++")] if target != here else []
    known = debian_packages()
    return (*known.base, *cross, *known.system.get(system, ()))


def find_tools(
    wanted: str,
    packages: Sequence[str],
    here: Architecture,
    progress: Progress,
    *,
    sandboxed: bool,
) -> Tools:
    """Return the tools to prove with.

    Args:
        wanted: `debian`, a directory like the root of a system, or nothing for this system.
        packages: of Debian, should they be its.
        here: this machine.
        progress: told what is fetched.
        sandboxed: whether there has to be a sandbox.

    Raises:
        SandboxError: there is none, and there has to be.
        UsageError: the directory is none, or there is no sandbox to show it in.
        FetchError: Debian's cannot be fetched.
    """
    if not wanted:
        return Tools(find_sandbox(allow_none=not sandboxed))
    if not sandboxed:
        raise UsageError("--tools and --no-sandbox exclude each other")
    if wanted != DEBIAN:
        root = Path(wanted).absolute()
        if not (root / "usr/bin/sh").exists():
            raise UsageError(f"{wanted}: not a directory like the root of a system (no usr/bin/sh)")
        return Tools(find_sandbox(allow_none=False, root=root), root)
    got = unpacked(packages, here.names["debian"][0], progress, finish=_with_links)
    return Tools(find_sandbox(allow_none=False, root=got.root), got.root, got.packages)


def root_for_patch(wanted: str, tree: Path, here: Architecture, progress: Progress) -> Path | None:
    """Return a root whose config.guess and config.sub a patch of `tree` may take; None for none.

    Raises:
        FetchError: Debian's cannot be fetched.
    """
    if wanted != DEBIAN:
        return Path(wanted) if wanted else None
    if not any(True for name in ("config.guess", "config.sub") for _ in tree.rglob(name)):
        return None
    return unpacked(("autotools-dev",), here.names["debian"][0], progress).root


def _with_links(root: Path) -> None:
    for name, to in debian_packages().links.items():
        path = root / "usr/bin" / name
        if not path.exists() and (path.parent / to).exists():
            path.symlink_to(to)
