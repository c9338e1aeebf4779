"""From edits to files and to a unified diff, in bytes: no encoding, no line end is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from duanban.answers.interface import Edit

CONTEXT = 3
"""Lines around each change, as `git diff` has."""


class ConflictError(ValueError):
    """Two edits want the same bytes."""


def line_end(data: bytes) -> bytes:
    """Return the line end that a file uses: that of its first line."""
    first = data.find(b"\n")
    return b"\r\n" if first > 0 and data[first - 1 : first] == b"\r" else b"\n"


def with_line_end(text: bytes, end: bytes) -> bytes:
    """Return `text` with every line ended by `end`."""
    plain = text.replace(b"\r\n", b"\n")
    return plain if end == b"\n" else plain.replace(b"\n", end)


def join(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits in order, each once.

    Raises:
        ConflictError: two of them overlap, or one inserts where another replaces.
    """
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise ConflictError(f"bytes {after.start} to {before.end}")
    return ordered


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return `data` with edits that `join` put in order."""
    end = line_end(data)
    parts: list[bytes] = []
    done = 0
    for edit in edits:
        parts += (data[done : edit.start], with_line_end(edit.new, end))
        done = edit.end
    parts.append(data[done:])
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines `start` to `end` (from 0, exclusive) become `new`."""

    start: int
    end: int
    new: list[bytes]


def unified_diff(files: Mapping[str, tuple[bytes | None, bytes]]) -> bytes:
    """Return the diff that turns the old contents of each path into the new.

    Args:
        files: path to old and new contents; an old None is a file that is made.
    """
    parts = [
        part
        for path, (old, new) in sorted(files.items())
        if old != new
        for part in _file(path, old, new)
    ]
    return b"".join(parts)


def _file(path: str, old: bytes | None, new: bytes) -> Iterable[bytes]:
    before, after = quoted(f"a/{path}"), quoted(f"b/{path}")
    yield b"diff --git " + before + b" " + after + b"\n"
    if old is None:
        yield b"new file mode 100644\n"
        if not new:
            return
        before = b"/dev/null"
    yield b"--- " + before + _tab(before) + b"\n+++ " + after + _tab(after) + b"\n"
    lines, changed = _lines(old or b""), _lines(new)
    shift = 0
    for group in _grouped(_hunks(lines, changed)):
        first = max(0, group[0].start - CONTEXT)
        last = min(len(lines), group[-1].end + CONTEXT)
        added = sum(len(hunk.new) - (hunk.end - hunk.start) for hunk in group)
        length = last - first
        yield b"@@ -%s +%s @@\n" % (_range(first, length), _range(first + shift, length + added))
        yield from _body(lines, group, first, last)
        shift += added


def _tab(name: bytes) -> bytes:
    """Return what ends a name with blanks in it, which GNU patch would take for a date."""
    return b"\t" if b" " in name and not name.startswith(b'"') else b""


def _range(start: int, length: int) -> bytes:
    at = start + 1 if length else start
    return b"%d" % at if length == 1 else b"%d,%d" % (at, length)


def _body(lines: list[bytes], group: list[_Hunk], first: int, last: int) -> Iterable[bytes]:
    at = first
    for hunk in group:
        for line in lines[at : hunk.start]:
            yield _line(b" ", line)
        for line in lines[hunk.start : hunk.end]:
            yield _line(b"-", line)
        for line in hunk.new:
            yield _line(b"+", line)
        at = hunk.end
    for line in lines[at:last]:
        yield _line(b" ", line)


def _line(sign: bytes, line: bytes) -> bytes:
    if line.endswith(b"\n"):
        return sign + line
    return sign + line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _hunks(old: list[bytes], new: list[bytes]) -> list[_Hunk]:
    # What both begin and end with is most of a file, and need not be compared line by line.
    head = 0
    limit = min(len(old), len(new))
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [
        _Hunk(head + i, head + j, b[k:m])
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def _grouped(hunks: list[_Hunk]) -> Iterable[list[_Hunk]]:
    group: list[_Hunk] = []
    for hunk in hunks:
        if group and hunk.start - group[-1].end > 2 * CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r"}
_ESCAPES |= {34: b'\\"', 92: b"\\\\"}


def quoted(name: str) -> bytes:
    """Return a path as git writes it in diffs: in C's quotes if it has unusual bytes."""
    raw = name.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in (34, 92) for byte in raw):
        return raw
    body = b"".join(
        _ESCAPES.get(byte) or (bytes((byte,)) if 32 <= byte < 127 else b"\\%03o" % byte)
        for byte in raw
    )
    return b'"' + body + b'"'
