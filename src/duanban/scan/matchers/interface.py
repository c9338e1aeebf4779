"""What every engine does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Matcher(Protocol):
    """A set of patterns compiled together. Built once, before the workers are forked."""

    name: str

    def hits(self, data: bytes) -> Sequence[int]:
        """Return the indexes of the patterns that occur in `data`, in any order, each once."""
        ...
