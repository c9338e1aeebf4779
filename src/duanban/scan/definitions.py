"""Where a tree defines the macros that its conditions ask for.

A condition on a macro that no compiler predefines is decided by the tree itself: some header
defines it under conditions of its own, or the build system does, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from duanban.scan.languages import language_of
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
class Sites:
    """What one file says of the macros that were asked for."""

    path: str
    defines: frozenset[bytes]
    """It defines or undefines them, in C, under whatever conditions."""
    configures: frozenset[bytes]
    """It is part of the build system and mentions them."""


class SiteFinder:
    """Finds the macros `names` in the files of a tree; made once, used by all workers."""

    def __init__(self, base: str, names: Iterable[bytes]) -> None:
        self._base = base
        alternation = b"|".join(re.escape(name) for name in sorted(names))
        self._directive: Pattern = compile_pattern(
            rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(" + alternation + rb")\b"
        )
        self._mention: Pattern = compile_pattern(rb"\b(?:D|CONFIG_)?(" + alternation + rb")\b")

    def __call__(self, entry: Entry) -> Sites | None:
        """Return what the file says, or None if it mentions none of the macros."""
        language = language_of(entry.path, b"")
        is_template = entry.path.endswith(TEMPLATE_SUFFIXES)
        is_build = language in BUILD_LANGUAGES or BUILD_NAMES.search(entry.path) is not None
        if not (language == "c" or is_build or is_template):
            return None
        data = read_text(f"{self._base}/{entry.path}")
        if data is None:
            return None
        if is_build or is_template:
            mentioned = _names(self._mention, data)
            return Sites(entry.path, frozenset(), mentioned) if mentioned else None
        defined = _names(self._directive, data)
        return Sites(entry.path, defined, frozenset()) if defined else None


def _names(pattern: Pattern, data: bytes) -> frozenset[bytes]:
    return frozenset(
        name for match in pattern.finditer(data) if (name := match.group(1)) is not None
    )
