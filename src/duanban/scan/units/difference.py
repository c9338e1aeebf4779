"""Names that a unit has on the reference and not on the target, where it uses them.

The usual gap of a port: a header declares a macro, a type or a function in the branches of some
architectures, and the code after it uses the name on all. The compiler calls it undeclared. So a
unit is followed on both platforms; a name counts if

* a file of the tree declares it on the reference, at lines that are not compiled on the target;
* on the target nothing in the unit declares it, by a generous reading: where a declaration cannot
  be told from a use, or a macro may paste the name, it is taken to be declared;
* the target's unit includes no foreign header that the reference's does not include, and the
  system's headers do not declare the name (facts `system`);
* where an include means a file of another directory there, that is one of the target's own, not
  one that merely came first;
* a place that is surely compiled on the target uses it, itself or through macros.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from duanban.model import Truth
from duanban.scan.cpp.knowledge import Definition
from duanban.scan.cpp.outline import Kind
from duanban.scan.units.declarations import NEVER_DECLARED, declared
from duanban.scan.units.names import uses
from duanban.scan.units.occurrences import Occurrence, occurrence
from duanban.scan.units.preprocess import UnitRun
from duanban.scan.units.source_file import Live, SourceFile
from duanban.scan.units.visits import Visit
from duanban.targets.architectures import system_names

_WORD = re.compile(rb"[A-Za-z_$][\w$]*+")
_ARGUMENT = re.compile(rb"([A-Za-z_$][\w$]*+)\s*+\(([^()]*+)\)")
_OFFSET = re.compile(rb"\boffsetof\s*+\([^(),;]*+,\s*+[A-Za-z_]\w*+\Z")
_REACH = 120
_PASTED = re.compile(rb"([A-Za-z_$][\w$]*+)?[ \t]*+##[ \t]*+([A-Za-z_$][\w$]*+)?")


MAX_TRIED = 200
"""Names of one unit that are looked into: who lacks more lacks one of these."""


class Gap(NamedTuple):
    """A name that is declared on the reference only, and that the target's unit needs."""

    name: bytes
    path: str
    line: int
    """First of the lines in which it is declared and that are compiled there only; of a name of
    the system, one that uses it."""

    @property
    def place(self) -> tuple[str, int]:
        """Path and line."""
        return self.path, self.line


class Form(Enum):
    """What a name is declared as."""

    NAME = auto()
    CALL = auto()
    """A macro with parameters: only with parentheses does it stand for something."""
    MEMBER = auto()
    """A member of a structure, which is used behind `.` or `->`."""
    TAG = auto()
    """The name of a structure, which must be complete where one is made or measured."""


class _Declared(NamedTuple):
    path: str
    line: int
    form: Form


@dataclass(slots=True)
class _Lines:
    """What of one file is compiled in a unit, over all visits."""

    file: SourceFile
    ranges: set[tuple[int, int]] = field(default_factory=set)

    def numbers(self) -> set[int]:
        return {line for first, last in self.ranges for line in range(first, last + 1)}


def gaps(reference: UnitRun, target: UnitRun) -> list[Gap]:
    """Return the names that the target lacks and needs, in the order of their places."""
    lost = _lost(reference, target)
    if not lost or any(target.knows_not(name) for name in target.system - reference.system):
        return []
    visits = list({id(visit): visit for visit in target.visits}.values())
    possible = (
        (name, one)
        for name, one in lost.items()
        # In a template of C++ whose arguments nobody names, a member is not looked for.
        if (target.is_c or one.form is not Form.MEMBER)
        and any(name in visit.words.mentioned for visit in visits)
        and not any(name in visit.live_words.defined for visit in visits)
    )
    lacking = [
        Gap(name, one.path, one.line)
        for name, one in islice(possible, MAX_TRIED)
        if not may_be_pasted(name, visits)
        and not _is_renamed(name, visits)
        and not _is_made(name, visits)
        and needed_at(name, one.form, visits) is not None
    ]
    return sorted(lacking, key=lambda gap: (gap.path, gap.line, gap.name))


def _lost(reference: UnitRun, target: UnitRun) -> dict[bytes, _Declared]:
    """Return the names that files declare on the reference at lines the target does not compile."""
    same = {visit.mark for visit in target.visits}
    paths = {visit.path for visit in reference.visits if visit.mark not in same}
    if not paths:
        return {}
    platform = target.platform
    there = _compiled((v, v.sure) for v in reference.visits if v.path in paths)
    here = _compiled((v, v.live) for v in target.visits if v.path in paths)
    seen = {visit.path for visit in target.visits}
    lost: dict[bytes, _Declared] = {}
    known = system_names(target.is_c)
    for path, lines in there.items():
        compiled = here.get(path)
        if compiled is not None and lines.ranges <= compiled.ranges:
            continue
        if compiled is None and platform.elsewhere.has_stand_in(path, seen, platform.architecture):
            continue
        key = (_lost, frozenset(lines.ranges), frozenset(compiled.ranges if compiled else ()))
        names = lines.file.keep(key, lambda: _lost_in(lines, compiled))  # noqa: B023
        for name, line, form in names:
            if name not in known:
                lost.setdefault(name, _Declared(path, line, form))
    return lost


def _compiled(visits: Iterable[tuple[Visit, Live]]) -> dict[str, _Lines]:
    found: dict[str, _Lines] = {}
    for visit, lines in visits:
        found.setdefault(visit.path, _Lines(visit.file)).ranges.update(lines)
    return found


def _lost_in(there: _Lines, here: _Lines | None) -> list[tuple[bytes, int, Form]]:
    lost = there.numbers()
    if here is not None:
        lost -= here.numbers()
    if not lost:
        return []
    file = there.file
    found = [
        (step.name, step.line, Form.NAME if step.fact.params is None else Form.CALL)
        for step in file.script.steps
        if isinstance(step.fact, Definition) and step.line in lost
    ]
    for name, offset, is_member in declared(file.pieces(_ranges(there.numbers()))):
        if (line := file.line_of(offset)) in lost:
            found.append((name, line, Form.MEMBER if is_member else Form.NAME))
    found += [
        (name, line, Form.NAME)
        for macro, names in _makers(file).items()
        for line in _calls(macro, file, lost)
        for name in names
    ]
    firsts = [first for first, _ in _ranges(lost)]
    return [
        (name, firsts[bisect_right(firsts, line) - 1], form)
        for name, line, form in found
        if name not in NEVER_DECLARED
    ]


def _ranges(lines: set[int]) -> Live:
    """Return `lines` as ranges of consecutive ones."""
    firsts = sorted(line for line in lines if line - 1 not in lines)
    lasts = sorted(line for line in lines if line + 1 not in lines)
    return tuple(zip(firsts, lasts, strict=True))


def may_be_pasted(name: bytes, visits: Iterable[Visit]) -> bool:
    """Return whether a macro of the unit may put `name` together out of parts."""
    for visit in visits:
        for head, tail in visit.file.keep("pasted", lambda: _fragments(visit.file)):  # noqa: B023
            if (head and name.startswith(head)) or (tail and name.endswith(tail)):
                return True
    return False


def _is_renamed(name: bytes, visits: Sequence[Visit]) -> bool:
    """Return whether something is declared under a name that a macro makes `name`."""
    others = {
        step.name
        for visit in visits
        if name in visit.live_words.users
        for step in visit.file.script.steps
        if isinstance(step.fact, Definition) and step.fact.body == name
    }
    return any(
        kind is Occurrence.DECLARATION
        for other in others
        for visit in visits
        if other in visit.live_words.used
        for _, kind in _in_code(other, Form.NAME, visit)
    )


def _makers(file: SourceFile) -> dict[bytes, list[bytes]]:
    """Return the macros of a file that make declarations, with the names that these declare."""
    return file.keep(_makers, lambda: dict(_find_makers(file)))


def _find_makers(file: SourceFile) -> Iterator[tuple[bytes, list[bytes]]]:
    for step in file.script.steps:
        fact = step.fact
        if isinstance(fact, Definition) and fact.params and b"(" in (fact.body or b""):
            names = [
                name
                for name, _, is_member in declared([(fact.body or b"", 0)])
                if not is_member and name not in fact.params
            ]
            if names:
                yield step.name, names


def _calls(macro: bytes, file: SourceFile, lines: set[int]) -> Iterator[int]:
    """Yield those of `lines` that call a macro at the left margin, outside of functions."""
    call = re.compile(rb"^" + re.escape(macro) + rb"\s*+\(", re.MULTILINE)
    for text, start in file.pieces(_ranges(lines)):
        for match in call.finditer(text):
            yield file.line_of(start + match.start())


def _is_made(name: bytes, visits: Iterable[Visit]) -> bool:
    """Return whether a macro that the unit may use makes a declaration of `name`."""
    visits = list(visits)
    makers = {
        macro for visit in visits for macro, names in _makers(visit.file).items() if name in names
    }
    return any(not makers.isdisjoint(visit.live_words.used) for visit in visits)


def _fragments(file: SourceFile) -> frozenset[tuple[bytes, bytes]]:
    """Return what stands before and behind `##` in the macros of a file, but for parameters."""
    found: set[tuple[bytes, bytes]] = set()
    for step in file.script.steps:
        body = getattr(step.fact, "body", None) if step.kind is Kind.MACRO else None
        if not body or b"##" not in body:
            continue
        params = getattr(step.fact, "params", None) or ()
        for head, tail in _PASTED.findall(body):
            found.add((b"" if head in params else head, b"" if tail in params else tail))
    return frozenset(found - {(b"", b"")})


def needed_at(name: bytes, form: Form, visits: Sequence[Visit]) -> tuple[str, int] | None:
    """Return where a unit uses `name`, if nothing in it looks like a declaration of it."""
    place: tuple[str, int] | None = None
    for visit in visits:
        if name in visit.live_words.used:
            key = (occurrence, name, form, visit.live)
            for line, kind in visit.file.keep(key, lambda: _in_code(name, form, visit)):  # noqa: B023
                if kind is Occurrence.DECLARATION:
                    return None
                is_sure = place is None and visit.state(line) is Truth.TRUE
                if is_sure and not _is_quoted(name, visit.file.code_at(line, 1), visits):
                    place = (visit.path, line)
    if place is not None:
        return place
    for visit in visits:
        if name not in visit.words.users:
            continue
        for macro, line, body in visit.file.keep((_texts, name), lambda: _texts(visit.file, name)):  # noqa: B023
            is_used = visit.state(line) is Truth.TRUE and _stands_for(name, form, body)
            if is_used and macro in uses([visit.words for visit in visits]):
                return (visit.path, line)
    return None


def _is_quoted(name: bytes, code: bytes, visits: Iterable[Visit]) -> bool:
    """Return whether `name` is an argument there of a macro that makes it text or pastes it."""
    for match in _ARGUMENT.finditer(code):
        if name in _WORD.findall(match[2]) and any(
            match[1] in visit.file.keep("quoting", lambda: _quoting(visit.file))  # noqa: B023
            for visit in visits
        ):
            return True
    return False


def _quoting(file: SourceFile) -> frozenset[bytes]:
    """Return the macros of a file that have `#` or `##` in their replacement."""
    return frozenset(
        step.name
        for step in file.script.steps
        if isinstance(step.fact, Definition)
        and step.fact.params
        and b"#" in (step.fact.body or b"")
    )


def _in_code(name: bytes, form: Form, visit: Visit) -> tuple[tuple[int, Occurrence], ...]:
    """Return the lines on which `name` is used or declared, in code that may be compiled."""
    pieces = list(visit.file.pieces(visit.live))
    is_member = form is Form.MEMBER
    if form is Form.TAG:
        return _tags(name, visit, pieces)
    if any(one == name and (among or not is_member) for one, _, among in declared(pieces)):
        return ((0, Occurrence.DECLARATION),)
    found = []
    for text, start in pieces:
        for match in _pattern(name).finditer(text):
            kind = occurrence(text, *match.span())
            may_declare = kind is Occurrence.DECLARATION and not is_member
            if may_declare or _is_use(kind, form, text, match.end()):
                found.append((visit.file.line_of(start + match.start()), kind))
    return tuple(found)


def _tags(
    name: bytes, visit: Visit, pieces: Sequence[tuple[bytes, int]]
) -> tuple[tuple[int, Occurrence], ...]:
    """Return the lines that need the structure `name` complete, or that define it."""
    found = []
    for text, start in pieces:
        for match in _tag_pattern(name).finditer(text):
            kind = Occurrence.DECLARATION if match[1] else Occurrence.USE
            found.append((visit.file.line_of(start + match.start()), kind))
    return tuple(found)


def _is_use(kind: Occurrence, form: Form, text: bytes, end: int) -> bool:
    """Return whether an occurrence that ends at `end` needs what was declared in that form."""
    if form is Form.MEMBER:
        is_offset = kind is Occurrence.USE and _OFFSET.search(text[max(0, end - _REACH) : end])
        return kind is Occurrence.MEMBER or bool(is_offset)
    is_called = text[end : end + 80].lstrip()[:1] == b"("
    return kind is Occurrence.USE and (form is Form.NAME or is_called)


def _texts(file: SourceFile, name: bytes) -> tuple[tuple[bytes, int, bytes], ...]:
    """Return the macros of a file whose replacement holds `name`: name, line and replacement."""
    return tuple(
        (step.name, step.line, step.fact.body)
        for step in file.script.steps
        if isinstance(step.fact, Definition)
        and step.fact.body
        and name in step.fact.body
        and name not in (step.fact.params or ())
    )


def _stands_for(name: bytes, form: Form, body: bytes) -> bool:
    """Return whether the replacement `body` needs `name` declared."""
    if form is Form.TAG:
        return any(not match[1] for match in _tag_pattern(name).finditer(body))
    text = b" " + body  # not at the first column
    return any(
        _is_use(occurrence(text, *match.span()), form, text, match.end())
        for match in _pattern(name).finditer(text)
    )


@lru_cache
def _pattern(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![\w$])" + re.escape(name) + rb"(?![\w$])")


@lru_cache
def _tag_pattern(name: bytes) -> re.Pattern[bytes]:
    """Return what finds definitions of a structure (first group) and what needs it complete."""
    return re.compile(
        rb"\b(?:struct|union|enum)\s++"
        + re.escape(name)
        + rb"\b\s*+(?:(\{)|\)(?!\s*[*\w(])|[A-Za-z_]\w*+\s*+[;,=\[])"
    )
