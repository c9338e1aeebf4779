"""Runs the user's own clients (pip, npm, apt-get, git), which know their registries and mirrors."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from duanban.locate.interface import Progress
from duanban.locate.writer import MIB, printable
from duanban.model.errors import FetchError

TIMEOUT = 3600.0
"""Seconds that a client may take; a kernel or a browser over a slow line stays below."""
_POLL = 0.2
_OUTPUT_LIMIT = 64 * MIB
_TAIL = 64 * 1024

_ERROR = re.compile(r"(?:ERROR:|E:|fatal:|error:|npm (?:error|ERR!)(?: \w*\d+)?)\s+(.*\S)")
_NOISE = re.compile(
    r"(?:npm (?:error|ERR!) )?(?:code |A complete log|Note that you can|errno |syscall |path )"
    r"|(?:WARNING|warning|W|N|notice|npm (?:warn|WARN|notice))\b",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """How far a client is, seen from the directory that it writes to."""

    what: str
    progress: Progress
    directory: Path
    total: int = 0
    client: str = ""
    """The client's name for messages, where the program is another one."""

    def tell(self) -> None:
        """Report the bytes that are there."""
        self.progress(self.what, _size_of(self.directory), self.total)


def run(
    arguments: Sequence[str],
    watched: Watched,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    timeout: float = TIMEOUT,
) -> bytes:
    """Run a client without a shell, a terminal or standard input, and return its standard output.

    Args:
        arguments: program and arguments; names from the user stand behind a `--`.
        watched: what to tell while it runs.
        environment: variables on top of ours.
        directory: to run in; None for the watched one.
        timeout: seconds after which it is ended.

    Raises:
        FetchError: it is not installed, took too long, or failed (with what it said last).
    """
    program = watched.client or Path(arguments[0]).name
    if shutil.which(arguments[0]) is None:
        raise FetchError(f"{watched.what}: needs {program}, which is not installed")
    own = {**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=complaints,
            cwd=directory or watched.directory,
            env=own,
            start_new_session=True,  # no terminal to ask on, and one group to end it by
        )
        try:
            _wait(process, watched, timeout)
        finally:
            _end(process)
        if process.returncode != 0:
            said = meaningful(_tail(complaints)) or meaningful(_tail(out))
            why = said or f"exit code {process.returncode}"
            raise FetchError(f"{watched.what}: {program} failed: {why}")
        out.seek(0)
        return out.read(_OUTPUT_LIMIT)


def meaningful(text: str) -> str:
    """Return the line of a client's messages that says what went wrong, empty if there is none.

    The first line marked as an error (what follows are its consequences and advice), else the last
    line that is not a warning.
    """
    lines = [line.strip() for line in text.splitlines()]
    useful = [line for line in lines if line and not _NOISE.match(line)]
    errors = [found[1] for line in useful if (found := _ERROR.match(line))]
    return printable(errors[0] if errors else useful[-1] if useful else "")


def _wait(process: subprocess.Popen[bytes], watched: Watched, timeout: float) -> None:
    end = time.monotonic() + timeout
    while True:
        watched.tell()
        try:
            process.wait(_POLL)
        except subprocess.TimeoutExpired:
            if time.monotonic() > end:
                raise FetchError(
                    f"{watched.what}: not finished after {timeout:.0f} s; run it again to go on"
                ) from None
        else:
            watched.tell()
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the client and what it started, if it is still there (time-out, Ctrl-C)."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TAIL, 0))
    return file.read().decode("utf-8", "replace")


def _size_of(directory: Path) -> int:
    total = 0
    for base, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(f"{base}/{name}").st_size
            except OSError:
                continue
    return total
