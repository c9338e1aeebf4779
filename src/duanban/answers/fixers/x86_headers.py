"""Headers that only x86 has → included for x86 only, where what they give is not used elsewhere.

`#include <asm/ldt.h>` gets a guard if no line that the target compiles uses a name of it, in the
file itself or, for a header, in any file of the tree. What `cpuid.h` gives answers with zeros
elsewhere, as the instruction does for what it does not know; `ioperm` fails with ENOSYS
(`x86_names.toml`). Where other names are used, the file is left, and they are named. The table is
`x86_headers.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from duanban.answers.definitions import definition_lines
from duanban.answers.guarded import directive_prefix, is_live, x86_condition
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import C_SUFFIXES, Text, Work
from duanban.answers.x86_names import definitions, definitions_for
from duanban.model import Finding
from duanban.scan.includes import UNIT_SUFFIXES

_INCLUDED = re.compile(r'#\s*include\s*[<"]([^>"]+)[>"]')


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]
    gives: str
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    header: tuple[_Header, ...]


@cache
def headers() -> Mapping[str, re.Pattern[bytes]]:
    """Return what each header gives."""
    data = files("duanban.answers").joinpath("x86_headers.toml").read_bytes()
    table = msgspec.toml.decode(data, type=_Table)
    return {
        name: re.compile(rf"(?<![\w$])(?:{one.gives})(?![\w$])".encode())
        for one in table.header
        for name in one.names
    }


class X86Headers:
    """See the module."""

    name = "x86-headers"
    title = "headers that only x86 has are included for x86 only"
    rules = ("chip.headers.missing", "chip.intrinsics.x86-scalar", "os.kernel.x86-calls")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and every header whose names are used."""
        for text, ids in work.files(("chip.headers.missing",), _is_known):
            if text.language == "c":
                yield from self._file(work, text, ids)

    def _file(self, work: Work, text: Text, ids: tuple[str, ...]) -> Iterator[Outcome]:
        edits: list[Edit] = []
        assumes: list[str] = []
        given: set[str] = set()
        for one in text.c.includes:
            if one.name not in headers() or not is_live(text, one.line):
                continue
            used = _used(work, text, headers()[one.name])
            known = definitions()
            strange = sorted(name for name in used if name not in known)
            if strange:
                reason = f"{', '.join(strange[:5])} of <{one.name}> are used"
                yield Refusal(self.name, text.path, one.line, reason, ids)
                continue
            lines = []
            for definition in definitions_for(used - given):
                given |= {*definition.names}
                lines += definition_lines(definition, used)
                assumes += [definition.assumes] if definition.assumes else []
            edits.append(_guarded(text, one.line, lines))
        if edits:
            scalar = [
                f.id for f in work.findings(self.rules[1:]) if assumes and f.path == text.path
            ]
            why = "includes headers of x86 for x86 only"
            yield Change(
                self.name, text.path, tuple(edits), why, tuple(dict.fromkeys(assumes)),
                (*ids, *scalar),
            )  # fmt: skip


def _is_known(finding: Finding) -> bool:
    match = _INCLUDED.search(finding.snippet)
    return match is not None and match[1] in headers()


def _used(work: Work, text: Text, gives: re.Pattern[bytes]) -> frozenset[str]:
    """Return names that lines for the target use; for a header, those of the whole tree."""
    own = {
        match[0].decode()
        for match in gives.finditer(text.c.code)
        if is_live(text, text.line(match.start()))
        and not re.match(rb"[ \t]*#[ \t]*include", text.span(*[text.line(match.start())] * 2))
    }
    if not text.path.endswith(UNIT_SUFFIXES):
        own |= {word.decode() for word in work.words(gives, C_SUFFIXES)}
    return frozenset(own)


def _guarded(text: Text, line: int, instead: list[str]) -> Edit:
    sign = directive_prefix(text, line)
    old = text.span(line, line).rstrip(b"\r\n") + b"\n"
    parts = [sign, b"if ", x86_condition(text), b"\n", old]
    if instead:
        parts += [sign, b"else\n", *(one.encode() + b"\n" for one in instead)]
    return Edit(text.start(line), text.start(line + 1), b"".join([*parts, sign, b"endif\n"]))
