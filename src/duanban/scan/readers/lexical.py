"""One reader for the languages whose comments and strings a table can describe.

The table is `scan/languages.toml`. From a language's entry one regular expression is built that
finds comments and strings; the views come from cutting the file at them. The lexers know no
grammar, so what only grammar can tell (here documents, nested quoting of the shell inside
strings, JSX) is read as code or string by its first mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from duanban.scan.interface import PlainSource
from duanban.scan.languages import language_table, strings_of

_BLANK = bytes(10 if c == 10 else 32 for c in range(256))
# A regular expression literal of JavaScript: after what cannot end an operand. Without grammar
# this is a guess, made so that a quote inside such a literal begins no string.
_JS_REGEX = rb"(?<=[(,=:\[!&|?{};+])[ \t]*+/(?![/*])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/"
# A character of Rust, told from a lifetime ('a) by its closing quote.
_RUST_CHARACTER = rb"'(?:[^'\\\n]|\\.[^'\n]{0,10}+)'"


@cache
def _pattern(language: str) -> re.Pattern[bytes] | None:
    """Return what finds comments (group 1) and strings (group 2); None if there are none."""
    entry = language_table().get(language, {})
    comments = list(_comments(entry))
    strings = list(_strings(entry))
    if not comments and not strings:
        return None
    never = rb"(?!)"
    return re.compile(
        b"(" + (b"|".join(comments) or never) + b")|(" + (b"|".join(strings) or never) + b")",
        re.MULTILINE | re.DOTALL,
    )


def _comments(entry: Mapping[str, object]) -> Sequence[bytes]:
    found = []
    for opening, closing in pairs(entry, "block_comments"):
        # One that is never closed runs to the end of the file.
        found.append(re.escape(opening) + rb".*?(?:" + re.escape(closing) + rb"|\Z)")
    code = b"|".join(marks(entry, "uncommented"))
    for mark in marks(entry, "line_comments"):
        guard = rb"(?<!\\)" if entry.get("escaped_comments") else b""
        tail = rb"(?!" + code + rb")" if code else b""
        found.append(guard + re.escape(mark) + tail + rb"[^\n]*+")
    for mark in marks(entry, "word_comments"):
        tail = rb"(?![\w])" if mark[-1:].isalpha() else b""
        found.append(rb"(?<![^\s;|&()\[\]])" + re.escape(mark) + tail + rb"[^\n]*+")
    for mark in marks(entry, "start_comments"):
        found.append(rb"^" + re.escape(mark) + rb"[^\n]*+")
    return found


def _strings(entry: Mapping[str, object]) -> Sequence[bytes]:
    multiline = set(marks(entry, "multiline"))
    found = []
    if entry.get("regex_literals"):
        found.append(_JS_REGEX)
    if entry.get("character_literals"):
        found.append(_RUST_CHARACTER)
    for opening, closing, escape in triples(entry, "strings"):
        end = re.escape(closing)
        inside = rb"(?!" + end + rb")" + (b"." if opening in multiline else rb"[^\n]")
        if escape == closing:
            inside = end + end + b"|" + inside
        elif escape:
            inside = re.escape(escape) + b".|" + inside
        found.append(re.escape(opening) + rb"(?:" + inside + rb")*+(?:" + end + rb")?")
    return found


def marks(entry: Mapping[str, object], key: str) -> tuple[bytes, ...]:
    """Return the strings under `key` as bytes."""
    return tuple(text.encode() for text in strings_of(entry, key))


def pairs(entry: Mapping[str, object], key: str) -> list[tuple[bytes, bytes]]:
    """Return the lists of two strings under `key`."""
    return [(row[0], row[1]) for row in _rows(entry, key, 2)]


def triples(entry: Mapping[str, object], key: str) -> list[tuple[bytes, bytes, bytes]]:
    """Return the lists of three strings under `key`."""
    return [(row[0], row[1], row[2]) for row in _rows(entry, key, 3)]


def _rows(entry: Mapping[str, object], key: str, length: int) -> list[tuple[bytes, ...]]:
    value = entry.get(key, [])
    assert isinstance(value, list)
    rows = [tuple(str(item).encode() for item in row) for row in value]
    assert all(len(row) == length for row in rows), key
    return rows


def read_lexical(language: str, data: bytes) -> PlainSource:
    """Return the views of `data`.

    Where quoting only groups words (shell, make, CMake: `quotes_are_words`), what stands in
    quotes is code as well, so the code view keeps it.
    """
    pattern = _pattern(language)
    if pattern is None:
        return PlainSource(data)
    keep_strings = bool(language_table()[language].get("quotes_are_words"))
    return PlainSource(*cut(pattern, data, keep_strings))


def cut(pattern: re.Pattern[bytes], data: bytes, keep_strings: bool) -> tuple[bytes, bytes]:
    """Return the code view and the strings view of `data`.

    Args:
        pattern: finds comments as group 1 and strings as group 2.
        data: the file.
        keep_strings: whether the code view keeps what stands in strings.
    """
    code: list[bytes] = []
    strings: list[bytes] = []
    done = 0
    for match in pattern.finditer(data):
        start, end = match.span()
        plain, token = data[done:start], match[0]
        blank = token.translate(_BLANK)
        if match.lastindex == 1:
            code += (plain, blank)
            strings += (plain.translate(_BLANK), blank)
        else:
            code += (plain, token if keep_strings else token[:1] + blank[1:-1] + token[1:][-1:])
            strings += (plain.translate(_BLANK), token)
        done = end
    rest = data[done:]
    code.append(rest)
    strings.append(rest.translate(_BLANK))
    return b"".join(code), b"".join(strings)
