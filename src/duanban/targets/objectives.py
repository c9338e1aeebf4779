"""The levels of a target's objectives, from facts that may be unknown."""

from __future__ import annotations

FACTS: dict[str, str] = {}
