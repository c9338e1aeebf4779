"""What a precise reader makes of a file, before any target is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from duanban.model import Truth


@dataclass(frozen=True, slots=True)
class MacroEnvironment:
    """What is known of the preprocessor on one target."""

    defined: Mapping[bytes, bytes]
    """Macros that the target's compiler predefines, name to replacement text."""
    undefined: frozenset[bytes]
    """Macros that are surely not defined there (predefined on another architecture or system)."""
    has_include: Callable[[bytes], Truth]
    """Whether a header exists on the target."""
    architecture_macros: frozenset[bytes] = frozenset()
    """Macros that tell architectures apart: predefined on some and not on others."""
    optional: frozenset[bytes] = frozenset()
    """Macros that the target's compilers predefine under some flags, or that users set."""
    machine: str = ""
    """GNU machine name of the target's architecture."""
    tree_headers: frozenset[bytes] = frozenset()
    """Names of system headers that the tree brings itself, for this target or for all."""


class Region(NamedTuple):
    """Consecutive lines that share one state on a target."""

    line: int
    """First line, from 1."""
    end_line: int
    state: Truth
    """TRUE: compiled on the target; FALSE: not; UNKNOWN: depends on what is not known."""
    guard: str
    """The conditions around it, outermost first, joined by ` && `; empty at the top level.
    Of an `#elif` or `#else`, the text shows what was not taken: `!(defined(__x86_64__))`."""
    macros: frozenset[str]
    """Names that those conditions mention."""
    names_machine: bool = False
    """The conditions speak of a machine in other words than macros (build files, scripts)."""


@dataclass(frozen=True, slots=True)
class Include:
    """One `#include`."""

    line: int
    name: str
    angled: bool


class Source(Protocol):
    """A file as its language's reader sees it.

    Views have the length of the file, so an offset in one is an offset in all.
    """

    @property
    def code(self) -> bytes:
        """Comments and the contents of strings blanked with spaces; newlines stay."""
        ...

    @property
    def strings(self) -> bytes:
        """Only the contents of strings."""
        ...

    @property
    def directives(self) -> bytes:
        """Only preprocessor directives, comments blanked; empty languages give spaces."""
        ...

    @property
    def asm(self) -> bytes:
        """Only templates of inline assembly, or the whole code of an assembler file."""
        ...

    @property
    def operands(self) -> bytes:
        """Only operands and clobbers of inline assembly, with their strings."""
        ...

    @property
    def includes(self) -> tuple[Include, ...]:
        """The files it includes, in order."""
        ...

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines in `environment`, in order and without gaps."""
        ...


@dataclass(frozen=True, slots=True)
class PlainSource:
    """A file of a language without a preprocessor: every line is there on every target."""

    code: bytes
    strings: bytes = b""
    directives: bytes = b""
    asm: bytes = b""
    operands: bytes = b""
    includes: tuple[Include, ...] = field(default=())

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return one region that is always compiled."""
        return [Region(1, self.code.count(b"\n") + 1, Truth.TRUE, "", frozenset())]
