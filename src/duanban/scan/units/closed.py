"""What is known of macros in a whole translation unit of a tree that nobody has configured.

In one file alone a macro that it does not define may come from a header. In a whole unit all
headers of the tree have been seen, so such a macro is not defined, with these exceptions:

* the headers of the system may define it (facts `system`): unknown, unless those of the target do
  not (facts `lacking`), or all that is asked is a number that the standard headers give;
* a configure step would answer it by the system alone: `HAVE_SYS_IO_H` by the target's headers,
  `SIZEOF_LONG` by its data model (all targets are LP64);
* another check of a configure step (`HAVE_...`): unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from duanban.model import Truth
from duanban.scan.cpp.knowledge import UNDEFINED, UNKNOWN, Definition, Fact, Knowledge, Layer
from duanban.scan.interface import MacroEnvironment
from duanban.targets.architectures import standard_values, system_macros
from duanban.targets.lacking import all_lacking, fails_check

HEADER_CHECK = re.compile(r"(?:^|_)HAVE_([A-Z0-9_]+)_H$")
"""Macros by which configure steps say that a header exists."""

_HEADER_DIRECTORIES = re.compile(
    r"^(sys|net|netinet|arpa|linux|asm|machine|rpc|scsi|bits)_", re.IGNORECASE
)
_HAVE = re.compile(rb"(?:^|_)HAVE_")
_SIZES = {
    b"SIZEOF_CHAR": b"1", b"SIZEOF_SHORT": b"2", b"SIZEOF_SHORT_INT": b"2", b"SIZEOF_INT": b"4",
    b"SIZEOF_UNSIGNED_INT": b"4", b"SIZEOF_LONG": b"8", b"SIZEOF_LONG_INT": b"8",
    b"SIZEOF_UNSIGNED_LONG": b"8", b"SIZEOF_LONG_LONG": b"8", b"SIZEOF_UNSIGNED_LONG_LONG": b"8",
    b"SIZEOF_VOID_P": b"8", b"SIZEOF_VOIDP": b"8", b"SIZEOF_CHAR_P": b"8", b"SIZEOF_SIZE_T": b"8",
    b"SIZEOF_OFF_T": b"8", b"SIZEOF_TIME_T": b"8", b"SIZEOF_FLOAT": b"4", b"SIZEOF_DOUBLE": b"8",
}  # fmt: skip
_LINUX_LP64 = {
    b"__LITTLE_ENDIAN": b"1234", b"__BIG_ENDIAN": b"4321", b"__PDP_ENDIAN": b"3412",
    b"LITTLE_ENDIAN": b"1234", b"BIG_ENDIAN": b"4321", b"PDP_ENDIAN": b"3412",
    b"__BYTE_ORDER": b"1234", b"BYTE_ORDER": b"1234", b"__WORDSIZE": b"64",
}  # fmt: skip
"""<endian.h> and <bits/wordsize.h> of glibc where the target is a little-endian LP64 one."""

_CPLUSPLUS = b"__cplusplus"
_PLAIN = frozenset(
    (b"DEBUG", b"NDEBUG", b"_DEBUG", b"TARGET_OS_LINUX", b"TARGET_OS_UNIX", b"_OPENACC",
     b"_OPENMP", b"__ASSEMBLER__", b"__FAST_MATH__", b"__SANITIZE_ADDRESS__",
     b"__SANITIZE_THREAD__", b"__PROFILE__", b"__BLOCKS__", b"__clang__", b"__llvm__")
)  # fmt: skip
"""Macros that gcc, the compiler of the targets' distributions, does not define without flags."""

_LANGUAGES = {
    ".c": None, ".m": None, ".cc": b"201703L", ".cpp": b"201703L", ".cxx": b"201703L",
    ".c++": b"201703L", ".C": b"201703L", ".mm": b"201703L", ".cu": b"201703L",
}  # fmt: skip
"""Value of `__cplusplus` by a unit's suffix; None: not defined."""


def header_of_check(name: str) -> str | None:
    """Return the header that a macro such as `HAVE_SYS_IO_H` tells of, or None."""
    check = HEADER_CHECK.search(name)
    if check is None:
        return None
    return _HEADER_DIRECTORIES.sub(r"\1/", check.group(1).lower()) + ".h"


@dataclass(slots=True)
class Recorder:
    """Notes what a header asks of the world around it."""

    base: int
    """Layers from this one on are the header's own."""
    absent: Layer = field(default_factory=dict)
    """Names that no file had defined when the header began, with what was answered."""
    reads: Layer = field(default_factory=dict)
    """The others."""


@dataclass(slots=True)
class Answers:
    """What was answered about names that no file defines, kept from one unit to the next."""

    reference: ClosedKnowledge | None = None
    """Answers on the platform that this one is compared with."""
    facts: Layer = field(default_factory=dict)
    varying: set[bytes] = field(default_factory=set)
    """Names that the reference answers otherwise."""


class ClosedKnowledge(Knowledge):
    """Facts at one place of a unit whose headers are all seen.

    Args:
        environment: of the target.
        suffix: of the unit's name, which decides its language.
        answers: that were given in other units.
    """

    __slots__ = (
        "_answers", "_cplusplus", "_lacking", "_machine", "_on_platform", "_standard", "asked",
        "recorders", "varies",
    )  # fmt: skip

    def __init__(self, environment: MacroEnvironment, suffix: str, answers: Answers) -> None:
        super().__init__(environment)
        self._on_platform = environment.has_include
        self.has_include = self._has_include
        self._machine = machine = environment.machine
        self._standard = standard_values(machine) if machine else {}
        self._lacking = all_lacking(machine).names if machine else frozenset()
        value = _LANGUAGES.get(suffix)
        self._cplusplus: Fact = UNDEFINED if value is None else Definition(None, value)
        self._answers = answers
        self.recorders: list[Recorder] = []
        self.asked = 0
        """How often a fact was asked for: what the work of a unit grows with."""
        self.varies = False
        """Whether the reference would have answered something else so far."""

    def fact(self, name: bytes) -> Fact:
        """Return what is known of `name` here, and tell the recorders that it was asked for."""
        self.asked += 1
        index = len(self.layers)
        for layer in reversed(self.layers):
            index -= 1
            if name in layer:
                fact = layer[name]
                break
        else:
            fact = self.given(name)
            if self.recorders:
                self.recorders[-1].absent[name] = fact
            return fact
        for recorder in reversed(self.recorders):
            # What an inner header has asked before, the outer ones know as well.
            if recorder.base <= index or name in recorder.reads:
                break
            recorder.reads[name] = fact
        return fact

    def unlike(self, absent: Layer, reads: Layer, doubt: bytes) -> bytes | None:
        """Return a name that is not what it was when a header asked for it, or None.

        Args:
            absent: what it asked of macros that no file had defined, with the answers.
            reads: what it asked of the other macros.
            doubt: one of the names, which is looked at first.
        """
        layers = [layer for layer in reversed(self.layers) if layer]
        if doubt and self._is_unlike(doubt, absent, reads, layers):
            return doubt
        if absent.get(_CPLUSPLUS, self._cplusplus) != self._cplusplus:
            return _CPLUSPLUS
        for layer in layers:
            if not absent.keys().isdisjoint(layer.keys()):
                return min(absent.keys() & layer.keys())
        for name in reads:
            self.asked += 1
            if self._is_unlike(name, absent, reads, layers):
                return name
        return None

    def _is_unlike(self, name: bytes, absent: Layer, reads: Layer, layers: list[Layer]) -> bool:
        for layer in layers:
            if name in layer:
                now, was = layer[name], reads.get(name)
                return now is not was and now != was  # mostly they are the same objects
        return name not in absent

    def note_reads(self, reads: Layer) -> None:
        """Tell the recorders what was asked for and had been defined."""
        if self.recorders:
            for name in reads:
                self.fact(name)
            self.asked -= len(reads)  # they were counted when they were compared

    def note_absent(self, asked: Layer) -> None:
        """Tell the innermost recorder that names were asked for that no file has defined so far."""
        if self.recorders:
            self.recorders[-1].absent.update(asked)

    def begin_record(self) -> None:
        """Begin to note what a header asks for and does."""
        self.recorders.append(Recorder(len(self.layers)))
        self.layers.append({})

    def end_record(self) -> tuple[Recorder, Layer]:
        """Return what the header asked for, and what it defined and undefined."""
        recorder, writes = self.recorders.pop(), self.layers.pop()
        # What no file had defined by then, none had when the header around it began.
        self.note_absent(recorder.absent)
        self.layers[-1].update(writes)
        return recorder, writes

    def given(self, name: bytes) -> Fact:
        """Return what holds for `name` where no file of the tree has defined it."""
        if name == _CPLUSPLUS:
            return self._cplusplus
        answers = self._answers
        fact = answers.facts.get(name)
        if fact is None:
            fact = answers.facts[name] = self._decide(name)
            if answers.reference is not None and answers.reference.given(name) != fact:
                answers.varying.add(name)
        if name in answers.varying:
            self.varies = True
        return fact

    def _has_include(self, name: bytes) -> Truth:
        truth = self._on_platform(name)
        reference = self._answers.reference
        if reference is not None and reference.has_include(name) is not truth:
            self.varies = True
        return truth

    def _decide(self, name: bytes) -> Fact:
        fact = super().given(name)
        if fact is not UNKNOWN:
            return fact
        value = _LINUX_LP64.get(name) or _SIZES.get(name) or self._standard.get(name)
        if value is not None:
            return Definition(None, value)
        if name in _PLAIN:
            return UNDEFINED
        if name in self._lacking:
            return UNDEFINED
        if name in self.optional or name in system_macros():
            return UNKNOWN
        return self._by_convention(name)

    def _by_convention(self, name: bytes) -> Fact:
        header = header_of_check(name.decode("ascii", "replace"))
        if header is not None:
            exists = self.has_include(header.encode())
            return Definition(None, b"1") if exists is Truth.TRUE else UNDEFINED
        if fails_check(name, self._machine):
            return UNDEFINED
        return UNKNOWN if _HAVE.search(name) else UNDEFINED
