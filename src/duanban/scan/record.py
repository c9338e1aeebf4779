"""What the scan keeps of a file.

Small and made of plain values, so that workers can send it back and the store can keep it.
"""

from __future__ import annotations

import msgspec

from duanban.binaries.interface import Payload


class Hit(msgspec.Struct, array_like=True, frozen=True):
    """One place, or several close ones, where a rule's pattern stands on one target."""

    rule: str
    line: int
    end_line: int
    occurrences: int
    certain: bool
    """Whether the place is surely compiled on the target (else it depends on what is not known)."""
    guard: str
    match: str
    """The text that matched first, shortened."""
    snippet: str
    """The first line of the place, shortened."""
    undecided: tuple[str, ...] = ()
    """Macros of the guard, if the place is not certain."""
    weight: float = 1.0
    """Factor on the rule's confidence, for what the place itself says."""


class FileRecord(msgspec.Struct, array_like=True, frozen=True):
    """Everything the scan knows of one file that is worth a word."""

    path: str
    skipped: str = ""
    """Why the file was not read, empty if it was."""
    language: str = ""
    hits: tuple[tuple[Hit, ...], ...] = ()
    """Per target, in the order of the targets asked for."""
    native: tuple[Payload, ...] = ()
    listed: tuple[int, ...] = ()
    """Per target, the lists of machines in the file that name it; empty if none names any."""
