"""The limits that the kernel holds each process to, set by util-linux's prlimit."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from duanban.proof.sandbox.interface import Job, Limits

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_OPEN_FILES = 4096


def limited(command: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """Return `command` with the limits of the kernel before it."""
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return tuple(command)
    return (
        prlimit,
        "--core=0",
        f"--as={2 * limits.memory}",
        f"--fsize={limits.disk}",
        f"--nofile={_OPEN_FILES}",
        f"--cpu={int(limits.seconds) + 1}",
        "--",
        *command,
    )


def surroundings(job: Job, path: str = SYSTEM_PATH) -> dict[str, str]:
    """Return the environment of `job`: nothing of the user's own but a path to programs."""
    home = str(job.writable[0])
    return {"PATH": path, "HOME": home, "TMPDIR": "/tmp", "LC_ALL": "C.UTF-8", **job.environment}  # noqa: S108
