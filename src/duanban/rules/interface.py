"""A rule: one piece of portability knowledge, read from `rules/*.toml` (docs/rules.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from duanban.model import Effort, Layer, Severity


class View(StrEnum):
    """The part of a file that a rule's patterns are searched in."""

    TEXT = "text"
    """The bytes as they stand, comments and strings included."""
    CODE = "code"
    """Code with comments and the contents of strings blanked."""
    STRINGS = "strings"
    """Only what stands inside string literals; the rest is blanked."""
    DIRECTIVES = "directives"
    """Only preprocessor directives (from `#` to the logical end of line), comments blanked."""
    ASM = "asm"
    """Only the template text of inline assembly statements, or the code of an assembler file."""
    OPERANDS = "operands"
    """Only the operands and clobbers of inline assembly statements, with their strings."""


class Subject(StrEnum):
    """What a rule is about, where that decides how its findings are looked at further."""

    ANY = ""
    OPTION = "option"
    """Options of compilers: what a build tool made only repeats its sources, and another system's
    build is not the target's."""
    ASSEMBLY = "assembly"
    """Assembly, as it stands or put together by macros."""
    HEADER = "header"
    """Headers of a compiler, which an emulation may stand in for."""
    INTRINSIC = "intrinsic"
    """Intrinsics of a compiler, which an emulation may bring."""


@dataclass(frozen=True, slots=True)
class Example:
    """A small input that the tests run the rule on."""

    name: str
    """File name, which decides the language."""
    text: str
    target: str = ""
    """Target id; empty: debian-sid-loong64."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the target for the rule to apply to it; an empty condition always holds."""

    belongs_to: tuple[str, ...] = ()
    """The construct works on these architectures: the rule is for targets on any other."""
    lookup: str = ""
    """A table of facts (`headers`, `syscalls`, `builtins`): applies where the first capture
    group is not in the target's table."""
    before: str = ""
    """A key of `Architecture.since`: applies where the first capture group, an ISO date, is
    earlier than the target's."""
    where: tuple[tuple[str, str], ...] = ()
    """Fact and comparison, all of which must hold: ("char_signed", "== false"),
    ("page_size_max", "> 4096"), ("memory_order", "== weak"), ("long_double", "!= x87-80"),
    ("cache_line", "!= 64")."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One tie that the scanner knows, with why it matters and what to do about it."""

    id: str
    title: str
    layer: Layer
    severity: Severity
    confidence: float
    languages: tuple[str, ...]
    """Reader names (`scan/languages.toml`): c, asm, nasm, fortran, make, cmake, meson, autoconf,
    shell, python, javascript, json, toml, ...; `any` for every text file."""
    view: View
    patterns: tuple[str, ...]
    """RE2 syntax, bytes, searched line-wise (`(?m)`); `{table}` stands for the names of a table
    of facts that not every architecture has."""
    prefilter: tuple[str, ...]
    """What must stand somewhere in the raw file before it is read at all; default: `patterns`."""
    excludes: tuple[str, ...]
    """A match is dropped if one of these also matches its line (in the same view)."""
    condition: Condition
    guard: str
    """`` any place; `architecture`: only under a condition that names an architecture;
    `unguarded`: only where no condition that names an architecture stands around it."""
    breaks_compile: bool
    """A translation unit that contains it does not compile on a target that lacks it."""
    message: str
    """`{match}` is the matched text, `{target}` the target's architecture."""
    why: str
    remedy: str
    effort: Effort
    """Hours for the first place."""
    effort_each: Effort
    """Hours for each further place in the same finding."""
    sources: tuple[str, ...]
    positive: tuple[Example, ...]
    negative: tuple[Example, ...]
    effort_more: str = ""
    """What else the hours go by, in words, where a finding's own measure is added to them."""
    ending: str = ""
    """For lists of machines that lack the target: what such a list has for those that it does not
    name: `refused` (an error), `open` (nothing) or `default` (a branch for all others); `single`
    is a condition for one machine that is not x86. The
    patterns then only say which files may have a list (`scan/build/enumerations.py`)."""
    beside: str = ""
    """Id of a rule: this one holds only in files where that one has found something."""
    subject: Subject = Subject.ANY
    shape: str = ""
    """What a match must be part of (`scan/shapes.py`); empty: the match is enough."""
    judged_by: str = "scan"
    """`scan` searches its patterns; `inventory` and `units` (whole translation units, see
    docs/verdict.md) decide themselves where it applies, so that it has no patterns, languages or
    examples."""
