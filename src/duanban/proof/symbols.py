"""The names that an ELF file of 64 bits defines for others (its dynamic symbols)."""

from __future__ import annotations

import struct
from pathlib import Path

_LARGEST = 256 << 20
_DYNSYM = 11
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_BINDINGS = (1, 2)
"""Global and weak."""
_LINKER = frozenset({"_init", "_fini", "_edata", "_end"})
"""Names that linkers give, some here and some there; so do those with two underscores."""


def defined_names(path: Path) -> set[str]:
    """Return the dynamic symbols that the file defines; none for one that is not such a file."""
    if path.stat().st_size > _LARGEST:
        return set()
    data = path.read_bytes()
    try:
        return _names(data)
    except (struct.error, IndexError):
        return set()


def _names(data: bytes) -> set[str]:
    if data[:6] != b"\x7fELF\x02\x01":
        return set()
    offset, size, count = (
        struct.unpack_from("<Q", data, 0x28)[0],
        *struct.unpack_from("<HH", data, 0x3A),
    )
    sections = [_SECTION.unpack_from(data, offset + size * number) for number in range(count)]
    names = set()
    for section in sections:
        if section[1] != _DYNSYM:
            continue
        strings = sections[section[6]]
        table = data[strings[4] : strings[4] + strings[5]]
        for start in range(section[4], section[4] + section[5] - _SYMBOL.size + 1, _SYMBOL.size):
            name, info, _, index, _, _ = _SYMBOL.unpack_from(data, start)
            if index and info >> 4 in _BINDINGS:
                names.add(table[name : table.index(b"\0", name)].decode("utf-8", "replace"))
    return {name for name in names if not name.startswith("__") and name not in _LINKER}
