"""The reader of Fortran, fixed and free form, with C directives where it has them.

Source: Fortran 2018 (ISO/IEC 1539-1) 6.3 "Source form". A comment in the first column (`C`, `*`)
is recognised in files that look like fixed form, since the reader is not told the file's name.
Compiler directives (`!$omp`, `!DIR$`) are comments and go blank too.
"""

from __future__ import annotations

import re
from functools import cached_property

from duanban.scan.cpp.directives import Text
from duanban.scan.readers.lexical import cut
from duanban.scan.readers.preprocessed import PreprocessedSource

_STRINGS = rb"'(?:[^'\n]|'')*+'?|" + rb'"(?:[^"\n]|"")*+"?'
_FREE = re.compile(rb"(![^\n]*+)|(" + _STRINGS + rb")")
_FIXED = re.compile(rb"(^[Cc*][^\n]*+|![^\n]*+)|(" + _STRINGS + rb")", re.MULTILINE)
_FIRST_WORDS = re.compile(
    rb"^(?:call|case|character|close|common|complex|contains|continue|cycle)\b", re.M | re.I
)
"""What begins with C in the first column of a file in free form."""
_FIXED_COMMENT = re.compile(rb"^(?:[Cc*](?:[ \t*=-]|\r?$)|      \S)", re.MULTILINE)
_FREE_LINE = re.compile(rb"&[ \t]*(?:!.*)?\r?$|^ {0,4}[A-BD-Za-bd-z]\w", re.MULTILINE)
_DIRECTIVE = re.compile(rb"^[ \t]*#[^\n]*+", re.MULTILINE)
_C_COMMENT = re.compile(rb"/\*[^\n]*?(?:\*/|$)", re.MULTILINE)


def is_fixed_form(data: bytes) -> bool:
    """Return whether the lines of `data` are laid out in columns."""
    head = data[:20_000]
    if _FREE_LINE.search(head) is not None or _FIRST_WORDS.search(head) is not None:
        return False
    return _FIXED_COMMENT.search(head) is not None


class FortranSource(PreprocessedSource):
    """A file of Fortran."""

    @cached_property
    def _views(self) -> tuple[bytes, bytes]:
        return cut(_FIXED if is_fixed_form(self._data) else _FREE, self._data, keep_strings=False)

    def _make_text(self) -> Text:
        return Text(
            self._data,
            _without_c_comments(b"\n" + self._views[0]),
            lambda: _without_c_comments(b"\n" + self._data),
        )

    @cached_property
    def strings(self) -> bytes:
        """Only strings."""
        return self._views[1]


def _without_c_comments(text: bytes) -> bytes:
    """Blank `/* */` on directive lines; elsewhere it is an operator or an array constructor."""
    if b"#" not in text or b"/*" not in text:
        return text
    return _DIRECTIVE.sub(
        lambda line: _C_COMMENT.sub(lambda comment: b" " * len(comment[0]), line[0]), text
    )
