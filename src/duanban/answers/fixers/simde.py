"""Headers of Intel's or Arm's vector intrinsics → SIMDe, under the names that the code has.

`#include <emmintrin.h>` stays for x86. Everything else includes SIMDe's counterpart with
`SIMDE_ENABLE_NATIVE_ALIASES`, which gives the intrinsics and types their own names for every
architecture, so that no line of the code that uses them changes. What SIMDe does not have
(`_mm_malloc`, `_pdep_u64`, `__rdtsc`) is defined beside it, where it is used
(`x86_names.toml`). A header whose names nobody uses is only guarded. Where a file includes it on
x86 only and uses its names everywhere, SIMDe comes behind that chain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath

from duanban.answers.definitions import definition_lines
from duanban.answers.guarded import directive_prefix, is_live, x86_condition
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.vendor import files_needed, simde_directory
from duanban.answers.work import C_SUFFIXES, Text, Work
from duanban.answers.x86_names import (
    FAMILY,
    UMBRELLAS,
    definitions,
    definitions_for,
    included_by,
    simde_names,
    without_included,
)
from duanban.model import Finding, Truth
from duanban.scan.build.chains import Chain, chains_of
from duanban.scan.includes import UNIT_SUFFIXES

_NAME = re.compile(rb"(?<![\w$])_[A-Za-z_]\w+")
_OWN = re.compile(r"_mm(?:256|512)?_[a-z]\w+|__m(?:64|128|256|512)[dih]?")
_HEADERS = FAMILY.keys() | UMBRELLAS
_INCLUDED = re.compile(r'#\s*include\s*[<"]([^>"]+)[>"]')
NEON = "arm_neon.h"
DEEPEST = 3
"""Includes that are followed."""
LIBRARY = "SIMDe (Debian: libsimde-dev) is there where the target's build is made"


@dataclass(frozen=True, slots=True)
class _User:
    """A file that uses intrinsics."""

    text: Text
    used: frozenset[str]
    includes: tuple[int, ...]
    """Lines that include vector headers on the target."""
    elsewhere: Mapping[int, tuple[int, ...]]
    """Last lines of the chains that include them on x86 only, whose names the target uses all the
    same, and the lines of the includes."""


class Simde:
    """See the module."""

    name = "simde"
    title = "vector intrinsics of x86 or Arm come from SIMDe elsewhere"
    rules = ("chip.headers.missing", "chip.intrinsics.x86*", "chip.intrinsics.arm")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file that includes a vector header."""
        files = list(work.files(self.rules, _is_about_vectors))
        users = [_user(text) for text, _ in files if text.language == "c"]
        ids = {text.path: found for text, found in files}
        # Who has no include of its own gets the names from a header that has one.
        apart = [user for user in users if not (user.includes or user.elsewhere)]
        shared = frozenset().union(*(user.used for user in apart))
        if shared & simde_names().keys():
            users += _headers(work, apart)
        if any(user.includes and not _is_unit(user.text) for user in users):
            shared |= {word.decode() for word in work.words(_other_names(), C_SUFFIXES)}
        covered: tuple[str, ...] = ()
        changes: list[Change] = []
        for user in users:
            found = ids.get(user.text.path, ())
            strange = _strange(user)
            if strange:
                line = _line_of(user.text, strange[0])
                reason = f"SIMDe does not have {', '.join(strange[:5])}"
                yield Refusal(self.name, user.text.path, line, reason, found)
            if user.includes or user.elsewhere:
                names = user.used if _is_unit(user.text) else user.used | shared
                changes.append(self._change(work, user, names, found))
            else:
                covered += found
        if changes:
            changes[0] = replace(changes[0], answers=changes[0].answers + covered)
        yield from changes
        if work.vendor:
            yield from self._copies(work, changes)

    def _copies(self, work: Work, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Yield the headers that the tree is to keep itself, and does not yet."""
        text = b"".join(edit.new for change in changes for edit in change.edits)
        wanted = {m.decode() for m in re.findall(rb"/(simde/(?:x86|arm)/[\w.]+)\"", text)}
        if not wanted or all(f"{work.vendor}/{name}" in work.paths for name in wanted):
            return
        directory = simde_directory()
        if directory is None:
            reason = "SIMDe is not on this machine (libsimde-dev, or simde-py), so cannot be copied"
            yield Refusal(self.name, work.vendor, 0, reason)
            return
        for name, data in files_needed(directory, wanted):
            path = f"{work.vendor}/{name}"
            if work.text(path) is None:
                yield Change(self.name, path, (Edit(0, 0, data),), "a copy of SIMDe's header")

    def _change(
        self, work: Work, user: _User, names: frozenset[str], ids: tuple[str, ...]
    ) -> Change:
        text = user.text
        edits: list[Edit] = []
        assumes: list[str] = []
        given: set[str] = set()
        for first, last in _runs(user.includes):
            wanted = [_included(text, line) for line in range(first, last + 1)]
            lines, told = self._instead(work, text, wanted, names, given)
            assumes += told
            edits.append(_guarded(text, first, last, lines, neon=NEON in wanted))
        for end, includes in user.elsewhere.items():
            wanted = [_included(text, line) for line in includes]
            lines, told = self._instead(work, text, wanted, names, given)
            assumes += told
            edits.append(_behind(text, end, lines))
        why = "takes vector intrinsics from SIMDe" if LIBRARY in assumes else "guards x86 headers"
        return Change(self.name, text.path, tuple(edits), why, tuple(dict.fromkeys(assumes)), ids)

    def _instead(
        self, work: Work, text: Text, wanted: Sequence[str], names: frozenset[str], given: set[str]
    ) -> tuple[list[str], list[str]]:
        """Return the lines that stand for the headers `wanted`, and what they assume."""
        if NEON in wanted:
            return _simde_lines(work, text, ["arm/neon.h"]), [LIBRARY]
        known = simde_names()
        used = {known[name] for name in names if name in known}
        lines: list[str] = []
        assumes: list[str] = []
        if used:
            headers = [part for name in wanted for part in FAMILY.get(name, "").split()]
            if any(name in UMBRELLAS for name in wanted):
                headers += used
            headers = without_included(headers)
            lines += _simde_lines(work, text, [f"x86/{name}" for name in headers])
            assumes.append(LIBRARY)
        for definition in definitions_for(names):
            if definition.names[0] not in given:
                given.add(definition.names[0])
                lines += definition_lines(definition, names)
                assumes += [definition.assumes] if definition.assumes else []
        return lines, assumes


def _is_about_vectors(finding: Finding) -> bool:
    if finding.rule != "chip.headers.missing":
        return True
    match = _INCLUDED.search(finding.snippet)
    return match is not None and (match[1] in _HEADERS or match[1] == NEON)


@cache
def _other_names() -> re.Pattern[bytes]:
    """Return what finds names that no rule is about, and the headers give all the same."""
    return re.compile(rb"(?<![\w$])(?:%s)(?![\w$])" % "|".join(definitions()).encode())


def _user(text: Text) -> _User:
    code = text.c.code
    used = {
        match[0].decode()
        for match in _NAME.finditer(code)
        if is_live(text, text.line(match.start()))
    }
    lines = tuple(
        one.line
        for one in text.c.includes
        if (one.name in _HEADERS or one.name == NEON) and is_live(text, one.line)
    )
    elsewhere = _on_x86_only(text) if used & simde_names().keys() else {}
    inside = [range(chain.line, end + 1) for end, (chain, _) in elsewhere.items()]
    outside = tuple(line for line in lines if not any(line in span for span in inside))
    if _gives([_included(text, line) for line in outside], used):
        return _User(text, frozenset(used), lines, {})
    ends = {end: included for end, (_, included) in elsewhere.items()}
    return _User(text, frozenset(used), outside, ends)


def _gives(included: Sequence[str], used: Collection[str]) -> bool:
    """Return whether the headers that stand for those included give all names of SIMDe's in use."""
    if UMBRELLAS.intersection(included):
        return True
    headers = {part for name in included for part in FAMILY.get(name, "").split()}
    wanted = {simde_names()[name] for name in used if name in simde_names()}
    return not wanted - headers - included_by(headers)


def _on_x86_only(text: Text) -> dict[int, tuple[Chain, tuple[int, ...]]]:
    """Return the chains that include vector headers of x86 in a branch that the target leaves out.

    They stand by their last line, with the lines of the includes.
    """
    dead = [
        one.line for one in text.c.includes if one.name in _HEADERS and not is_live(text, one.line)
    ]
    found: dict[int, tuple[Chain, tuple[int, ...]]] = {}
    for chain in chains_of("c", text.c.directives) if dead else ():
        span = range(chain.line, chain.end_line)
        inside = tuple(line for line in dead if line in span)
        sure = any(
            one.line in span and one.name in _HEADERS and text.state(one.line) is Truth.TRUE
            for one in text.c.includes
        )
        if inside and not sure and is_live(text, chain.end_line):
            found[chain.end_line] = (chain, inside)
    return found


def _headers(work: Work, apart: Sequence[_User]) -> Iterator[_User]:
    """Yield the tree's headers that include vector headers on x86 only, and that files include.

    They themselves use nothing of them: the files that include them do, on every machine.
    """
    known = {user.text.path for user in apart}
    texts = [user.text for user in apart]
    for _ in range(DEEPEST):
        texts = [one for text in texts for one in _included_texts(work, text)]
        texts = [one for one in dict.fromkeys(texts) if one.path not in known]
        known |= {one.path for one in texts}
        for text in texts:
            ends = {end: lines for end, (_, lines) in _on_x86_only(text).items()}
            if ends:
                yield _User(text, frozenset(), (), ends)


def _included_texts(work: Work, text: Text) -> Iterator[Text]:
    place = PurePosixPath(text.path).parent
    for one in text.c.includes:
        found = work.text(str(place / one.name)) or work.text(one.name)
        if found is not None and is_live(text, one.line):
            yield found


def _is_unit(text: Text) -> bool:
    return text.path.endswith(UNIT_SUFFIXES)


def _strange(user: _User) -> list[str]:
    """Return intrinsics of x86 that nothing known gives, and the tree does not define."""
    known = simde_names().keys() | definitions().keys()
    found = sorted(n for n in user.used if _OWN.fullmatch(n) and n not in known)
    return [name for name in found if not _is_defined(user.text, name)]


def _is_defined(text: Text, name: str) -> bool:
    word = re.escape(name.encode())
    pattern = rb"#[ \t]*define[ \t]+%s\b|\b%s[ \t]*\([^;{}]*\)\s*\{" % (word, word)
    return re.search(pattern, text.data) is not None


def _line_of(text: Text, name: str) -> int:
    at = text.c.code.find(name.encode())
    return text.line(at) if at >= 0 else 1


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of lines that follow each other."""
    start = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or lines[index] != lines[index - 1] + 1:
            yield lines[start], lines[index - 1]
            start = index


def _included(text: Text, line: int) -> str:
    return next(one.name for one in text.c.includes if one.line == line)


def _simde_lines(work: Work, text: Text, headers: Sequence[str]) -> list[str]:
    lines = ["#define SIMDE_ENABLE_NATIVE_ALIASES"]
    if work.machine == "loongarch64":
        # Its own <lsxintrin.h> declares __m128i, too, as another type.
        lines += [f"#define SIMDE_LOONGARCH_{one}_NO_NATIVE" for one in ("LSX", "LASX")]
    if not work.vendor:
        return lines + [f"#include <simde/{name}>" for name in headers]
    up = "../" * (len(PurePosixPath(text.path).parts) - 1)
    return lines + [f'#include "{up}{work.vendor}/simde/{name}"' for name in headers]


def _guarded(text: Text, first: int, last: int, instead: Sequence[str], *, neon: bool) -> Edit:
    start, end = text.start(first), text.start(last + 1)
    sign = directive_prefix(text, first).decode()
    condition = b"defined(__ARM_NEON)" if neon else x86_condition(text)
    old = text.data[start:end]
    lines = [f"{sign}if {condition.decode()}\n", old.decode("latin-1").rstrip("\r\n") + "\n"]
    if instead:
        lines.append(f"{sign}else\n")
        lines += [_styled(line, sign) + "\n" for line in instead]
    lines.append(f"{sign}endif\n")
    return Edit(start, end, "".join(lines).encode("latin-1"))


def _behind(text: Text, end: int, lines: Sequence[str]) -> Edit:
    """Return the edit that says `lines` for all but x86 behind the chain that ends at `end`."""
    at = text.start(end + 1)
    condition = x86_condition(text).decode()
    before = "" if text.data[at - 1 : at] == b"\n" else "\n"
    whole = [f"#if !({condition})", *lines, "#endif"]
    return Edit(at, at, (before + "".join(f"{line}\n" for line in whole)).encode("latin-1"))


def _styled(line: str, sign: str) -> str:
    return sign + line[1:] if line.startswith("#") else line
