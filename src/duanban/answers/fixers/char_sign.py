"""A plain char that holds -1 → `signed char`, as it is on x86.

`char c = getopt(...)` or `char c; ... (c = fgetc(f)) != EOF` never sees -1 where char has no
sign. The declaration gets one, which changes nothing on x86.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Text, Work

_ASSIGNED = re.compile(
    rb"\b(\w+)[ \t]*=[ \t]*(?:getc|fgetc|getchar|getopt(?:_long)?|getwc|peek|get)\b[ \t]*\("
)
BEFORE = 200
"""Lines above a use in which its declaration is looked for."""


class CharSign:
    """See the module."""

    name = "char-sign"
    title = "a plain char that holds -1 becomes signed char"
    rules = ("chip.char.end-of-file",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file."""
        for text, ids in work.files(self.rules):
            if text.language != "c":
                continue
            edits: dict[Edit, None] = {}
            for match in _ASSIGNED.finditer(text.c.code):
                if is_live(text, text.line(match.start())):
                    edits.update(dict.fromkeys(_declaration(text, match)))
            if edits:
                why = "declares chars that hold -1 with a sign"
                yield Change(self.name, text.path, tuple(edits), why, (), ids)
            else:
                yield Refusal(self.name, text.path, 1, "no declaration of a char is near", ids)


def _declaration(text: Text, use: re.Match[bytes]) -> Iterator[Edit]:
    """Yield the edit of the last declaration of the variable before its use."""
    start = text.start(max(1, text.line(use.start()) - BEFORE))
    pattern = re.compile(
        rb"(?<![\w*])(?<!signed )char"
        rb"(?=[ \t]+(?:\w+(?:[ \t]*=[^,;]*)?[ \t]*,[ \t]*)*%s[ \t]*(?:[=;,]))" % re.escape(use[1])
    )
    found = list(pattern.finditer(text.c.code, start, use.end()))
    if found and not re.search(rb"\bunsigned[ \t]+\Z", text.c.code[: found[-1].start()]):
        yield Edit(found[-1].start(), found[-1].end(), b"signed char")
