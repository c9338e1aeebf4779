"""Hyperscan (https://intel.github.io/hyperscan/): all patterns in one pass, with SIMD."""

from __future__ import annotations

from collections.abc import Sequence

import hyperscan


class HyperscanMatcher:
    """Patterns as one Hyperscan block database."""

    name = "hyperscan"

    def __init__(self, patterns: Sequence[bytes]) -> None:
        # SINGLEMATCH: an answer per pattern and file, not per occurrence; each callback into
        # Python costs more than the scan of the bytes between two of them.
        flags = hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_SINGLEMATCH
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=list(patterns), ids=list(range(len(patterns))), flags=flags
        )
        self._found: list[int] = []

    def hits(self, data: bytes) -> Sequence[int]:
        """Return the indexes of the patterns that occur in `data`."""
        found: list[int] = []
        self._found = found
        self._database.scan(data, match_event_handler=self._on_match)
        return found

    def _on_match(self, pattern: int, start: int, end: int, flags: int, context: object) -> None:
        self._found.append(pattern)
