"""The indexes that are known by name, from `known.toml`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from duanban.indexes.interface import Known
from duanban.model.errors import UsageError


@cache
def known_indexes() -> Mapping[str, Known]:
    """Return them by name, in the order of the file."""
    data = tomllib.loads(files(__package__).joinpath("known.toml").read_text("utf-8"))
    return {
        name: Known(
            name=name,
            kind=table.pop("kind"),
            title=table.pop("title"),
            how=table.pop("how", ""),
            settings=table,
        )
        for name, table in data.items()
    }


def known_index(name: str, kind: str = "", kinds: tuple[str, ...] = ()) -> Known:
    """Return the index of that name; one of the user's own if its kind is given.

    Raises:
        UsageError: there is none, and no kind is given; or the kind is another one.
    """
    found = known_indexes().get(name)
    if found is None and not kind:
        close = difflib.get_close_matches(name, known_indexes(), n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise UsageError(
            f"unknown index {name!r}; {hint}`duanban index list` names those that are known, and "
            f"one of your own needs --kind ({', '.join(kinds)})"
        )
    if found is None:
        return Known(name, kind, name)
    if kind and kind != found.kind:
        raise UsageError(f"index {name!r} is of the kind {found.kind}, not {kind}")
    return found
