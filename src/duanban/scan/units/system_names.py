"""Names of the system's headers that a unit needs and that the target does not have.

A header such as <sys/user.h> exists everywhere and declares other registers on each architecture.
So a unit lacks a name if a header that it includes on the reference declares it there and none of
the target's system headers does (facts `lacking`), if nothing in the unit declares it, and if a
place that is surely compiled uses it. A member counts only in a unit that names a type of the same
header.
"""

from __future__ import annotations

from collections.abc import Iterator

from duanban.scan.units.difference import Form, Gap, may_be_pasted, needed_at
from duanban.scan.units.preprocess import UnitRun
from duanban.targets.lacking import Lacking, lacking

_DISTINCT = 8
"""Letters of a name that a header of somebody else is not likely to declare, too."""


def system_gaps(reference: UnitRun, target: UnitRun) -> list[Gap]:
    """Return the names that the target's system lacks and its unit needs, where it uses them."""
    headers = frozenset(name.decode("utf-8", "replace") for name in reference.system)
    lack = lacking(target.platform.architecture, headers)
    if not any(lack):
        return []
    visits = list({id(visit): visit for visit in target.visits}.values())
    words = frozenset[bytes]().union(*(visit.words.mentioned for visit in visits))
    is_open = any(target.knows_not(name) for name in target.system)
    found = []
    for name, form in _wanted(lack, words, target.is_c):
        if is_open and (form is Form.MEMBER or not _is_distinct(name)):
            continue
        if any(name in visit.live_words.defined for visit in visits):
            continue
        if may_be_pasted(name, visits):
            continue
        place = needed_at(name, form, visits)
        if place is not None:
            found.append(Gap(name, *place))
    return found


def _wanted(lack: Lacking, words: frozenset[bytes], is_c: bool) -> Iterator[tuple[bytes, Form]]:
    yield from ((name, Form.NAME) for name in sorted(lack.names & words))
    yield from ((name, Form.TAG) for name in sorted(lack.tags & words))
    if is_c:  # in a template of C++ nobody knows whose member it is
        of_types_here = (names for types, names in lack.members if not types.isdisjoint(words))
        members = frozenset[bytes]().union(*of_types_here) & words
        yield from ((name, Form.MEMBER) for name in sorted(members))


def _is_distinct(name: bytes) -> bool:
    return len(name) >= _DISTINCT or (b"_" in name and name.upper() == name)
