"""The reader of NASM and Yasm files (x86 only, by what these assemblers are).

Source: the NASM manual, "The NASM Preprocessor". Its conditionals are followed for their
nesting and their guards; of their values only what needs no macro is decided (`%if 0`), since
macros come from the command line, from included files and from multi-line macros.
"""

from __future__ import annotations

import re
from functools import cached_property

from duanban.model import Truth
from duanban.scan.cpp.directives import Text
from duanban.scan.interface import MacroEnvironment, Region
from duanban.scan.readers.lexical import cut
from duanban.scan.readers.preprocessed import PreprocessedSource

_TOKENS = re.compile(
    rb"(;[^\n]*+)|('[^'\n]*+'?|\"[^\"\n]*+\"?|`(?:[^`\\\n]|\\.)*+`?)",
)
_DIRECTIVE = re.compile(
    rb"^([ \t]*+)%(?:(ifn?def|elifn?def|else|endif|include)|(el)?if(\w*))(?!\w)",
    re.MULTILINE | re.IGNORECASE,
)
_NOTHING = MacroEnvironment({}, frozenset(), lambda _: Truth.UNKNOWN)


def _as_c(match: re.Match[bytes]) -> bytes:
    """Spell a directive as C does; `%ifidn` and the like become conditions nobody can evaluate."""
    indent, same, otherwise, kind = match.groups()
    if same is not None:
        return indent + b"#" + bytes(same).lower()
    return indent + b"#" + (b"elif" if otherwise else b"if") + b"?" * len(kind)


class NasmSource(PreprocessedSource):
    """A file for NASM."""

    @cached_property
    def _views(self) -> tuple[bytes, bytes]:
        return cut(_TOKENS, self._data, keep_strings=False)

    def _make_text(self) -> Text:
        code = _DIRECTIVE.sub(_as_c, self._views[0].replace(b"#", b" "))
        return Text(self._data, b"\n" + code, lambda: b"\n" + self._data)

    @cached_property
    def code(self) -> bytes:
        """Instructions and directives; comments and the contents of strings blanked."""
        return self._views[0]

    @cached_property
    def strings(self) -> bytes:
        """Only strings."""
        return self._views[1]

    @cached_property
    def directives(self) -> bytes:
        """Nothing: NASM's directives are its own and stand in the code."""
        return b""

    @property
    def asm(self) -> bytes:
        """The whole code."""
        return self.code

    def regions(self, environment: MacroEnvironment) -> list[Region]:
        """Return the states of all lines; NASM does not know the compiler's macros."""
        return super().regions(_NOTHING)
