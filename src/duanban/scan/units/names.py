"""What a unit itself says of names: which it uses, and which it declares.

Declarations are told by their form on one line, without parsing C: words, then the name, then what
can follow a declared name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from duanban.scan.units.preprocess import Visit

_STATEMENTS = rb"return|else|case|goto|throw|delete|new|sizeof|if|while|for|do|switch"
_LEADS = re.compile(
    rb"[ \t]*+(?!(?:" + _STATEMENTS + rb")\b)"
    rb"(?:(?:[A-Za-z_][\w:]*+(?:<[^<>;]*+>)?(?:\(\(?[^()]*+\)\)?)?[ \t*&]++)+"
    rb"(?:[\w*]++(?:\[\w*+\])?[ \t]*+,[ \t*]*+)*+|[^\n]*\}[ \t]*+)"
)
"""What stands on a line before a name that is declared: words, perhaps other names of the list."""
_FOLLOWS = re.compile(rb"[ \t]*+[(;,\[={:]")
_BODY = re.compile(rb"[ \t]*+\([^;{}()]*+\)\s*+\{")


def used_names(visits: Sequence[Visit]) -> frozenset[bytes]:
    """Return the identifiers that stand in a unit's code, and in macros that it uses."""
    words = [visit.file.words(visit.regions) for visit in visits]
    bodies: dict[bytes, set[bytes]] = defaultdict(set)
    for one in words:
        for name, body in one.bodies:
            bodies[name] |= body
    used: set[bytes] = set().union(*(one.used for one in words))
    pending = [name for name in bodies if name in used]
    while pending:
        new = bodies.pop(pending.pop(), set()) - used
        used |= new
        pending += (name for name in new if name in bodies)
    return frozenset(used)


@dataclass(frozen=True, eq=False)
class Names:
    """Names whose declarations are wanted."""

    names: frozenset[bytes]

    @cached_property
    def _occurrence(self) -> re.Pattern[bytes]:
        alternatives = b"|".join(re.escape(name) for name in sorted(self.names))
        return re.compile(rb"(?<![\w$])(?:" + (alternatives or rb"(?!)") + rb")(?![\w$])")

    def declared(self, visits: Sequence[Visit]) -> frozenset[bytes]:
        """Return those that a unit declares, or defines as macros."""
        found: set[bytes] = set()
        for visit in visits:
            found |= visit.file.keep((self, visit.live), partial(self._in, visit))
        return frozenset(found)

    def _in(self, visit: Visit) -> frozenset[bytes]:
        words = visit.file.words(visit.regions)
        found = {name for name, _ in words.bodies if name in self.names}
        wanted = words.used & self.names
        if not wanted:
            return frozenset(found)
        for text in visit.file.texts(visit.live):
            for match in self._occurrence.finditer(text):
                name = match[0]
                if name not in found and _is_declared(text, match.start(), match.end()):
                    found.add(name)
        return frozenset(found)


def _is_declared(text: bytes, start: int, end: int) -> bool:
    """Return whether the name at `start` is declared: by what stands around it on its line.

    Functions and variables (`static int NAME(`), members (`long a, NAME;`), types (`struct NAME {`,
    `using NAME =`, `} NAME;`), and functions whose type stands on the line before.
    """
    before = text[max(text.rfind(b"\n", 0, start) + 1, start - 400) : start]
    if not before.strip():
        return _BODY.match(text, end) is not None
    return _FOLLOWS.match(text, end) is not None and _LEADS.fullmatch(before) is not None
