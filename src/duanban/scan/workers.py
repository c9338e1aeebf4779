"""The files of a tree, read on several cores.

Workers are forked after the matcher is built and the tree is listed, so they share both; a task
is a range of the list, and nothing but results travels between processes.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from duanban.scan.walk import Entry

T = TypeVar("T")

BATCH_BYTES = 4 << 20
"""Bytes a task, about: large enough that its overhead is nothing, small enough to share out."""
BATCH_FILES = 500

WORTH_FORKING = 32 << 20
"""Bytes below which one process reads them in a few tenths of a second; to fork two and take them
down costs half a tenth of processor time."""


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """What all workers share."""

    entries: Sequence[Entry]
    read: Callable[[Entry], T | None]
    """Makes something of a file; None is dropped."""


_job: Job[Any] | None = None
"""The job of this process; set before the workers are forked, which then have it too."""


def default_jobs() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_files(job: Job[T], jobs: int) -> Iterator[tuple[int, list[T]]]:
    """Read every entry of `job`.

    Args:
        job: the files and what to do with each.
        jobs: processes to use; 1 works in this one.

    Yields:
        How many files a finished batch had, and what was worth keeping of them, in order.
    """
    ranges = list(_ranges(job.entries))
    total = sum(entry.size for entry in job.entries)
    if jobs <= 1 or total < WORTH_FORKING or sys.platform == "win32":
        for first, last in ranges:
            yield last - first, _read_all(job, first, last)
        return
    global _job  # noqa: PLW0603 - forked workers inherit it; see the module's docstring
    _job = job
    gc.freeze()
    try:
        context = multiprocessing.get_context("fork")
        with context.Pool(jobs, initializer=_leave_signals_to_the_parent) as pool:
            for (first, last), results in zip(ranges, pool.imap(_task, ranges), strict=True):
                yield last - first, results
    finally:
        gc.unfreeze()
        _job = None


def _leave_signals_to_the_parent() -> None:
    """Let Ctrl-C, which goes to every process of the group, be answered by the parent alone.

    It ends the pool, by a signal that must end a worker at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _ranges(entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    first, size = 0, 0
    for index, entry in enumerate(entries):
        size += entry.size
        if size >= BATCH_BYTES or index - first + 1 >= BATCH_FILES:
            yield first, index + 1
            first, size = index + 1, 0
    if first < len(entries):
        yield first, len(entries)


def _task(bounds: tuple[int, int]) -> list[Any]:
    assert _job is not None
    return _read_all(_job, *bounds)


def _read_all(job: Job[T], first: int, last: int) -> list[T]:
    results = (job.read(entry) for entry in job.entries[first:last])
    return [result for result in results if result is not None]
