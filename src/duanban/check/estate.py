"""Estate files: the systems of an organisation, as locators with names and weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from duanban.indexes.store import Store
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
    indexes: list[Text] = []


@dataclass(frozen=True, slots=True)
class EstateSystem:
    """A system of an estate."""

    locator: str
    """As the file has it; a path is relative to the file there, and to where we are here."""
    name: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Estate:
    """What an estate file says."""

    systems: tuple[EstateSystem, ...]
    targets: tuple[str, ...] = ()
    name: str = ""
    indexes: tuple[str, ...] = ()
    """Directories with copies of package indexes that come with it, as far as the user has no copy
    of that name."""


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
    own = set(Store().names())
    carried = [_placed(one, path.parent) for one in table.indexes]
    indexes = tuple(one for one in carried if Path(one).name not in own)
    return Estate(systems, tuple(table.targets), table.name, indexes)


def _placed(locator: str, directory: Path) -> str:
    """Return a path that is relative to the file as one that holds here, a locator as it is."""
    return str(directory / locator) if locator.startswith(("./", "../")) else locator
