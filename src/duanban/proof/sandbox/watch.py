"""Runs a process, keeps what it says within bounds, and ends it when a limit is reached."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from duanban.proof.sandbox.interface import Limits, Ran
from duanban.proof.sandbox.processes import descendants, kill_all

KEPT = 128 * 1024
"""Bytes of output kept of the beginning, and as many of the end."""
_CHUNK = 65536
_LOOK = 0.1
"""Seconds between two looks at the processes."""
_MEASURE = 2.0
"""Seconds between two looks at the disk."""


def watched(
    command: Sequence[str],
    limits: Limits,
    *,
    directory: Path | None,
    environment: Mapping[str, str],
    writable: Sequence[Path],
) -> Ran:
    """Run `command` within those of `limits` that can be seen from outside."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=dict(environment),
        start_new_session=True,
    )
    try:
        watch = _Watch(process, limits, writable, started)
        ended = watch.until_end()
    finally:
        kill_all(process.pid, reaped=process.returncode is not None)
        code = process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return Ran(code, watch.kept.text(), round(time.monotonic() - started, 2), ended)


@dataclass(slots=True)
class _Kept:
    """The beginning and the end of the output."""

    head: bytearray = field(default_factory=bytearray)
    tail: deque[bytes] = field(default_factory=deque)
    in_tail: int = 0
    total: int = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = KEPT - len(self.head)
        if room > 0:
            self.head += data[:room]
            data = data[room:]
        if data:
            self.tail.append(data)
            self.in_tail += len(data)
            while self.in_tail - len(self.tail[0]) >= KEPT:
                self.in_tail -= len(self.tail.popleft())

    def text(self) -> str:
        left_out = self.total - len(self.head) - self.in_tail
        between = f"\n[... {left_out:,} bytes left out ...]\n".encode() if left_out else b""
        return (bytes(self.head) + between + b"".join(self.tail)).decode("utf-8", "replace")


class _Watch:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        writable: Sequence[Path],
        started: float,
    ) -> None:
        self.kept = _Kept()
        self._process = process
        self._limits = limits
        self._writable = writable
        self._started = started
        self._measured = started

    def until_end(self) -> str:
        """Return the limit that was reached, or nothing if the process ended by itself."""
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        os.set_blocking(stream, False)
        looked = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                silent = not selector.select(_LOOK)
                over = silent or self._read(stream)
                if self._process.poll() is not None:
                    self._read_rest(stream)
                    return self._reached_by_output()
                now = time.monotonic()
                if now - looked >= _LOOK:
                    looked = now
                    reason = self._reached(now)
                    if reason:
                        return reason
                if over and not silent:  # it closed its output and goes on
                    time.sleep(_LOOK)

    def _read(self, stream: int) -> bool:
        """Take what is there and return whether there will be no more."""
        try:
            data = os.read(stream, _CHUNK)
        except BlockingIOError:
            return False
        self.kept.add(data)
        return not data

    def _read_rest(self, stream: int) -> None:
        while self.kept.total <= self._limits.output:
            before = self.kept.total
            if self._read(stream) or self.kept.total == before:
                return

    def _reached_by_output(self) -> str:
        return "output limit" if self.kept.total > self._limits.output else ""

    def _reached(self, now: float) -> str:
        limits = self._limits
        if self.kept.total > limits.output:
            return f"more than {limits.output:,} bytes of output"
        if now - self._started > limits.seconds:
            return f"not finished after {limits.seconds:.0f} s"
        usage = descendants(self._process.pid)
        if len(usage.pids) > limits.processes:
            return f"more than {limits.processes} processes"
        if usage.memory > limits.memory:
            return f"more than {limits.memory:,} bytes of memory"
        if now - self._measured > _MEASURE:
            self._measured = now
            return self._disk()
        return ""

    def _disk(self) -> str:
        size = files = 0
        for directory in self._writable:
            for base, _, names in os.walk(directory):
                files += len(names)
                for name in names:
                    try:
                        size += os.lstat(f"{base}/{name}").st_blocks * 512
                    except OSError:
                        continue
                if files > self._limits.files:
                    return f"more than {self._limits.files:,} files"
                if size > self._limits.disk:
                    return f"more than {self._limits.disk:,} bytes on disk"
        return ""
