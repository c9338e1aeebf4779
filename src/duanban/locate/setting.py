"""What every kind of locator is given: where the cache is and whether the network may be used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.cache import TREES_SIZE, Cache
from duanban.locate.writer import MIB
from duanban.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings in which locators are opened."""

    cache: Cache
    offline: bool = False


def cache_directory() -> Path:
    """Return where downloads and unpacked trees are kept.

    DUANBAN_CACHE, else `duanban` below XDG_CACHE_HOME (XDG Base Directory Specification: ignored
    unless absolute), else `~/.cache/duanban`.
    """
    own = os.environ.get("DUANBAN_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".cache") / "duanban"


def data_directory() -> Path:
    """Return where what was worked out is kept: proofs, which nobody could download again.

    DUANBAN_DATA, else `duanban` below XDG_DATA_HOME, else `~/.local/share/duanban`.
    """
    own = os.environ.get("DUANBAN_DATA")
    if own:
        return Path(own).expanduser().absolute()
    shared = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".local/share") / "duanban"


def cache_size() -> int:
    """Return the bytes that unpacked trees may take: DUANBAN_CACHE_SIZE in MiB, or 20 GiB.

    Raises:
        ConfigError: the variable is not a whole number.
    """
    text = os.environ.get("DUANBAN_CACHE_SIZE", "")
    if not text:
        return TREES_SIZE
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"DUANBAN_CACHE_SIZE is {text!r}, not a whole number of MiB")
    return int(text) * MIB


def is_offline() -> bool:
    """Return whether DUANBAN_OFFLINE switches the network off (set, and not `0`)."""
    return os.environ.get("DUANBAN_OFFLINE", "0") not in ("", "0")
