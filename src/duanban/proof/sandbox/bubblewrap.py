"""Bubblewrap: namespaces of its own, no network, and a file system of what the job needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from duanban.proof.sandbox.interface import MIB, Job, Limits, Ran
from duanban.proof.sandbox.limited import limited, surroundings
from duanban.proof.sandbox.watch import watched

NOBODY = 65534
_NO_MORE = ("--unshare-user", "--disable-userns", "--cap-drop", "ALL")
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types")
"""What of /etc programs need; nothing there tells of the machine's users or secrets."""


class Bubblewrap:
    """Runs jobs under `bwrap`.

    Started by root, the job becomes the user `nobody` first. It has no capabilities, and is in a
    user namespace in which it cannot make further ones.

    Args:
        program: bubblewrap, of this system.
        root: a directory like `/`, whose programs jobs have instead of this system's;
            bubblewrap and util-linux are to be among them.
    """

    name = "bubblewrap"

    def __init__(self, program: str, root: Path | None = None) -> None:
        self._program = program
        self._root = root or Path("/")
        self._is_root = os.geteuid() == 0 and shutil.which("setpriv") is not None

    @cached_property
    def version(self) -> str:
        """The version of bubblewrap."""
        done = subprocess.run([self._program, "--version"], capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace").split()[-1:][0] if done.stdout else ""

    def hindrance(self) -> str:
        """Return why it does not work here, or nothing."""
        job = self._dropped(("true",), Limits(), Path("/"))
        command = [*self._confined(Limits(), (), ()), "--", *job]
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return "" if done.returncode == 0 else (said or [f"exit code {done.returncode}"])[-1]

    def run(self, job: Job, limits: Limits) -> Ran:
        """Run `job`; it can write below its writable directories only, and reach nobody."""
        if self._is_root:
            for directory in job.writable:
                _give_away(directory)
        return watched(
            [
                *self._confined(limits, job.readable, job.writable),
                "--",
                *self._dropped(limited(job.command, limits), limits, job.directory),
            ],
            limits,
            directory=None,
            environment=surroundings(job),
            writable=job.writable,
        )

    def _confined(
        self, limits: Limits, readable: tuple[Path, ...], writable: tuple[Path, ...]
    ) -> list[str]:
        options = [
            self._program,
            *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
            *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
            *("--hostname", "proof", "--proc", "/proc", "--dev", "/dev"),
            *("--size", str(limits.temporary), "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108
            *("--size", str(limits.temporary), "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108
            *("--size", str(MIB), "--tmpfs", "/run", "--perms", "0755", "--dir", "/etc"),
        ]
        if self._is_root:
            options += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            options += _NO_MORE
        for name in _SYSTEM:
            options += _system(self._root, name)
        for name in _SETTINGS:
            options += ["--ro-bind-try", str(self._root / "etc" / name), f"/etc/{name}"]
        options += _parents((*readable, *writable))
        for path in readable:
            options += ["--ro-bind", str(path), str(path)]
        for path in writable:
            options += ["--bind", str(path), str(path)]
        return [*options, "--remount-ro", "/dev", "--remount-ro", "/"]

    def _dropped(
        self, command: tuple[str, ...], limits: Limits, directory: Path
    ) -> tuple[str, ...]:
        """Return `command`, run in `directory` with no more rights than it needs."""
        command = ("env", f"--chdir={directory}", "--", *command)
        # Root's processes are not counted, and a user namespace counts from 0 (Linux 5.14).
        counted = ("prlimit", f"--nproc={2 * limits.processes}", "--")
        if not self._is_root:
            return (*counted, *command)
        setpriv = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        # A namespace in which nobody is somebody, and can make no further one.
        inner = ("bwrap", "--dev-bind", "/", "/", *_NO_MORE, "--")
        return (*counted, *setpriv, "--inh-caps=-all", *inner, *command)


def _system(root: Path, name: str) -> list[str]:
    """Return the options that show a directory of `root`, or a link as the link it is."""
    path = root / name
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), f"/{name}"]
    return ["--ro-bind", str(path), f"/{name}"] if path.is_dir() else []


def _give_away(directory: Path) -> None:
    """Let the user that the job becomes own what it may write."""
    for base, directories, files in os.walk(directory):
        for path in (base, *(f"{base}/{name}" for name in (*directories, *files))):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _parents(paths: Iterable[Path]) -> list[str]:
    """Return the options that make the directories above `paths`, which anybody may pass."""
    known = {Path("/"), Path("/tmp"), Path("/run")}  # noqa: S108 - made already
    options = []
    for path in paths:
        for parent in reversed(path.parents):
            if parent not in known and not any(parent.is_relative_to(f"/{one}") for one in _SYSTEM):
                known.add(parent)
                options += ["--perms", "0755", "--dir", str(parent)]
    return options
