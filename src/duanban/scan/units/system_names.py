"""Names of the system's headers that a unit needs and that the target does not have.

A header such as <sys/user.h> exists everywhere and declares other registers on each architecture.
So a unit lacks a name if a header that it includes on the reference declares it there and none of
the target's system headers does (facts `lacking`), if nothing in the unit declares it, and if a
place that is surely compiled uses it. A member counts only in a unit that names a type of the same
header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

from duanban.scan.units.difference import Form, Gap, may_be_pasted, needed_at
from duanban.scan.units.preprocess import UnitRun
from duanban.scan.units.visits import Visit
from duanban.targets.lacking import Lacking, lacking

_DISTINCT = 8
"""Letters of a name that a header of somebody else is not likely to declare, too."""


def system_gaps(reference: UnitRun, target: UnitRun, telling: Set[str]) -> list[Gap]:
    """Return the names that the target's system lacks and its unit needs, where it uses them.

    Args:
        reference: the unit on the reference.
        target: the unit on the target.
        telling: files that mention such names; others are not searched for them.
    """
    visits = list({id(visit): visit for visit in target.visits}.values())
    searched = [visit for visit in visits if visit.path in telling]
    if not searched:
        return []
    headers = frozenset(name.decode("utf-8", "replace") for name in reference.system)
    lack = lacking(target.platform.architecture, headers)
    is_open = any(target.knows_not(name) for name in target.system)
    found = []
    for name, form in _wanted(lack, searched, visits, target.is_c):
        if is_open and (form is Form.MEMBER or not _is_distinct(name)):
            continue
        if any(name in visit.live_words.defined for visit in visits):
            continue
        if may_be_pasted(name, visits):
            continue
        place = needed_at(name, form, visits)
        if place is None and form is Form.TAG and target.is_c:
            place = _conflict(name, searched)
        if place is not None:
            found.append(Gap(name, *place))
    return found


def _wanted(
    lack: Lacking, searched: Sequence[Visit], visits: Sequence[Visit], is_c: bool
) -> Iterator[tuple[bytes, Form]]:
    """Yield the names that the unit mentions, each with what it would be."""
    yield from ((name, Form.NAME) for name in _mentioned(lack.names, searched))
    yield from ((name, Form.TAG) for name in _mentioned(lack.tags, searched))
    if not is_c:  # in a template of C++ nobody knows whose member it is
        return
    members: set[bytes] = set()
    for types, names in lack.members:
        here = _mentioned(names, searched)
        if here and any(not types.isdisjoint(visit.words.mentioned) for visit in visits):
            members.update(here)
    yield from ((name, Form.MEMBER) for name in sorted(members))


def _mentioned(names: frozenset[bytes], visits: Sequence[Visit]) -> list[bytes]:
    return sorted(set().union(*(names & visit.words.mentioned for visit in visits)))


def _conflict(tag: bytes, visits: Sequence[Visit]) -> tuple[str, int] | None:
    """Return where a function is declared again whose parameters name a structure nobody has.

    In C such a structure is another one in each list of parameters (C17 6.2.1), so that the
    function and its prototype conflict; unless the structure is named outside of one before.
    """
    pattern, outside = _parameters(tag), _at_margin(tag)
    seen: set[bytes] = set()
    for visit in visits:
        for text, start in visit.file.pieces(visit.sure):
            if outside.search(text):
                return None
            for match in pattern.finditer(text):
                if match[1] in seen:
                    return visit.path, visit.file.line_of(start + match.start(1))
                seen.add(match[1])
    return None


@lru_cache
def _parameters(tag: bytes) -> re.Pattern[bytes]:
    structure = rb"\bstruct\s++" + re.escape(tag) + rb"\s*+\*"
    return re.compile(
        rb"^(?!\s|return\b)[\w \t*]*?([A-Za-z_]\w*+)\s*+\((?:[^(){};]*?)"
        + structure
        + rb"[^(){};]*+\)"
        rb"\s*+[;{]",
        re.MULTILINE,
    )


@lru_cache
def _at_margin(tag: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^(?:\w++[ \t]++)*?struct[ \t]++" + re.escape(tag) + rb"\b", re.MULTILINE)


def _is_distinct(name: bytes) -> bool:
    return len(name) >= _DISTINCT or (b"_" in name and name.upper() == name)
