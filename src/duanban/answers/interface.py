"""What a fixer is, and what it and a whole proposal give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from duanban.check.core import CheckOptions
from duanban.model import Finding

if TYPE_CHECKING:
    from duanban.answers.work import Work


@dataclass(frozen=True, slots=True)
class How:
    """How to look for answers."""

    fixers: tuple[str, ...] = ()
    """Names; only these are asked. None: all."""
    vendor: str = ""
    """Directory, relative to the root, with the tree's own copy of SIMDe; empty: the system's."""
    tools: Path | None = None
    """A directory like the root of a system whose files are taken before this system's."""
    options: CheckOptions = field(default_factory=CheckOptions)
    """How to check the tree."""


ALL = How()
"""Every fixer, and nothing special."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of a file that are replaced.

    Line ends of `new` are those of the file when it is applied, whatever stands here.
    """

    start: int
    """Offset in the file as it was."""
    end: int
    """Offset behind the last byte that is replaced; as `start`, it inserts."""
    new: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What one fixer does to one file, as a whole or not at all."""

    fixer: str
    path: str
    """Relative to the system's root, with `/`; a file that is not there is made."""
    edits: tuple[Edit, ...]
    why: str
    """What it does, in one line."""
    assumes: tuple[str, ...] = ()
    """What must be so for the result to be right, beyond what was looked at."""
    answers: tuple[str, ...] = ()
    """Ids of the findings that it answers."""
    then: tuple[str, ...] = ()
    """What someone must do once it is applied, each in one line."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that a fixer looked at and left as it is."""

    fixer: str
    path: str
    line: int
    reason: str
    findings: tuple[str, ...] = ()
    """Ids of the findings that stay because of it."""


Outcome = Change | Refusal


class Fixer(Protocol):
    """One transformation; its module's docstring says what it turns into what."""

    @property
    def name(self) -> str:
        """A word or two with hyphens, by which it is chosen."""
        ...

    @property
    def title(self) -> str:
        """What it does, in a line."""
        ...

    @property
    def rules(self) -> tuple[str, ...]:
        """Patterns (`fnmatch`) of the rules whose findings it answers."""
        ...

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield what it changes, and what it looked at and left."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A finding that no change of the proposal answers."""

    finding: Finding
    line: int
    """What stands in the way: the finding's own line, or another of its file. 0: the whole file."""
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would let a system stand on a target, as far as a machine can write it."""

    target: str
    """The target's id."""
    diff: bytes
    """For `git apply`, with paths relative to the system's root; empty if there is nothing."""
    changes: tuple[Change, ...]
    unanswered: tuple[Unanswered, ...]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Path to what the file is with all changes."""
    refusals: tuple[Refusal, ...] = ()
    """What was looked at and left without that a finding is about it."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed, each once, in order."""
        return tuple(dict.fromkeys(a for change in self.changes for a in change.assumes))

    @property
    def then(self) -> tuple[str, ...]:
        """What is to be done once the patch is applied, each once, in order."""
        return tuple(dict.fromkeys(one for change in self.changes for one in change.then))
