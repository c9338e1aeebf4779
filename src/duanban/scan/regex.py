"""Regular expressions on bytes: RE2 where it is installed, else Python's `re`, same syntax.

RE2 runs in time linear in the input whatever the pattern, which matters for hostile files;
the rules use only what both engines understand (`tests/rules` holds them to the same answer).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol, cast

try:
    import re2 as _re2
except ImportError:
    _re2 = None


class Match(Protocol):
    """What a search gives: as `re.Match[bytes]`."""

    def start(self, group: int = 0, /) -> int:
        """Return the offset where the group begins."""
        ...

    def end(self, group: int = 0, /) -> int:
        """Return the offset behind the group."""
        ...

    def span(self, group: int = 0, /) -> tuple[int, int]:
        """Return the offset where the group begins, and the one behind it."""
        ...

    def group(self, group: int = 0, /) -> bytes | None:
        """Return the text of the group."""
        ...


class Pattern(Protocol):
    """A compiled expression: as `re.Pattern[bytes]`."""

    @property
    def groups(self) -> int:
        """How many capture groups it has."""
        ...

    def search(self, data: bytes, /) -> Match | None:
        """Return the first match."""
        ...

    def finditer(self, data: bytes, /) -> Iterator[Match]:
        """Return all matches in order, without overlaps."""
        ...


def compile_pattern(pattern: bytes) -> Pattern:
    """Return `pattern` compiled in multi-line mode (`^` and `$` stand at line ends).

    Raises:
        re.error: the pattern is not valid (both engines raise a subclass or this).
    """
    if _re2 is None:
        return cast(Pattern, re.compile(b"(?m)" + pattern))
    options = _re2.Options()
    options.encoding = _re2.Options.Encoding.LATIN1
    options.log_errors = False
    return cast(Pattern, _re2.compile(b"(?m)" + pattern, options))
