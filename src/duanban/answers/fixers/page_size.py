"""A page size written as 4096 → what the system says.

`#define PAGE_SIZE 4096` becomes `sysconf(_SC_PAGESIZE)`, and `#define PAGE_SHIFT 12` its logarithm,
if neither the name nor what is made of it is used where C asks for a constant: in `#if`, as the
size of an array, in `case`, or to initialise something static. Where it must be one, and the
target's kernels have pages of one size, the target gets that size. Masks and alignments of 4096 in
calls of mmap and its like are made from what the system says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import Replacement, blocks, include_edit, is_live, twice
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.naming import CONDITIONS
from duanban.answers.page_lines import PAGES, page_size
from duanban.answers.work import C_SUFFIXES, Text, Work

_DEFINE = re.compile(
    rb"^([ \t]*#[ \t]*define[ \t]+(\w*PAGE_?SIZE\w*)[ \t]+)"
    rb"(\(?[ \t]*(?:4096|0x1000|4[ \t]*\*[ \t]*1024|1[ \t]*<<[ \t]*12)[uUlL]*[ \t]*\)?)"
    rb"(?=[ \t\r]*(?:/[/*]|$))",
    re.MULTILINE,
)
_SHIFT = re.compile(
    rb"^([ \t]*#[ \t]*define[ \t]+(\w*PAGE_?(?:SHIFT|BITS)\w*)[ \t]+)(\(?[ \t]*12[uUlL]*[ \t]*\)?)"
    rb"(?=[ \t\r]*(?:/[/*]|$))",
    re.MULTILINE,
)
_SIZE = b"((size_t)sysconf(_SC_PAGESIZE))"
_LOGARITHM = b"(__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE)))"
_MASK = re.compile(rb"\b(?:0x0*[fF]{3}|4095)[uUlL]*\b")
_UPPER = re.compile(rb"\b0x0*[fF]{5}000[uUlL]*\b")
_WHOLE = re.compile(rb"\b(?:4096|0x1000)[uUlL]*\b")
_MADE_OF = rb"^[ \t]*#[ \t]*define[ \t]+(\w+)\b[^\n]*\b(?:%s)\b"
DEEPEST = 3
"""Definitions that are followed."""
_VARIABLE = re.compile(
    rb"^([ \t]*(?:static[ \t]+)?(?:const(?:expr)?[ \t]+)(?:static[ \t]+)?[\w:]+(?:[ \t]+\w+)?[ \t]+"
    rb"(\w*[pP]age_?[sS]ize\w*)[ \t]*=[ \t]*)(4096|0x1000)[uUlL]*(?=[ \t]*;)",
    re.MULTILINE,
)


class PageSize:
    """See the module."""

    name = "page-size"
    title = "page sizes written as 4096 are asked of the system"
    rules = ("chip.page.size-constant", "chip.page.mask")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each name that must stay a constant."""
        for text, ids in work.files(self.rules):
            if text.language != "c":
                continue
            edits: list[Edit] = list(_masks(work, text))
            assumes: tuple[str, ...] = ()
            for match in (m for p in (_DEFINE, _SHIFT, _VARIABLE) for m in p.finditer(text.data)):
                line = text.line(match.start(2))
                if not is_live(text, line):
                    continue
                where = _needs_constant(work, text, match[2])
                constant = _constant(work, text, match) if where else None
                if constant:
                    edits.append(constant)
                    size = page_size(work.target)
                    assumes = (PAGES.format(target=work.target.title, size=size),)
                    continue
                if where:
                    reason = f"{match[2].decode()} must be a constant: {where}"
                    yield Refusal(self.name, text.path, line, reason, ids)
                    continue
                edits += _edits(text, match)
            if not edits:
                continue
            asks = any(b"sysconf" in edit.new for edit in edits)
            header = include_edit(text, "unistd.h") if asks else None
            edits += [header] if header else []
            yield Change(self.name, text.path, tuple(edits), "asks for the page size", assumes, ids)


def _masks(work: Work, text: Text) -> Iterator[Edit]:
    """Yield the edits of masks and alignments that are written as numbers."""
    for finding in work.findings(("chip.page.mask",)):
        if finding.path != text.path or not is_live(text, finding.line):
            continue
        first = text.start(finding.line)
        end = text.start(max(finding.line, finding.end_line) + 1)
        for match in _MASK.finditer(text.c.code, first, end):
            yield Edit(match.start(), match.end(), b"(sysconf(_SC_PAGESIZE) - 1)")
        for match in _UPPER.finditer(text.c.code, first, end):
            yield Edit(match.start(), match.end(), b"~(sysconf(_SC_PAGESIZE) - 1)")
        for match in _WHOLE.finditer(text.c.code, first, end):
            yield Edit(match.start(), match.end(), b"sysconf(_SC_PAGESIZE)")


def _constant(work: Work, text: Text, match: re.Match[bytes]) -> Edit | None:
    """Return the edit that gives the target its own constant; None where there is no one size."""
    size = page_size(work.target)
    if not size or match.re is _VARIABLE:
        return None
    value = size if match.re is _DEFINE else size.bit_length() - 1
    new = re.sub(rb"4096|0x1000|4[ \t]*\*[ \t]*1024|1[ \t]*<<[ \t]*12|12", b"%d" % value, match[3])
    (block,) = blocks(text, [Replacement(*match.span(3), new)])
    return twice(text, block, f"!{CONDITIONS[work.machine]}".encode())


def _edits(text: Text, match: re.Match[bytes]) -> list[Edit]:
    start, end = match.span(3)
    if match.re is not _VARIABLE:
        return [Edit(start, end, _SIZE if match.re is _DEFINE else _LOGARITHM)]
    end = text.data.index(b";", start)
    plain = match[1].replace(b"constexpr ", b"const ")
    cast = b"static_cast<size_t>(%s)" if not text.path.endswith(".c") else b"(size_t)%s"
    return [Edit(match.start(1), end, plain + cast % b"sysconf(_SC_PAGESIZE)")]


def _needs_constant(work: Work, text: Text, name: bytes) -> str:
    """Return where a name, or what is made of it, must be a constant; empty if nowhere."""
    names = [name]
    for _ in range(DEEPEST):
        made = work.words(re.compile(_MADE_OF % b"|".join(names), re.MULTILINE), C_SUFFIXES)
        if made <= {*names}:
            break
        names += sorted(made - {*names})
    return next((where for one in names if (where := _constant_use(work, text, one))), "")


def _constant_use(work: Work, text: Text, name: bytes) -> str:
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
