"""Runs a command and says what it cost: CPU seconds, wall seconds and peak memory of its processes.

CPU is user plus system time of the whole process tree as the kernel accounts it to the parent that
waits (`wait4`). Memory is the proportional set size (PSS: a page shared by n processes counts 1/n
in each) summed over the tree, sampled from /proc; Linux only.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY = 0.05
"""Seconds between two looks at the memory."""


class BenchmarkError(Exception):
    """A measured command failed, so its numbers would mean nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    cpu: float
    """Seconds, user and system, of all processes."""
    wall: float
    """Seconds."""
    memory: int
    """Peak bytes of all processes together."""


def run(
    command: Sequence[str],
    *,
    output: Path | None = None,
    environment: Mapping[str, str] | None = None,
    allowed: Sequence[int] = (0,),
) -> Cost:
    """Run `command` to its end and return what it cost.

    Args:
        command: program and arguments.
        output: where its standard output goes; None drops it.
        environment: variables to set besides those that are there.
        allowed: exit codes that mean success.

    Raises:
        BenchmarkError: it ended with another code; its last words are in the message.
    """
    with (
        Path(output or os.devnull).open("wb") as stdout,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=_environment(environment or {}),
        ) as process,
    ):
        assert process.stderr is not None
        sampler = _Sampler(process.pid)
        words = _Reader(process.stderr.fileno())
        started = time.perf_counter()
        sampler.start()
        words.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
        words.join()
    if process.returncode not in allowed:
        tail = words.text[-2000:].decode(errors="replace")
        raise BenchmarkError(f"{' '.join(command)}: exit code {process.returncode}\n{tail}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, sampler.peak)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return our variables and `extra`.

    Without the one that would make every Python program, ours and the peers' alike, compile its
    own source anew at each start.
    """
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **extra}


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure on its own."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        int(statistics.median(cost.memory for cost in costs)),
    )


def machine() -> str:
    """Return one line that says what the numbers were measured on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
        if line.startswith(("model name", "Model Name", "uarch")):
            model = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[0]
    system = os.uname()
    return (
        f"{model} ({system.machine}), {os.cpu_count()} cores, Linux {system.release}, "
        f"load average {load:.1f} at the start"
    )


class _Reader(threading.Thread):
    """Empties a pipe, so that the process that writes into it never waits."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self.text = b""
        self._descriptor = descriptor

    def run(self) -> None:
        while chunk := os.read(self._descriptor, 1 << 16):
            self.text = (self.text + chunk)[-1 << 16 :]


class _Sampler(threading.Thread):
    """Watches the memory of a process and its descendants."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._tree = {root}
        self._others: set[int] = set()
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY):
            self._find_new()
            self.peak = max(self.peak, sum(_pss(pid) for pid in self._tree))

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _find_new(self) -> None:
        """Sort the processes that were not there before into ours and others."""
        living = {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208
        self._others &= living
        for pid in sorted(living - self._others - self._tree):
            ours = _parent(pid) in self._tree
            (self._tree if ours else self._others).add(pid)


def _parent(pid: int) -> int:
    """Return the id of the parent process; 0 if the process has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(status.rpartition(")")[2].split()[1])


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in bytes; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0
