"""The processes that descend from one, as /proc tells."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
_RSS = 21
"""Index of the resident pages among the fields of /proc/PID/stat that follow the name."""


_PATIENCE = 250
"""Looks, 0.02 s apart, until processes that were killed are given up on."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the processes hold together."""

    pids: tuple[int, ...]
    memory: int
    """Resident bytes; pages that several share count for each."""


def descendants(root: int) -> Usage:
    """Return the processes below `root`, which itself does not count."""
    parents: dict[int, tuple[int, int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - ten times a second, over all processes
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rpartition(b")")[2].split()
            parents[int(name)] = (int(fields[1]), int(fields[_RSS]))
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in parents.items():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    open_ = [root]
    while open_:
        for child in children.get(open_.pop(), ()):
            found.append(child)
            open_.append(child)
    return Usage(tuple(found), sum(parents[pid][1] for pid in found) * _PAGE)


def kill_all(root: int, *, reaped: bool) -> None:
    """End the session that `root` leads and all below it, and wait until they are gone.

    Those below are noted before the leader ends, for afterwards nothing tells whose they were.

    Args:
        root: the leader.
        reaped: whether it has ended and its number may be somebody else's by now.
    """
    below = set() if reaped else set(descendants(root).pids)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(root, signal.SIGKILL)
    for _ in range(_PATIENCE):
        if not reaped:
            below |= set(descendants(root).pids)
        for pid in below:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        below = {pid for pid in below if _lives(pid)}
        if not below:
            return
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Return whether there is such a process, and not only its number for a parent to ask for."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except (OSError, IndexError):
        return False
