"""Google RE2 (https://github.com/google/re2): all patterns in one automaton, everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import re2

MAX_MEMORY = 48 << 20
"""Bytes that RE2's lazily built automaton may take; with too little it is rebuilt all the time."""


class Re2Matcher:
    """Patterns as one RE2 set."""

    name = "re2"

    def __init__(self, patterns: Sequence[bytes]) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = MAX_MEMORY
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(b"(?m)" + pattern)
        self._set.Compile()

    def hits(self, data: bytes) -> Sequence[int]:
        """Return the indexes of the patterns that occur in `data`."""
        # For no data the binding gives None instead of an empty list.
        found: Sequence[int] | None = self._set.Match(data)
        return found or ()
