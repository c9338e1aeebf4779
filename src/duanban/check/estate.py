"""Estate files: the systems of an organisation, as locators with names and weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from duanban.model.errors import ConfigError

LARGEST = 16 << 20
Text = Annotated[str, Meta(min_length=1)]


class SystemTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[system]]`."""

    locator: Text
    name: str = ""
    about: str = ""
    weight: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class EstateTable(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole estate file."""

    system: Annotated[list[SystemTable], Meta(min_length=1)]
    name: str = ""
    targets: list[Text] = []


@dataclass(frozen=True, slots=True)
class EstateSystem:
    """A system of an estate."""

    locator: str
    """A path is made absolute: it stands in the file relative to the file."""
    name: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Estate:
    """What an estate file says."""

    systems: tuple[EstateSystem, ...]
    targets: tuple[str, ...] = ()
    name: str = ""


def load_estate(path: Path) -> Estate:
    """Return the estate in the file at `path` (docs/staves.md).

    Raises:
        ConfigError: it cannot be read or breaks the schema; names the file and the key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        table = msgspec.toml.decode(data[:LARGEST], type=EstateTable)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from error
    systems = tuple(
        EstateSystem(_placed(one.locator, path.parent), one.name, one.weight)
        for one in table.system
    )
    return Estate(systems, tuple(table.targets), table.name)


def _placed(locator: str, directory: Path) -> str:
    """Return a path relative to the file as one that holds anywhere, a locator as it is."""
    if locator.startswith(("./", "../")):
        return str((directory / locator).resolve())
    return locator
