"""Reads the header of an installed RPM package, as the database keeps it.

Format: rpm.org, "RPM V4 Package format", header structure: two counts, an index of sixteen bytes
per tag, and the data that it points into, all big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _SOURCE = 1000, 1001, 1002, 1003, 1022, 1044
_PROVIDES, _REQUIRES, _RECOMMENDS = 1047, 1049, 5046
_DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES = 1116, 1117, 1118
_WANTED = frozenset(
    {
        *(_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _SOURCE, _PROVIDES, _REQUIRES, _RECOMMENDS),
        *(_DIRECTORY_INDEXES, _BASE_NAMES, _DIRECTORIES),
    }
)
_INT32, _STRING, _STRINGS, _I18N = 4, 6, 8, 9
_ENTRY = struct.Struct(">IIII")
_MOST_ENTRIES = 10_000
_MOST_VALUES = 2_000_000


@dataclass(frozen=True, slots=True)
class RpmHeader:
    """What the inventory needs of one package."""

    name: str
    version: str
    release: str
    epoch: str
    architecture: str
    source: str
    """The file name of its source package."""
    provides: tuple[str, ...]
    requires: tuple[str, ...]
    recommends: tuple[str, ...]
    directories: tuple[str, ...]
    directory_indexes: tuple[int, ...]
    base_names: tuple[str, ...]

    def files(self, base_names: frozenset[str]) -> Iterable[str]:
        """Yield the paths of its files whose base name is one of `base_names`."""
        for index, base in zip(self.directory_indexes, self.base_names, strict=False):
            if base in base_names and index < len(self.directories):
                yield self.directories[index] + base


def read_header(blob: bytes) -> RpmHeader | None:
    """Return the header in `blob`; None if it is none, or of something without a name."""
    if len(blob) < 8:
        return None
    count, size = struct.unpack_from(">II", blob)
    start = 8 + count * _ENTRY.size
    if count > _MOST_ENTRIES or start + size > len(blob):
        return None
    data = blob[start : start + size]
    texts: dict[int, tuple[str, ...]] = {}
    numbers: dict[int, tuple[int, ...]] = {}
    for tag, kind, offset, values in _ENTRY.iter_unpack(blob[8:start]):
        if tag not in _WANTED or values > _MOST_VALUES:
            continue
        if kind == _INT32:
            if offset + 4 * values <= size:
                numbers[tag] = struct.unpack_from(f">{values}I", data, offset)
        elif kind in (_STRING, _STRINGS, _I18N):
            texts[tag] = _strings(data, offset, 1 if kind == _STRING else values)

    def one(tag: int) -> str:
        return (texts.get(tag) or ("",))[0]

    if not one(_NAME):
        return None
    return RpmHeader(
        name=one(_NAME),
        version=one(_VERSION),
        release=one(_RELEASE),
        epoch=str(numbers[_EPOCH][0]) if numbers.get(_EPOCH) else "",
        architecture=one(_ARCH),
        source=one(_SOURCE),
        provides=texts.get(_PROVIDES, ()),
        requires=texts.get(_REQUIRES, ()),
        recommends=texts.get(_RECOMMENDS, ()),
        directories=texts.get(_DIRECTORIES, ()),
        directory_indexes=numbers.get(_DIRECTORY_INDEXES, ()),
        base_names=texts.get(_BASE_NAMES, ()),
    )


def _strings(data: bytes, offset: int, count: int) -> tuple[str, ...]:
    parts = data[offset:].split(b"\0", count)[:count] if offset < len(data) else []
    return tuple(part.decode("utf-8", "replace") for part in parts)
