"""Progress on standard error, when it is a terminal; nothing else ever writes there."""

from __future__ import annotations

import sys
import time

INTERVAL = 0.1
"""Seconds between two updates of the line."""

WIDTH = 24
"""Characters of the bar."""


class ProgressLine:
    """One line that is rewritten. No thread: workers are forked while it is shown."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0.0
        self._open = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` (0: not known) of `what` is done."""
        now = time.monotonic()
        if not self._shown or (now - self._last < INTERVAL and done != total):
            return
        self._last = now
        text = what if not total else f"{what} {self._bar(done, total)} {done:,}/{total:,}"
        sys.stderr.write(f"\r\x1b[K{text[:120]}")
        sys.stderr.flush()
        self._open = True

    def clear(self) -> None:
        """Take the line away, so that what follows stands alone."""
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False

    @staticmethod
    def _bar(done: int, total: int) -> str:
        full = WIDTH * done // max(total, 1)
        return "█" * full + "░" * (WIDTH - full)
