"""Reads JSON and TOML that nobody vouches for, and takes values out of it whatever their type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duanban.inventory.toml_keys import MOST_PARTS, has_long_key
from duanban.model import Skipped

NO_ARCHIVE = "it is named as an archive and is none"
"""The reason for a file whose name promises more than it holds."""
ZIP = b"PK"
"""How every zip file begins, and with it every wheel."""
LARGEST_MANIFEST = 100 << 20
"""Bytes; a larger manifest or lock file is not read."""
LARGEST_TOML = 32 << 20
"""Bytes; the standard library's TOML parser is slow, so its limit is lower."""


class DamagedError(Exception):
    """A manifest that cannot be read; its text is the reason. Never leaves the inventory."""

    def skipped(self, path: str) -> Skipped:
        """Return the reason as a value of the result."""
        return Skipped(path, f"damaged: {self}")


def load_json(data: bytes) -> Mapping[str, Any]:
    """Return the JSON object in `data`.

    Raises:
        DamagedError: it is not JSON, too deep, or not an object.
    """
    import msgspec  # noqa: PLC0415 - only needed where there is JSON

    try:
        value = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamagedError(f"not readable as JSON: {first_line(error)}") from None
    if not isinstance(value, dict):
        raise DamagedError("not readable: its JSON is not an object")
    return value


def load_toml(data: bytes) -> Mapping[str, Any]:
    """Return the TOML document in `data`.

    Raises:
        DamagedError: it is not TOML, too large or too deep.
    """
    import tomllib  # noqa: PLC0415 - only needed where there is TOML

    if len(data) > LARGEST_TOML:
        raise DamagedError("too large a TOML file")
    if has_long_key(data):
        raise DamagedError(f"not readable as TOML: a key of more than {MOST_PARTS} dots")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError, OverflowError) as error:
        raise DamagedError(f"not readable as TOML: {first_line(error)}") from None


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line without control characters."""
    text = (str(error).splitlines() or ["too deep"])[0][:200]
    return text if text.isprintable() else ascii(text)[1:-1]


def as_text(value: object) -> str:
    """Return `value` if it is a string without control characters, else an empty string."""
    return value if isinstance(value, str) and value.isprintable() else ""


def as_table(value: object) -> Mapping[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def as_texts(value: object) -> tuple[str, ...]:
    """Return the strings of a list, or of a single string; anything else is left out."""
    if isinstance(value, str):
        value = [value]
    return tuple(text for item in as_list(value) if (text := as_text(item)))


class Lines:
    """Line numbers of texts that are asked for in the order in which they stand in a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0
        self._line = 1

    def find(self, text: str) -> int:
        """Return the line of the next `text`, which later searches start after; 0 if none."""
        needle = text.encode("utf-8", "surrogatepass")
        found = self._data.find(needle, self._place)
        if found < 0:
            return 0
        self._line += self._data.count(b"\n", self._place, found)
        self._place = found + len(needle)
        self._line += needle.count(b"\n")
        return self._line - needle.count(b"\n")

    def restarted(self) -> Lines:
        """Return the same lines, to be searched from the start again."""
        return Lines(self._data)
