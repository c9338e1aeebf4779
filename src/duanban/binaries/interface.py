"""What the readers of executable formats give."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GLIBC = re.compile(r"GLIBC_(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?\Z")
_DT_RELR = "GLIBC_ABI_DT_RELR"
"""Marks relative relocations, which the dynamic loader understands from glibc 2.36 on."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Native code for one machine, found in the tree or inside an archive of the tree."""

    path: str
    """Relative to the root; members of an archive as `archive.whl!/inner/path.so`."""
    format: str
    """`elf`, `pe`, `mach-o`."""
    machine: str
    """GNU machine name, or the format's own name for it where GNU has none."""
    kind: str = ""
    """`executable`, `shared`, `object`, `core`, `node-addon`, `python-extension`, ..."""


@dataclass(frozen=True, slots=True)
class BinaryHeader:
    """What the first bytes of a file say of the machine that its code is for."""

    format: str
    """`elf`, `pe`, `mach-o`."""
    machines: tuple[str, ...]
    """GNU machine names, at least one; several only in a Mach-O file for several machines."""
    kind: str
    """`executable`, `shared`, `object`, `core`, or `managed` for a PE file of .NET bytecode."""
    bits: int
    little_endian: bool

    @property
    def machine(self) -> str:
        """The first machine."""
        return self.machines[0]


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """The symbol versions that a file wants of one library (`DT_VERNEED`)."""

    library: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElfFile:
    """The metadata of one ELF file, as a dynamic loader would read it."""

    machine: str
    """GNU machine name."""
    bits: int
    little_endian: bool
    kind: str
    """`executable`, `shared`, `object`, `core`, or `type-NUMBER`."""
    os_abi: int
    flags: int
    """`e_flags`, which on ARM, MIPS, RISC-V and LoongArch tells the floating-point ABI."""
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    versions: tuple[VersionNeed, ...] = ()
    damaged: tuple[str, ...] = ()
    """Parts that could not be read (truncated, out of range); empty for a sound file."""

    @property
    def glibc_floor(self) -> tuple[int, ...]:
        """The lowest glibc that has every symbol version it wants; empty if it wants none."""
        floor: tuple[int, ...] = ()
        for need in self.versions:
            for version in need.versions:
                if version == _DT_RELR:
                    floor = max(floor, (2, 36))
                elif match := _GLIBC.match(version):
                    floor = max(floor, tuple(int(part) for part in match.groups() if part))
        return floor
