"""A page size written as 4096 → what the system says.

`#define PAGE_SIZE 4096` becomes `sysconf(_SC_PAGESIZE)`, if the name is never used where C asks
for a constant: in `#if`, as the size of an array, in `case`, or to initialise something static.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import include_edit, is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import C_SUFFIXES, Text, Work

_DEFINE = re.compile(
    rb"^([ \t]*#[ \t]*define[ \t]+(\w*PAGE_?SIZE\w*)[ \t]+)"
    rb"(\(?[ \t]*(?:4096|0x1000|4[ \t]*\*[ \t]*1024|1[ \t]*<<[ \t]*12)[uUlL]*[ \t]*\)?)"
    rb"(?=[ \t\r]*(?:/[/*]|$))",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    rb"^([ \t]*(?:static[ \t]+)?(?:const(?:expr)?[ \t]+)(?:static[ \t]+)?[\w:]+(?:[ \t]+\w+)?[ \t]+"
    rb"(\w*[pP]age_?[sS]ize\w*)[ \t]*=[ \t]*)(4096|0x1000)[uUlL]*(?=[ \t]*;)",
    re.MULTILINE,
)


class PageSize:
    """See the module."""

    name = "page-size"
    title = "page sizes written as 4096 are asked of the system"
    rules = ("chip.page.size-constant",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each name that must stay a constant."""
        for text, ids in work.files(self.rules):
            if text.language != "c":
                continue
            edits: list[Edit] = []
            for match in (*_DEFINE.finditer(text.data), *_VARIABLE.finditer(text.data)):
                line = text.line(match.start(2))
                if not is_live(text, line):
                    continue
                where = _needs_constant(work, text, match[2])
                if where:
                    reason = f"{match[2].decode()} must be a constant: {where}"
                    yield Refusal(self.name, text.path, line, reason, ids)
                    continue
                edits += _edits(text, match)
            if not edits:
                continue
            header = include_edit(text, "unistd.h")
            edits += [header] if header else []
            yield Change(self.name, text.path, tuple(edits), "asks for the page size", (), ids)


def _edits(text: Text, match: re.Match[bytes]) -> list[Edit]:
    start, end = match.span(3)
    if match.re is _DEFINE:
        return [Edit(start, end, b"((size_t)sysconf(_SC_PAGESIZE))")]
    end = text.data.index(b";", start)
    plain = match[1].replace(b"constexpr ", b"const ")
    cast = b"static_cast<size_t>(%s)" if not text.path.endswith(".c") else b"(size_t)%s"
    return [Edit(match.start(1), end, plain + cast % b"sysconf(_SC_PAGESIZE)")]


def _needs_constant(work: Work, text: Text, name: bytes) -> str:
    """Return where the tree needs the name to be a constant; empty if nowhere."""
    word = re.escape(name)
    patterns = {
        "it stands in a condition of the preprocessor": rb"^[ \t]*#[ \t]*(?:el)?if[^\n]*\b%s\b",
        "it is the size of an array": rb"\[[^\]\n]*\b%s\b[^\]\n]*\][ \t]*(?:=|;|,|__attr)",
        "it stands in a case": rb"\bcase[ \t][^:\n]*\b%s\b",
        "it initialises something static": rb"^(?:static[ \t][^\n;(]*|[a-z][\w \t*]*)="
        rb"[^\n;]*\b%s\b",
        "an assertion of the compiler uses it": rb"\b(?:_Static_assert|static_assert)[^\n;]*\b%s\b",
        "another constant is made of it": rb"\bconstexpr\b[^\n;=]*=[^\n;]*\b%s\b",
        "an alignment uses it": rb"\b(?:aligned|alignas|_Alignas)[ \t]*\([^\n)]*\b%s\b",
        "a template has it as an argument": rb"<[^<>;\n]*\b%s\b[^<>;\n]*>[ \t]*[\w(:]",
    }
    own = text.path.endswith((".c", ".cc", ".cpp", ".cxx"))
    for reason, pattern in patterns.items():
        compiled = re.compile(pattern % word, re.MULTILINE)
        found = compiled.search(text.data) if own else work.words(compiled, C_SUFFIXES)
        if found:
            return reason
    return ""
