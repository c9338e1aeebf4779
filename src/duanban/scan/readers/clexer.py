"""Comments, strings and character constants of the C family, found by one regular expression.

Python's own `re` is used, with possessive quantifiers, and its `split`, which yields all tokens
in one call: no other way measured was faster (docs/adr/0005-lexer-not-parser.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMENT = rb"/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/|//(?:[^\\\n]++|\\(?:[ \t\r]*+\n)?)*+"
_STRING = rb'"(?:[^"\\\n]++|\\(?:[ \t\r]*+\n|.)?)*+"?'
# Bounded, so that a line full of escaped apostrophes takes linear time; a longer one, or one that
# its line does not end, is a lone apostrophe, as in `#error don't`.
_CHARACTER = rb"'(?:[^'\\\n]|\\(?:[ \t\r]*+\n|.)){0,32}+'"
_UNENDED = rb"/\*.*+"
_TOKENS = re.compile(b"(" + b"|".join((_COMMENT, _STRING, _CHARACTER, _UNENDED)) + b")", re.DOTALL)

# With what needs to see more than one token starts from: raw strings (C++11 lex.string, which
# gcc also reads in C) and numbers with digit separators (C++14 lex.icon).
_RAW = rb'(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s"]{0,16})\('
_WORD = rb"(?P<word>[A-Za-z_$][\w$]*+|\.?[0-9](?:[eEpP][+-]|[\w.]|'\w)*+)"
_CAREFUL = re.compile(b"|".join((_COMMENT, _RAW, _WORD, _STRING, _CHARACTER, _UNENDED)), re.DOTALL)
# Both begin with a letter, which `re` looks for with memchr; what must stand before comes after.
_RAW_HINT = re.compile(rb'R"(?<![A-KM-TV-Za-tv-z0-79_$]R")[^()\\\s"]{0,16}\(')
_SEPARATOR_HINT = re.compile(rb"'(?<=[0-9a-fA-F]')[0-9a-fA-F]")
_NUMBER_END = re.compile(rb"(?<![\w$])[0-9][\w.']*+\Z")
_LONGEST_NUMBER = 80
_APOSTROPHE = ord("'")


def split(data: bytes) -> Sequence[bytes]:
    r"""Return `data` cut into pieces: code and tokens in turn, beginning and ending with code.

    A token is a comment (`/`), a string (`"`, or `R` and its prefix where raw) or a character
    constant (`'`). The pieces joined are `data`. Splices inside comment marks (`/\<newline>*`)
    are not recognised.
    """
    if _RAW_HINT.search(data) is not None:
        return _split_carefully(data)
    pieces = _TOKENS.split(data)
    # Most hits are in comments (Verilog's `2'b00`), where they do no harm.
    if _has_separators(data) and _has_separators_in_code(pieces):
        return _split_carefully(data)
    return pieces


def _has_separators(data: bytes) -> bool:
    """Return whether some number may have digit separators."""
    return any(
        _NUMBER_END.search(data, max(0, match.start() - _LONGEST_NUMBER), match.start())
        for match in _SEPARATOR_HINT.finditer(data)
    )


def _has_separators_in_code(pieces: Sequence[bytes]) -> bool:
    """Return whether a separator was taken for an apostrophe: the first one is cut off rightly."""
    return any(_has_separators(code) for code in pieces[::2]) or any(
        token[0] == _APOSTROPHE and _NUMBER_END.search(code[-_LONGEST_NUMBER:]) is not None
        for code, token in zip(pieces[::2], pieces[1::2], strict=False)
    )


def _split_carefully(data: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    done = at = 0
    while (match := _CAREFUL.search(data, at)) is not None:
        start, at = match.span()
        if match.lastgroup == "word":
            continue
        delimiter = match["delimiter"]
        if delimiter is not None:
            end = data.find(b")" + delimiter + b'"', at)
            at = end + len(delimiter) + 2 if end >= 0 else len(data)
        pieces += (data[done:start], data[start:at])
        done = at
    pieces.append(data[done:])
    return pieces
