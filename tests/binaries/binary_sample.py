"""Executables made by hand, byte by byte."""

from __future__ import annotations

import struct


def elf(machine: int, *, bits: int = 64, little: bool = True, kind: int = 3) -> bytes:
    """Return an ELF header without program headers."""
    order = "<" if little else ">"
    ident = b"\x7fELF" + bytes([bits // 32, 1 if little else 2, 1]) + bytes(9)
    word = "Q" if bits == 64 else "I"
    rest = struct.pack(f"{order}HHI{word * 3}I6H", kind, machine, 1, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0)
    return ident + rest


def pe(machine: int, *, dll: bool = False, managed: bool = False) -> bytes:
    """Return the headers of a 64-bit PE file."""
    directories = bytearray(16 * 8)
    if managed:
        struct.pack_into("<II", directories, 14 * 8, 0x2008, 72)
    optional = struct.pack("<H", 0x20B) + bytes(106) + struct.pack("<I", 16) + directories
    flags = 0x2022 if dll else 0x22
    coff = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), flags)
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + coff + optional


def macho(cpu: int, kind: int = 2) -> bytes:
    """Return a 64-bit little-endian Mach-O header."""
    return b"\xcf\xfa\xed\xfe" + struct.pack("<IIIIIII", cpu, 0, kind, 0, 0, 0, 0)


def fat(*cpus: int) -> bytes:
    """Return the header of a Mach-O file for several machines."""
    entries = b"".join(struct.pack(">IIIII", cpu, 0, 4096, 64, 12) for cpu in cpus)
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(cpus)) + entries


def ar(*members: tuple[str, bytes]) -> bytes:
    """Return an ar archive."""
    parts = [b"!<arch>\n"]
    for name, data in members:
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n"
        parts.append(header.encode() + data + b"\n" * (len(data) % 2))
    return b"".join(parts)
