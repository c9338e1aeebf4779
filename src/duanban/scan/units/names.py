"""What a unit itself says of names: which it uses, and which it declares.

Declarations are told by their form on one line, without parsing C: words, then the name, then what
can follow a declared name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from duanban.scan.units.source_file import Words
from duanban.scan.units.visits import Visit

_STATEMENTS = rb"return|else|case|goto|throw|delete|new|sizeof|if|while|for|do|switch"
_LEADS = re.compile(
    rb"[ \t]*+(?!(?:" + _STATEMENTS + rb")\b)"
    rb"(?:(?:[A-Za-z_][\w:]*+(?:<[^<>;]*+>)?(?:\(\(?[^()]*+\)\)?)?[ \t*&]++)+"
    rb"(?:[\w*]++(?:\[\w*+\])?[ \t]*+,[ \t*]*+)*+|[^\n]*\}[ \t]*+)"
)
"""What stands on a line before a name that is declared: words, perhaps other names of the list."""
_FOLLOWS = re.compile(rb"[ \t]*+[(;,\[={:]")
_BODY = re.compile(rb"[ \t]*+\([^;{}()]*+\)\s*+\{")


class Uses:
    """Tells which names a unit comes to: those of its code, and what is used by what it comes to.

    Args:
        used: what stands in its code.
        users: per name, what mentions it and counts only if the unit comes to it: macros.
    """

    def __init__(
        self,
        used: Iterable[frozenset[bytes]],
        users: Iterable[Mapping[bytes, Sequence[bytes]]],
    ) -> None:
        self._used = tuple({id(one): one for one in used}.values())
        self._users = tuple({id(one): one for one in users}.values())
        self._known: dict[bytes, bool] = {}

    def __contains__(self, name: bytes) -> bool:
        """Return whether the unit comes to `name`."""
        seen = {name}
        pending = [name]
        while pending:
            one = pending.pop()
            known = self._known.get(one)
            if known or (known is None and any(one in used for used in self._used)):
                self._known[name] = self._known[one] = True
                return True
            if known is None:
                new = {user for users in self._users for user in users.get(one, ())} - seen
                seen |= new
                pending += new
        self._known.update(dict.fromkeys(seen, False))
        return False


def uses(words: Sequence[Words]) -> Uses:
    """Return what a unit of these words comes to, itself or through macros."""
    return Uses([one.used for one in words], [one.users for one in words])


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
        words = visit.live_words
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
