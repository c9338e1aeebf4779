"""Hyperscan (https://intel.github.io/hyperscan/): all patterns in one pass, with SIMD."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import hyperscan

from duanban.locate.keep import keep
from duanban.locate.setting import cache_directory


class HyperscanMatcher:
    """Patterns as one Hyperscan block database.

    Compiling hundreds of patterns takes longer than scanning a small tree, so the compiled form is
    kept in the cache directory, under a name made of the patterns and the library's version. A
    form that was made for another processor is refused by the library, and compiled again.
    """

    name = "hyperscan"

    def __init__(self, patterns: Sequence[bytes]) -> None:
        path = cache_directory() / "matchers" / f"{_key(patterns)}.hs"
        self._database = _load(path) or _compile(patterns, path)
        self._found: list[int] = []

    def hits(self, data: bytes) -> Sequence[int]:
        """Return the indexes of the patterns that occur in `data`."""
        found: list[int] = []
        self._found = found
        self._database.scan(data, match_event_handler=self._on_match)
        return found

    def _on_match(self, pattern: int, start: int, end: int, flags: int, context: object) -> None:
        self._found.append(pattern)


def _key(patterns: Sequence[bytes]) -> str:
    text = b"\0".join((version("hyperscan").encode(), *patterns))
    return hashlib.sha256(text).hexdigest()[:32]


def _load(path: Path) -> hyperscan.Database | None:
    try:
        database = hyperscan.loadb(path.read_bytes(), mode=hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b"", match_event_handler=lambda *_: None)
    except (OSError, hyperscan.error):
        return None
    return database


def _compile(patterns: Sequence[bytes], path: Path) -> hyperscan.Database:
    # SINGLEMATCH: an answer per pattern and file, not per occurrence; each callback into Python
    # costs more than the scan of the bytes between two of them.
    flags = hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database()
    database.compile(expressions=list(patterns), ids=list(range(len(patterns))), flags=flags)
    keep(path, hyperscan.dumpb(database))
    return database
