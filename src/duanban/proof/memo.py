"""What is done already of a proof that was broken off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from duanban.locate.keep import keep

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Memo:
    """Outcomes by name, in a directory beside what they came from."""

    directory: Path
    key: str
    """Of the proof: all that decides the outcomes."""
    fresh: bool
    """Take nothing of an earlier run."""

    def take(self, name: str, kind: object, make: Callable[[], T]) -> T:
        """Return the outcome called `name`, made now or before."""
        path = self.directory / f"{name}-{self.key[:16]}.json"
        if not self.fresh and path.is_file():
            try:
                kept: T = msgspec.json.decode(path.read_bytes(), type=kind)
            except msgspec.MsgspecError:
                pass
            else:
                return kept
        outcome = make()
        keep(path, msgspec.json.encode(outcome))
        return outcome
