"""Rows of a table of machines that say the same of two machines, and so tell the target's row.

A row is a line that names one machine, with the lines below that stand deeper: an entry of a
mapping, a `case` with what it does, a branch of a chain. Two rows tell the third if they become the
same text once the machine's names are the target's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from duanban.answers.profiles import doubt as profile_doubt
from duanban.answers.profiles import profiles
from duanban.answers.rust_items import has_form, is_attribute, item_end
from duanban.answers.schemes import Renamed, renamed
from duanban.answers.work import Text
from duanban.scan.build.names import mentions
from duanban.targets.architectures import architecture

NEAR = 60
"""Lines between the first and the last row of a table that are looked at."""
LONGEST = 6
"""Lines of a row at most."""
SCHEMES = {"java": "java", "xml": "java"}
"""Language to the scheme of the names that its programs see."""
_COMMENT = re.compile(rb"^[ \t]*(?:#(?![ \t]*\[)|//|/?\*|--|;)")
_REMARK = re.compile(rb"[ \t]+(?:#|//)[ \t][^\n]*|[ \t]*/\*[^\n]*?\*/[ \t]*$", re.MULTILINE)
_OPENING = re.compile(rb"^[ \t]*(?:\}[ \t]*)?(?:el(?:se[ \t]+)?if|if)\b")
_ITEM = re.compile(rb"\s*(?:target_arch\s*=\s*)?[\"']?[\w.-]+[\"']?\s*,?\s*")
"""A name in a list, which says nothing of its own."""
_STRING = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`")
_OF_SYSTEM = re.compile(rb"(?i)(?:linux|unknown|gnu|musl|posix|little|[\W_])*")
_DEFINED = re.compile(rb"\b(?:EM|AUDIT_ARCH)_\w+")
_KEY = re.compile(rb"\s*\w+\s*:")
_ASSIGNED = re.compile(rb"(\$?\w+)[ \t]*=[ \t]*[\"']([\w.-]+)[\"']")
_COMPARED = rb"(?<!\w)%s[ \t]*(?:===?|eq)[ \t]*[\"']%s[\"']"
_ALTERNATIVES = re.compile(
    rb"(?P<one>(?P<before>[\w.]*(?:\(|[ \t]*==[ \t]*))\"[\w.-]+\"(?P<after>\)?))"
    rb"(?:\s*\|\|\s*(?P=before)\"[\w.-]+\"(?P=after))+"
)
"""Names of one machine in a condition, as in `is("x86_64") || is("amd64")`: the first tells."""


@dataclass(frozen=True, slots=True)
class Row:
    """Lines of a table about one machine."""

    first: int
    last: int
    renamed: Renamed
    """What they are for the target."""


@dataclass(frozen=True, slots=True)
class Told:
    """Rows that agree on the target's."""

    rows: Sequence[Row]
    text: bytes
    """The target's row."""
    doubt: str
    """What would have to be known for it to be right; empty if nothing."""

    @property
    def is_like_others(self) -> bool:
        """Whether the row says something that is no name: what is so for others is taken over."""
        return len(self.rows[-1].renamed.names) == 1

    @property
    def behind(self) -> int:
        """Line behind which it goes: the last of the rows that is written as it is."""
        return max(row.last for row in self.rows if row.renamed.text == self.text)


def told_rows(text: Text, target: str, line: int) -> Iterator[Told]:
    """Yield what rows near a line tell, unless the target has its row there already."""
    alike: dict[bytes, list[Row]] = {}
    for row in _rows(text, target, max(1, line - NEAR), min(len(text.lines), line + NEAR)):
        alike.setdefault(_plain(row.renamed.text), []).append(row)
    for several in alike.values():
        for rows in _tables(text, several):
            machines = {row.renamed.machine for row in rows}
            written = _written(rows)
            if len(machines) > 1 and not _has_row(text, target, rows) and not _is_idle(written):
                yield Told(rows, written, _doubt(text, rows[-1].renamed))


def _is_idle(row: bytes) -> bool:
    """Return whether a row gives a variable the name that it has: `x = "riscv64" if x eq ...`."""
    return any(
        re.search(_COMPARED % (re.escape(match[1]), re.escape(match[2])), row)
        for match in _ASSIGNED.finditer(row)
    )


def _tables(text: Text, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows of each table: no line between two of them stands less deep than they do."""
    table = [rows[0]]
    for row in rows[1:]:
        margin = len(_margin(text.span(row.first, row.first)))
        between = (text.span(n, n) for n in range(table[-1].last + 1, row.first))
        if any(
            code.strip() and len(_margin(code)) < margin and not code.startswith(b"#")
            for code in between
        ):
            yield table
            table = []
        table.append(row)
    yield table


def _has_row(text: Text, target: str, rows: Sequence[Row]) -> bool:
    """Return whether the table that holds rows names the target: a line of it does."""
    if text.language == "xml":
        parts = (mentions(text.span(*span)) for span in profiles(text))
        return any(target in mention.machine.serves for part in parts for mention in part)
    margin = _margin(text.span(rows[0].first, rows[0].first))
    for line in range(
        _edge(text, rows[0].first, margin, -1), _edge(text, rows[-1].last, margin, 1)
    ):
        code = text.span(line, line)
        if any(target in mention.machine.serves for mention in mentions(code)):
            return True
    return False


def _edge(text: Text, line: int, margin: bytes, step: int) -> int:
    """Return where the lines end that stand as deep as a row, or deeper."""
    while 1 <= line + step <= len(text.lines):
        code = text.span(line + step, line + step)
        if not code.strip() or len(_margin(code)) < len(margin):
            break
        line += step
    return line + (step > 0)


def _rows(text: Text, target: str, first: int, last: int) -> Iterator[Row]:
    if text.language == "xml":
        for start, end in profiles(text):
            one = renamed(text.span(start, end), target, SCHEMES["xml"])
            if one is not None and start <= last and end >= first:
                yield Row(start, end, one)
        return
    own = architecture(target).names["rust"][0]
    done = text.language == "rust" and has_form(text, own)
    line = first
    while line <= last:
        code = text.span(line, line)
        end = line
        names = any(True for _ in mentions(code)) and not _COMMENT.match(code)
        if names and not (done and is_attribute(code)):
            end = _end(text, line)
            row = _ALTERNATIVES.sub(rb"\g<one>", _REMARK.sub(b"", text.span(line, end)))
            one = renamed(row, target, SCHEMES.get(text.language, "")) if end else None
            if one is not None and not _ITEM.fullmatch(one.text):
                yield Row(line, end, one)
        line = max(end, line) + 1


def _end(text: Text, line: int) -> int:
    """Return the last line of the row that begins at a line: those below it stand deeper.

    Of an attribute of Rust it is the end of its item; 0 where there is no row.
    """
    if text.language == "rust" and is_attribute(text.span(line, line)):
        return item_end(text, line)
    margin = len(_margin(text.span(line, line)))
    end = line
    while end < len(text.lines) and end - line < LONGEST:
        below = text.span(end + 1, end + 1)
        if not below.strip() or len(_margin(below)) <= margin:
            break
        end += 1
    return end


def _margin(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _plain(row: bytes) -> bytes:
    """Return a row without what tells the first and the last of a table from the others."""
    head = _OPENING.match(row)
    body = row[head.end() :] if head else row
    return re.sub(rb"\s+", b" ", body).strip().rstrip(b",")


def _written(rows: Sequence[Row]) -> bytes:
    """Return the row as those write it that stand in the middle of the table."""
    texts = [row.renamed.text for row in rows]
    inner = [t for t in texts if re.match(rb"[ \t]*(?:\}[ \t]*)?el", t)] or texts
    ended = [t for t in inner if t.rstrip().endswith(b",")]
    return (ended or inner)[-1]


def _doubt(text: Text, row: Renamed) -> str:
    """Return what a row takes for granted that nobody here can know; empty if nothing."""
    if text.language == "xml":
        return profile_doubt(row.text, row.names)
    for match in _STRING.finditer(row.text):
        inner = match[0][1:-1]
        if not any(name.encode() in inner for name in row.names):
            continue
        if b"__" in inner:
            return f"whether a compiler defines {match[0].decode('utf-8', 'replace')}"
        for name in row.names:
            inner = inner.replace(name.encode(), b"")
        if not _OF_SYSTEM.fullmatch(inner):
            return f"whether {match[0].decode('utf-8', 'replace')} exists"
    bare = _STRING.sub(b"", row.text)
    if text.language == "c":
        bare = _DEFINED.sub(b"", bare)
    if text.language in ("javascript", "python"):
        bare = _KEY.sub(b"", bare, count=1)
    for name in row.names:
        if re.search(rb"(?<![a-zA-Z0-9])%s" % name.encode(), bare):
            word = re.search(rb"\w*%s\w*" % name.encode(), bare)
            if word and not re.search(rb"\b%s\b" % word[0], text.data):
                return f"what {word[0].decode('utf-8', 'replace')} is"
    return ""
