"""Where a tree defines the macros that its conditions ask for, and which file includes which.

A condition on a macro that no compiler predefines is decided by the tree itself: some header
defines it under conditions of its own, or the build system does, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from duanban.scan.languages import language_of
from duanban.scan.matchers import build_matcher
from duanban.scan.matchers.interface import Matcher
from duanban.scan.read import read_text
from duanban.scan.regex import Pattern, compile_pattern
from duanban.scan.units.source_file import FORGOTTEN
from duanban.scan.walk import Entry
from duanban.targets.lacking import telling_headers, telling_names

BUILD_LANGUAGES = frozenset({"make", "cmake", "meson", "autoconf", "shell", "python"})
"""Languages in which projects tell compilers what to define."""

TEMPLATE_SUFFIXES = (".in", ".cmake", ".h.meson", ".hin")
"""Headers that a configure step fills in: what they name is decided there."""

BUILD_NAMES = re.compile(
    r"(?:^|/)(?:Kconfig[^/]*|BUILD|BUILD\.bazel|SConscript|SConstruct"
    r"|[^/]*\.(?:gypi?|gni?|pro|pri|vcxproj|spec))$"
)
"""Further files of build systems, by name."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What one file says of the macros that were asked for, and what it includes."""

    path: str
    defines: frozenset[bytes] = frozenset()
    """It defines or undefines them, in C, under whatever conditions."""
    configures: frozenset[bytes] = frozenset()
    """It is part of the build system and mentions them."""
    includes: tuple[bytes, ...] = ()
    """Names that it includes, as written, in C, under whatever conditions."""
    stops: bool = False
    """It has an `#error`, in C, under whatever conditions."""
    by_machine: frozenset[bytes] = frozenset()
    """Macros that it defines, if it mentions a macro that tells architectures apart."""
    tests: frozenset[bytes] = frozenset()
    """Names that its conditions mention, in C."""
    needs_system: bool = False
    """It mentions names of the system's headers that some architecture lacks, or such headers."""
    assembles: bool = False
    """It may put inline assembly together by macros."""
    names_machine: frozenset[bytes] = frozenset()
    """Macros whose definition in it mentions a macro that tells architectures apart."""


_BLANK = rb"(?:[ \t]|\\\r?\n)*+"
_INCLUDE = re.compile(
    rb"#" + _BLANK + rb"(?:include(?:_next)?|import)" + _BLANK + rb'[<"]([^>"\n]+)[>"]'
)
"""Without an anchor, since Python's `re` then looks for the `#` alone, which is fast. What stands
in a comment is found as well; whoever cares asks the precise reader."""


_ASSEMBLES = re.compile(
    rb"\b(?:__asm__|__asm|asm)\b"
    rb"(?:[ \t\\]|__volatile__|__volatile|volatile|goto|__inline__|inline)*+"
    rb"(?:\s*+\((?:[\s\\]|\"(?:[^\"\\\n]|\\.)*+\")*+[A-Za-z_#]|\n)"
    rb"|[:)]\s*+:\s*+(?:\"\w++\"\s*+,\s*+)*+[A-Z_][A-Z0-9_]*+\s*+\)"
)
"""A statement with a name among its strings or as clobber, or a macro that is the keyword alone."""
_STOP = re.compile(rb"#[ \t]*error\b")
_DEFINE = re.compile(rb"#[ \t]*define[ \t]+(\w+)\b(?<!_H)(?<!_H_)(?<!_H__)(?<!_HPP)(?<!_INCLUDED)")
_TEST = re.compile(rb"#[ \t]*(?:el)?if(?:n?def)?\b((?:[^\\\n]++|\\\r?\n|\\)*+)")
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_DEFINITION = re.compile(rb"#[ \t]*define[ \t]+(\w+)((?:[^\\\n]++|\\\r?\n|\\)*+)")


_NO_WORD = bytes(c for c in range(256) if not (chr(c).isalnum() and c < 128) and c != 95)
"""All bytes but letters, digits and `_`."""


class _Words:
    """Tells whether a file has one of many words.

    The words by themselves are compiled a hundred times faster than expressions for whole ones.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        self._words = words
        self._matcher = build_matcher(words)

    def occur_in(self, data: bytes) -> bool:
        """Return whether one of them stands in `data` as a whole word."""
        return any(_has_word(self._words[hit], data) for hit in self._matcher.hits(data))


def _has_word(word: bytes, data: bytes) -> bool:
    """Return whether `word` stands in `data` as a whole word.

    The plain word is found far faster than an expression that begins with a boundary.
    """
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not (data[at - 1 : at] + data[end : end + 1]).translate(None, _NO_WORD):
            return True
        at = data.find(word, at + 1)
    return False


class _Search:
    """Finds names in a file; a matcher says first, and much faster, whether there are any."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern: Pattern = compile_pattern(pattern)
        self._matcher = build_matcher([pattern])

    def names(self, data: bytes) -> frozenset[bytes]:
        """Return what the pattern's group matches in `data`."""
        if not self._matcher.hits(data):
            return frozenset()
        matches = self._pattern.finditer(data)
        return frozenset(name for match in matches if (name := match.group(1)) is not None)


class Surveyor:
    """Looks through the files of a tree; made once, used by all workers.

    Args:
        base: the directory that paths are relative to.
        names: macros to look for.
        machine: macros that tell architectures apart; given, the names of included files and
            whatever else is asked for once only are wanted too.
    """

    def __init__(
        self, base: str, names: Iterable[bytes], machine: Iterable[bytes] | None = None
    ) -> None:
        self._base = base
        self._machine: Matcher | None = None
        if machine is not None:
            any_of = b"|".join(re.escape(name) for name in sorted(machine))
            self._machine = build_matcher([rb"\b(?:" + any_of + rb")\b"])
            self._system = _Words(telling_names())
        # Where no macro is asked for, the search is for a name that nothing has.
        names = frozenset(names) or {b"duanban__no_macro"}
        wanted = b"(" + b"|".join(re.escape(name) for name in sorted(names)) + rb")\b"
        self._directive = _Search(rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+" + wanted)
        self._mention = _Search(rb"\b(?:D|CONFIG_)?" + wanted)

    def __call__(self, entry: Entry) -> Surveyed | None:
        """Return what the file says, or None if that is nothing."""
        language = language_of(entry.path, b"")
        is_build = (
            language in BUILD_LANGUAGES
            or entry.path.endswith(TEMPLATE_SUFFIXES)
            or BUILD_NAMES.search(entry.path) is not None
        )
        if language != "c" and not is_build:
            return None
        data = read_text(f"{self._base}/{entry.path}")
        if data is None:
            return None
        if is_build:
            mentioned = self._mention.names(data)
            return Surveyed(entry.path, configures=mentioned) if mentioned else None
        defined = self._directive.names(data)
        if self._machine is None:
            return Surveyed(entry.path, defines=defined) if defined else None
        speaks_of_machine = bool(self._machine.hits(data))
        includes = tuple(_INCLUDE.findall(data))
        return Surveyed(
            entry.path,
            defines=defined,
            includes=includes,
            needs_system=not telling_headers().isdisjoint(includes) or self._system.occur_in(data),
            assembles=b"asm" in data and _ASSEMBLES.search(data) is not None,
            stops=b"error" in data and (FORGOTTEN in data or _STOP.search(data) is not None),
            by_machine=frozenset(_DEFINE.findall(data) if speaks_of_machine else ()),
            tests=frozenset(_WORD.findall(b"\n".join(_TEST.findall(data)))),
            names_machine=self._names_machine(data) if speaks_of_machine else frozenset(),
        )

    def _names_machine(self, data: bytes) -> frozenset[bytes]:
        assert self._machine is not None
        return frozenset(
            name for name, body in _DEFINITION.findall(data) if self._machine.hits(body)
        )
