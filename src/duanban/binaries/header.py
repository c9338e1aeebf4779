"""Tells an executable by its first bytes: ELF, PE and Mach-O, the latter also for many machines.

Layouts: <elf.h> (System V ABI), Microsoft's PE format specification, <mach-o/loader.h> and
<mach-o/fat.h>. Only the bytes given are looked at, and nothing here raises on any input.
"""

from __future__ import annotations

import struct

from duanban.binaries.interface import BinaryHeader
from duanban.binaries.machines import machine_table

HEAD_BYTES = 4096
"""How much of a file `identify` can make use of."""

_ELF_KINDS = {1: "object", 2: "executable", 3: "shared", 4: "core"}
_PT_INTERP = 3
_MACHO_KINDS = {1: "object", 2: "executable", 4: "core", 6: "shared", 8: "shared"}
_MACHO_MAGIC = {
    b"\xfe\xed\xfa\xce": (32, False),
    b"\xce\xfa\xed\xfe": (32, True),
    b"\xfe\xed\xfa\xcf": (64, False),
    b"\xcf\xfa\xed\xfe": (64, True),
}
_FAT_MAGIC = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
_MOST_FAT_MACHINES = 42
"""Java class files share the magic number; their next four bytes are a version, 45 or higher."""
_CLI_DIRECTORY = 14
"""Index of the .NET header in a PE file's data directories."""


def identify(head: bytes) -> BinaryHeader | None:
    """Return what the first bytes of a file say, or None if they are not of an executable format.

    64 bytes tell the machine; up to `HEAD_BYTES` tell more of the kind. Never raises.
    """
    magic = head[:4]
    if magic == b"\x7fELF":
        return _elf(head)
    if magic[:2] == b"MZ":
        return _pe(head)
    if magic in _MACHO_MAGIC:
        return _macho(head)
    if magic in _FAT_MAGIC:
        return _fat(head)
    return None


def _elf(head: bytes) -> BinaryHeader | None:
    if len(head) < 20 or head[4] not in (1, 2) or head[5] not in (1, 2):
        return None
    bits, little = 32 * head[4], head[5] == 1
    order = "<" if little else ">"
    kind, machine = struct.unpack_from(order + "HH", head, 16)
    name = machine_table().elf_name(machine, bits, little)
    kind_name = _ELF_KINDS.get(kind, f"type-{kind}")
    if kind_name == "shared" and _has_interpreter(head, bits, order):
        kind_name = "executable"
    return BinaryHeader("elf", (name,), kind_name, bits, little)


def _has_interpreter(head: bytes, bits: int, order: str) -> bool:
    """Return whether a program header in `head` names an interpreter: a program, not a library."""
    try:
        if bits == 64:
            (start,) = struct.unpack_from(order + "Q", head, 32)
            size, count = struct.unpack_from(order + "HH", head, 54)
        else:
            (start,) = struct.unpack_from(order + "I", head, 28)
            size, count = struct.unpack_from(order + "HH", head, 42)
    except struct.error:
        return False
    if size < 32:
        return False
    last = min(start + size * count, len(head) - 4 + 1)
    types = (
        struct.unpack_from(order + "I", head, offset)[0] for offset in range(start, last, size)
    )
    return _PT_INTERP in types


def _pe(head: bytes) -> BinaryHeader | None:
    if len(head) < 64:
        return None
    (start,) = struct.unpack_from("<I", head, 60)
    if head[start : start + 4] != b"PE\0\0" or len(head) < start + 24:
        return None
    machine, flags = struct.unpack_from("<H16xH", head, start + 4)
    name = machine_table().pe.get(machine, f"pe-{machine:#06x}")
    optional = start + 24
    wide = head[optional : optional + 2] == b"\x0b\x02"
    if _is_managed(head, optional, wide):
        kind = "managed"
    else:
        kind = "shared" if flags & 0x2000 else "executable"
    return BinaryHeader("pe", (name,), kind, 64 if wide else 32, True)


def _is_managed(head: bytes, optional: int, wide: bool) -> bool:
    """Return whether the PE file has a .NET header: bytecode, whatever its machine field says."""
    directories = optional + (112 if wide else 96)
    entry = directories + 8 * _CLI_DIRECTORY
    if len(head) < entry + 8:
        return False
    (count,) = struct.unpack_from("<I", head, directories - 4)
    address, size = struct.unpack_from("<II", head, entry)
    return bool(count > _CLI_DIRECTORY and address and size)


def _macho_name(cpu: int) -> str:
    return machine_table().macho.get(cpu, f"mach-o-{cpu:#x}")


def _macho(head: bytes) -> BinaryHeader | None:
    if len(head) < 16:
        return None
    bits, little = _MACHO_MAGIC[head[:4]]
    cpu, kind = struct.unpack_from(("<" if little else ">") + "I4xI", head, 4)
    kind_name = _MACHO_KINDS.get(kind, f"type-{kind}")
    return BinaryHeader("mach-o", (_macho_name(cpu),), kind_name, bits, little)


def _fat(head: bytes) -> BinaryHeader | None:
    if len(head) < 8:
        return None
    step = _FAT_MAGIC[head[:4]]
    (count,) = struct.unpack_from(">I", head, 4)
    if not 0 < count <= _MOST_FAT_MACHINES:
        return None
    last = min(8 + count * step, len(head) - 4 + 1)
    names = dict.fromkeys(
        _macho_name(struct.unpack_from(">I", head, offset)[0]) for offset in range(8, last, step)
    )
    if not names:
        return None
    return BinaryHeader("mach-o", tuple(names), "executable", 64 if step == 32 else 32, True)
