"""Options of a CMake or Meson build: what its conditions come to if nobody sets any.

A part that an option turns on which is off by default is not what a distribution builds first, and
a variable that only conditions mention is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from duanban.model import Truth

OPTIONS_OF = frozenset({"cmake", "meson"})
"""Languages whose options are read."""

_WORDS = {
    **dict.fromkeys((b"on", b"true", b"yes", b"1", b"'enabled'"), True),
    **dict.fromkeys((b"off", b"false", b"no", b"0", b"'disabled'"), False),
}
_OPTION = re.compile(rb"(?i)\boption[ \t]*\([ \t\n]*(\w+)\s+\"[^\"]*\"(?:\s+(\w+))?\s*\)")
_DEPENDENT = re.compile(
    rb"(?i)\bcmake_dependent_option[ \t]*\(\s*(\w+)\s+\"[^\"]*\"\s+(\w+)\s+\"[^\"]*\"\s+(\w+)\s*\)"
)
_SET = re.compile(rb"(?i)\bset[ \t]*\(\s*(\w+)\s+\"?(\w+)")
_CONDITION = re.compile(rb"(?im)^[ \t]*(?:else)?if[ \t]*\([^\n]*$")
_WORD = re.compile(rb"\w+")
_PROVIDED = re.compile(
    rb"^(?:CMAKE_\w+|PROJECT_\w+|BUILD_\w+|HAVE_\w+|\w+_(?:FOUND|VERSION|DIR|IS_TOP_LEVEL)|[A-Z0-9]{2,7}"
    rb"|\d+|ON|OFF|TRUE|FALSE)$"
)
"""Variables that CMake, its modules or a packager's usual options set."""
_BARE = re.compile(rb"^(?:NOT\b|not\b|!)?[ \t(]*[\"']?(?:\$\{)?(\w+)\}?[\"']?[ \t)]*$")
_GET = re.compile(
    rb"^(?:not\b)?[ \t(]*get_option[ \t]*\([ \t]*'([\w.-]+)'[ \t]*\)"
    rb"(?:\.(?:enabled|allowed)\(\))?[ \t)]*$"
)
_MESON = re.compile(rb"\boption[ \t]*\(\s*'([\w.-]+)'((?:[^()']|'[^'\n]*'|\([^()]*\))*)\)")
_VALUE = re.compile(rb"\bvalue[ \t]*:[ \t]*(true|false|'enabled'|'disabled')")
_TYPE = re.compile(rb"\btype[ \t]*:[ \t]*'(\w+)'")
_NEGATED = re.compile(rb"^(?:NOT\b|not\b|!)")


class Options:
    """What conditions on options and unset variables come to by default.

    Args:
        texts: language and text without comments of the build files.
        is_whole: they are all build files of a tree, so that what none of them sets is empty.
    """

    def __init__(self, texts: Iterable[tuple[str, bytes]], *, is_whole: bool) -> None:
        self._texts = list(texts)
        self._is_whole = is_whole

    def truth(self, clause: bytes) -> Truth:
        """Return whether `clause`, a name or its negation, holds by default."""
        if got := _GET.match(clause):
            value = self._meson.get(got[1])
        elif bare := _BARE.match(clause):
            value = self._value(bare[1])
        else:
            return Truth.UNKNOWN
        if value is None:
            return Truth.UNKNOWN
        truth = Truth.TRUE if value else Truth.FALSE
        return truth.negated() if _NEGATED.match(clause) else truth

    def _value(self, name: bytes) -> bool | None:
        if name in self._cmake:
            return self._cmake[name]
        is_unset = self._is_whole and name not in self._set and not _PROVIDED.match(name)
        return False if is_unset else None

    @cached_property
    def _cmake(self) -> dict[bytes, bool | None]:
        """Return the options of CMake; None for those with more than one default."""
        found: dict[bytes, bool | None] = {}

        def add(name: bytes, value: bool | None) -> None:
            found[name] = value if found.get(name, value) == value else None

        texts = [text for language, text in self._texts if language == "cmake"]
        for text in texts:
            for name, word in _OPTION.findall(text):
                add(name, _WORDS.get((word or b"off").lower()))
            for name, word, otherwise in _DEPENDENT.findall(text):
                off = _WORDS.get(word.lower()) is False and _WORDS.get(otherwise.lower()) is False
                add(name, False if off else None)
        for text in texts:
            for name, word in _SET.findall(text):
                if name in found:
                    add(name, _WORDS.get(word.lower()))
        return found

    @cached_property
    def _set(self) -> frozenset[bytes]:
        """Return the words of CMake's files outside conditions."""
        words: set[bytes] = set()
        for language, text in self._texts:
            if language == "cmake":
                words.update(_WORD.findall(_CONDITION.sub(b"", text)))
        return frozenset(words)

    @cached_property
    def _meson(self) -> dict[bytes, bool | None]:
        found: dict[bytes, bool | None] = {}
        for language, text in self._texts:
            for name, rest in _MESON.findall(text) if language == "meson" else ():
                value, kind = _VALUE.search(rest), _TYPE.search(rest)
                default = True if kind is not None and kind[1] == b"boolean" else None
                found[name] = _WORDS[value[1]] if value is not None else default
        return found
