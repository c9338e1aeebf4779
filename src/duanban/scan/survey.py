"""Where a tree defines the macros that its conditions ask for, and which file includes which.

A condition on a macro that no compiler predefines is decided by the tree itself: some header
defines it under conditions of its own, or the build system does, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from duanban.scan.languages import language_of
from duanban.scan.matchers import build_matcher
from duanban.scan.matchers.interface import Matcher
from duanban.scan.read import read_text
from duanban.scan.regex import Pattern, compile_pattern
from duanban.scan.walk import Entry

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


_INCLUDE = re.compile(rb'#[ \t]*include(?:_next)?[ \t]*[<"]([^>"\n]+)[>"]')
"""Without an anchor, since Python's `re` then looks for the `#` alone, which is fast. What stands
in a comment is found as well; whoever cares asks the precise reader."""


class Surveyor:
    """Looks through the files of a tree; made once, used by all workers.

    Args:
        base: the directory that paths are relative to.
        names: macros to look for.
        with_includes: whether the names of included files are wanted too.
    """

    def __init__(self, base: str, names: Iterable[bytes], *, with_includes: bool) -> None:
        self._base = base
        self._with_includes = with_includes
        alternation = b"|".join(re.escape(name) for name in sorted(names))
        # No name at all is asked for by a pattern that never matches.
        wanted = b"(" + alternation + rb")\b" if alternation else rb"([^\x00-\xff])"
        directive = rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+" + wanted
        mention = rb"\b(?:D|CONFIG_)?" + wanted
        self._directive: Pattern = compile_pattern(directive)
        self._mention: Pattern = compile_pattern(mention)
        # The matchers only say whether, but they say it much faster than the expressions.
        self._may_define = build_matcher([directive])
        self._may_mention = build_matcher([mention])

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
            mentioned = _names(self._mention, self._may_mention, data)
            return Surveyed(entry.path, configures=mentioned) if mentioned else None
        defined = _names(self._directive, self._may_define, data)
        includes = tuple(_INCLUDE.findall(data)) if self._with_includes else ()
        return (
            Surveyed(entry.path, defines=defined, includes=includes)
            if defined or includes
            else None
        )


def _names(pattern: Pattern, gate: Matcher, data: bytes) -> frozenset[bytes]:
    if not gate.hits(data):
        return frozenset()
    return frozenset(
        name for match in pattern.finditer(data) if (name := match.group(1)) is not None
    )
