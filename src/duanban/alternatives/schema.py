"""From the catalogue's TOML tables to its nouns: every key, type and range is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from typing import Any, NoReturn

from duanban.alternatives.interface import Alternative, Part, Use
from duanban.model import Effort, EvidenceKind, Layer, Support
from duanban.model.errors import RuleError

MACHINES = ("x86_64", "aarch64", "riscv64", "loongarch64")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ALTERNATIVE = frozenset(
    {"id", "name", "layer", "licence", "steward", "jurisdiction", "debian", "sources"}
    | {"asserted", "documented"}
)
_PART = frozenset(
    {"id", "title", "layer", "licence", "steward", "jurisdiction", "why", "alternatives"}
    | {"purls", "rules", "headers", "files", "rebuilt"}
)
_MATCHES = ("purls", "rules", "headers", "files")
_USE = frozenset({"use", "hours", "depends", "note"})


class Table:
    """One table as TOML gives it, with the place to name in errors."""

    def __init__(self, raw: Mapping[str, Any], place: str, known: frozenset[str]) -> None:
        self._raw = raw
        self._place = place
        if unknown := sorted(raw.keys() - known):
            self.fail(f"unknown key `{unknown[0]}`")

    def fail(self, reason: str) -> NoReturn:
        """Raise a RuleError that says where."""
        raise RuleError(f"{self._place}: {reason}")

    def text(self, key: str, *, empty: bool = False) -> str:
        """Return a string, which may only be empty if so said."""
        value = self._raw.get(key, "")
        if not isinstance(value, str) or not (value or empty):
            self.fail(f"`{key}` must be a string that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, which may be missing."""
        value = self._raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.fail(f"`{key}` must be a list of strings")
        return tuple(value)

    def id(self) -> str:
        """Return the id."""
        text = self.text("id")
        return text if _ID.fullmatch(text) else self.fail("`id` must be lower-case words")

    def layer(self) -> Layer:
        """Return the layer."""
        text = self.text("layer")
        if text not in set(Layer):
            self.fail(f"`layer` must be one of {', '.join(Layer)}")
        return Layer(text)

    def machines(self, key: str) -> tuple[str, ...]:
        """Return a list of machines that targets have."""
        found = self.texts(key)
        if strange := sorted(set(found) - set(MACHINES)):
            self.fail(f"`{key}` names {strange[0]}; known are {', '.join(MACHINES)}")
        return found

    def flag(self, key: str) -> bool:
        """Return true or false, which may be missing."""
        value = self._raw.get(key, False)
        return value if isinstance(value, bool) else self.fail(f"`{key}` must be true or false")

    def hours(self, key: str) -> Effort:
        """Return a range of hours."""
        value = self._raw.get(key)
        if (
            not isinstance(value, list)
            or len(value) != 2
            or not all(type(one) in (int, float) for one in value)
            or not 0 < value[0] <= value[1]
        ):
            self.fail(f"`{key}` must be two rising numbers of hours: low, high")
        low, high = map(float, value)
        return Effort(low, round(sqrt(low * high), 1), high)

    def tables(self, key: str) -> Sequence[Mapping[str, Any]]:
        """Return a list of tables that is not empty."""
        value = self._raw.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(o, dict) for o in value):
            self.fail(f"`{key}` must be a list of tables")
        return value


def parse_alternative(
    raw: Mapping[str, Any], place: str, dated: str, computed: Mapping[str, Support]
) -> Alternative:
    """Return the alternative that a table holds.

    Args:
        raw: the table.
        place: the file, for errors.
        dated: the day of what is not computed.
        computed: machine to what a package index says.

    Raises:
        RuleError: the table breaks the schema.
    """
    table = Table(raw, f"{place}: {raw.get('id', 'an alternative without id')}", _ALTERNATIVE)
    sources = table.texts("sources") or table.fail("`sources` must not be empty")
    known = dict(computed)
    for key in (EvidenceKind.DOCUMENTED, EvidenceKind.ASSERTED):
        for machine in table.machines(key):
            known.setdefault(machine, Support(machine, key, dated, sources[0]))
    return Alternative(
        id=table.id(),
        name=table.text("name"),
        layer=table.layer(),
        licence=table.text("licence"),
        steward=table.text("steward"),
        jurisdiction=table.text("jurisdiction"),
        supports=tuple(known[machine] for machine in MACHINES if machine in known),
        sources=sources,
        debian=table.texts("debian"),
    )


def parse_part(raw: Mapping[str, Any], place: str, alternatives: Mapping[str, Alternative]) -> Part:
    """Return the part that a table holds.

    Raises:
        RuleError: the table breaks the schema, or names an alternative that there is not.
    """
    place = f"{place}: {raw.get('id', 'a part without id')}"
    table = Table(raw, place, _PART)
    uses = []
    for item in table.tables("alternatives"):
        one = Table(item, place, _USE)
        name = one.text("use")
        if name not in alternatives:
            table.fail(f"there is no alternative {name!r}")
        note = one.text("note", empty=True)
        uses.append(Use(alternatives[name], one.hours("hours"), one.text("depends"), note))
    matches = {key: table.texts(key) for key in _MATCHES}
    if not any(matches.values()):
        table.fail(f"one of {', '.join(_MATCHES)} must say how it is recognised")
    if bad := [one for one in matches["purls"] if not one.startswith("pkg:")]:
        table.fail(f"{bad[0]!r} is no pattern of package URLs")
    return Part(
        id=table.id(),
        title=table.text("title"),
        layer=table.layer(),
        licence=table.text("licence"),
        steward=table.text("steward"),
        jurisdiction=table.text("jurisdiction", empty=True),
        why=table.text("why"),
        uses=tuple(uses),
        rebuilt=table.flag("rebuilt"),
        **matches,
    )


def parse_day(value: object, place: str) -> str:
    """Return an ISO date.

    Raises:
        RuleError: it is none.
    """
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise RuleError(f"{place}: {value!r} is no ISO date") from None
