"""Python's own `re`: slow, but always there."""

from __future__ import annotations

import re
from collections.abc import Sequence


class ReMatcher:
    """Patterns compiled one by one."""

    name = "re"

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self._patterns = [re.compile(b"(?m)" + pattern) for pattern in patterns]

    def hits(self, data: bytes) -> Sequence[int]:
        """Return the indexes of the patterns that occur in `data`."""
        return [i for i, pattern in enumerate(self._patterns) if pattern.search(data)]
