"""The project's own settings: `duanban.toml`, or `[tool.duanban]` in `pyproject.toml`.

They count only for a directory that is checked in place: what was fetched or unpacked was made by
others. A directory may be anybody's too, so the settings set findings aside only in the open: every
suppression needs a reason, what it covers and what `exclude` leaves out stands in every report, and
whoever checks a tree that they do not trust leaves them unread (docs/configuration.md, Security).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from duanban.check.suppress import Suppression, covers
from duanban.inventory.toml_keys import MOST_PARTS, has_long_key
from duanban.model.errors import ConfigError

OWN_FILE = "duanban.toml"
SHARED_FILE = "pyproject.toml"
MAX_BYTES = 1_000_000
"""A settings file larger than this is refused: it is not one."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a project says about how it wants to be checked."""

    source: str = ""
    """The file it comes from, relative to the root; empty where there is none."""
    targets: tuple[str, ...] = ()
    """Target ids to check against when the command line names none."""
    exclude: tuple[str, ...] = ()
    """Globs of paths that are not read (`suppress.covers` has their meaning)."""
    suppressions: tuple[Suppression, ...] = ()

    def excludes(self, path: str) -> bool:
        """Return whether the settings keep `path` (relative, with `/`) from being read."""
        return any(covers(glob, path) for glob in self.exclude)


def load_config(root: Path) -> Config:
    """Read the settings of the tree at `root`.

    `duanban.toml` is used where both files are there. Where `root` is a single file or has neither,
    the settings are empty. A link is not followed.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has a key or value that does not
            belong there; names the file and the key.
    """
    own = root / OWN_FILE
    if _is_there(own):
        return parse(_read(own), OWN_FILE)
    shared = root / SHARED_FILE
    if _is_there(shared):
        text = _read(shared)
        if b"duanban" not in text:
            return Config()
        data = _toml(text, SHARED_FILE)
        tools = data.get("tool", {})
        table = tools.get("duanban") if isinstance(tools, dict) else None
        if table is not None:
            return _config(table, SHARED_FILE, "tool.duanban.")
    return Config()


def settings_file(root: Path) -> str:
    """Return the name of the file at `root` that seems to hold settings, empty if none does.

    Nothing of it is believed or can fail: this is for settings that do not count.
    """
    if _is_there(root / OWN_FILE):
        return OWN_FILE
    try:
        shared = root / SHARED_FILE
        return SHARED_FILE if _is_there(shared) and b"[tool.duanban" in _read(shared) else ""
    except ConfigError:
        return ""


def parse(text: bytes, source: str = OWN_FILE) -> Config:
    """Read the text of a `duanban.toml`; `source` is what errors and reports call it.

    Raises:
        ConfigError: as `load_config`.
    """
    return _config(_toml(text, source), source, "")


def _is_there(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path.name} is larger than {MAX_BYTES:,} bytes")
    return data


def _toml(data: bytes, source: str) -> dict[str, Any]:
    if has_long_key(data):
        raise ConfigError(f"{source} has a key of more than {MOST_PARTS} dots")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source} is not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{source} is nested too deeply") from error


def _config(table: object, source: str, prefix: str) -> Config:
    checked = _Table(table, source, prefix, {"targets", "exclude", "suppress"})
    return Config(
        source=source,
        targets=checked.texts("targets"),
        exclude=checked.texts("exclude"),
        suppressions=tuple(
            _suppression(each, source, f"{prefix}suppress[{number}].")
            for number, each in enumerate(checked.list("suppress"), 1)
        ),
    )


def _suppression(table: object, source: str, prefix: str) -> Suppression:
    keys = {"rule", "path", "id", "target", "reason", "expires", "owner"}
    checked = _Table(table, source, prefix, keys)
    made = Suppression(
        rule=checked.text("rule"),
        path=checked.text("path"),
        id=checked.text("id"),
        target=checked.text("target"),
        reason=checked.text("reason"),
        expires=checked.date("expires"),
        owner=checked.text("owner"),
        source=source,
    )
    if not made.reason.strip():
        raise checked.error("reason", "is missing: say why this is set aside")
    if not (made.rule or made.path or made.id):
        raise checked.error("rule", "is missing: name a rule, a path or an id")
    return made


class _Table:
    """A TOML table whose keys and types are checked as they are taken out."""

    def __init__(self, table: object, source: str, prefix: str, keys: set[str]) -> None:
        self._source = source
        self._prefix = prefix
        if not isinstance(table, dict):
            raise ConfigError(f"{source}: {prefix.rstrip('.')} must be a table")
        self._table: Mapping[str, Any] = table
        for key in table:
            if key not in keys:
                raise self.error(key, f"is not known here; known are {', '.join(sorted(keys))}")

    def error(self, key: str, problem: str) -> ConfigError:
        return ConfigError(f"{self._source}: {self._prefix}{key} {problem}")

    def list(self, key: str) -> list[object]:
        value = self._table.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, "must be a list")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.list(key)
        texts = tuple(value for value in values if isinstance(value, str) and value)
        if len(texts) != len(values):
            raise self.error(key, "must be a list of texts that are not empty")
        return texts

    def text(self, key: str) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str) or (key in self._table and not value):
            raise self.error(key, "must be a text that is not empty")
        return value

    def date(self, key: str) -> date | None:
        value = self._table.get(key)
        # A TOML date-time is a `datetime`, which is a `date`; only the day is meant here.
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.error(key, "must be a date such as 2027-06-30") from None
