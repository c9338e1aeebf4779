"""Control words of the x87 unit → without the precision, which other machines compute in anyway.

`_FPU_GETCW` and `_FPU_SETCW` are there on every machine of glibc; `_FPU_EXTENDED`, `_FPU_DOUBLE`
and `_FPU_SINGLE` become 0 where <fpu_control.h> does not have them, so that rounding is set and
precision is not; the header may come by another one. Where the target has no such header, the
calls go. Control words in assembly are the matter of `inline-asm`, which makes <fenv.h> of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import Replacement, blocks, is_live, twice, x86_condition
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Text, Work
from duanban.model import Truth

HEADER = "fpu_control.h"
PRECISIONS = (b"_FPU_EXTENDED", b"_FPU_DOUBLE", b"_FPU_SINGLE")
_CALL = re.compile(rb"\b_FPU_[SG]ETCW[ \t]*\([ \t]*(\w+)[ \t]*\)")


class X87Control:
    """See the module."""

    name = "x87-control"
    title = "control words of the x87 unit set no precision elsewhere"
    rules = ("chip.float.x87-control",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file."""
        for text, ids in work.files(self.rules, unsure=True):
            if text.language != "c":
                continue
            edits = list(_edits(work, text))
            if edits:
                why = "leaves the precision of the x87 unit to x86"
                yield Change(self.name, text.path, tuple(edits), why, (), ids)
            else:
                reason = "control words in a form that is not known"
                yield Refusal(self.name, text.path, 1, reason, ids)


def _edits(work: Work, text: Text) -> Iterator[Edit]:
    used = [name for name in PRECISIONS if re.search(rb"\b%s\b" % name, text.c.code)]
    include = _include(text, used)
    if include and HEADER in work.target.architecture.headers:
        defined = [n for n in used if re.search(rb"#[ \t]*define[ \t]+%s\b" % n, text.data)]
        names = [name for name in used if name not in defined]
        if names:
            at = text.start(include + 1)
            lines = b"".join(b"#define %s 0\n" % name for name in names)
            yield Edit(at, at, b"#ifndef %s\n%s#endif\n" % (names[0], lines))
        return
    found = [
        Replacement(match.start(), match.end(), b"((void)%s)" % match[1])
        for match in _CALL.finditer(text.c.code)
        if is_live(text, text.line(match.start()))
    ]
    for block in blocks(text, found):
        yield twice(text, block, x86_condition(text))


def _include(text: Text, used: list[bytes]) -> int:
    """Return the line that includes the header, or the last that may; 0 if there is none."""
    includes = text.c.includes
    own = [one.line for one in includes if one.name == HEADER and is_live(text, one.line)]
    if own or not used:
        return own[0] if own else 0
    return max((one.line for one in includes if text.state(one.line) is Truth.TRUE), default=0)
