"""A cache line written as 64 bytes → what the compiler says of the machine.

`#define CACHE_LINE_SIZE 64` stays where the compiler says no more, or nothing; elsewhere it is
`__GCC_DESTRUCTIVE_SIZE`, of which C++ makes std::hardware_destructive_interference_size, a constant
as before. What GCC says of RISC-V, 32, is its default and less than what processors have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import directive_prefix, is_live
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Text, Work

SIZE = "__GCC_DESTRUCTIVE_SIZE"
_VALUE = re.compile(
    rb"(?:#[ \t]*define[ \t]+\w+[ \t]+\(?[ \t]*|=[ \t]*)(64)[uUlL]*(?=[ \t]*(?:\)|;|/[/*]|\r?$))",
    re.MULTILINE,
)
ASSUMES = f"no file and no other program shares data that is laid out by {SIZE}"


class CacheLine:
    """See the module."""

    name = "cache-line"
    title = "sizes of cache lines written as 64 become what the compiler says"
    rules = ("chip.cache.line-constant",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each constant in a form that is not known."""
        for text, _ in work.files(self.rules, unsure=True):
            edits: list[Edit] = []
            answered: list[str] = []
            for finding in work.findings(self.rules, unsure=True):
                if finding.path != text.path or not is_live(text, finding.line):
                    continue
                if SIZE in text.guard(finding.line):
                    continue
                match = _VALUE.search(text.data, text.start(finding.line))
                if match is None or text.line(match.start(1)) != finding.line:
                    reason = "a constant in a form that is not known"
                    yield Refusal(self.name, text.path, finding.line, reason, (finding.id,))
                    continue
                edits.append(_edit(text, finding.line, match))
                answered.append(finding.id)
            if edits:
                why = "takes the size of cache lines from the compiler"
                yield Change(self.name, text.path, tuple(edits), why, (ASSUMES,), tuple(answered))


def _edit(text: Text, line: int, match: re.Match[bytes]) -> Edit:
    start, end = text.start(line), text.start(line + 1)
    old = text.data[start:end].rstrip(b"\r\n") + b"\n"
    other = text.data[start : match.start(1)] + SIZE.encode() + text.data[match.end() : end]
    other = other.rstrip(b"\r\n") + b"\n"
    sign = directive_prefix(text, line)
    test = b"defined(%s) && %s > %s" % (SIZE.encode(), SIZE.encode(), match[1])
    parts = (sign, b"if ", test, b"\n", other, sign, b"else\n", old, sign, b"endif\n")
    return Edit(start, end, b"".join(parts))
