"""Packages that belong to one kind of machine (`machine.toml`)."""

from __future__ import annotations

import re
import tomllib
from fnmatch import translate
from functools import cache
from importlib.resources import files


@cache
def _table() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = tomllib.loads(files(__package__).joinpath("machine.toml").read_text("utf-8"))
    return tuple(
        (re.compile("|".join(translate(name) for name in part["names"])), part["reason"])
        for part in data["parts"]
    )


def machine_reason(package: str) -> str:
    """Return what of its machine a distribution's package serves; empty if it is not bound."""
    return next((reason for pattern, reason in _table() if pattern.match(package)), "")
