"""Machine numbers of executable formats to GNU machine names (data: `machines.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class MachineTable:
    """The names that the numbers of each format stand for."""

    elf: dict[tuple[int, int, bool], str]
    """(e_machine, bits, little endian) to name; bits 0 stands for any class and byte order."""
    pe: dict[int, str]
    macho: dict[int, str]
    hosts: frozenset[str]
    """Machines that user space of a Linux or BSD distribution runs on."""

    def elf_name(self, number: int, bits: int, little_endian: bool) -> str:
        """Return the GNU name; `elf-NUMBER` where the table has none."""
        return (
            self.elf.get((number, bits, little_endian))
            or self.elf.get((number, 0, True))
            or f"elf-{number}"
        )


@cache
def machine_table() -> MachineTable:
    """Return the table, read once."""
    text = files("duanban.binaries").joinpath("machines.toml").read_text("utf-8")
    data = tomllib.loads(text)
    elf: dict[tuple[int, int, bool], str] = {}
    for number, names in data["elf"].items():
        if isinstance(names, str):
            elf[int(number), 0, True] = names
            continue
        for key, name in names.items():
            elf[int(number), int(key[:2]), key.endswith("le")] = name
    return MachineTable(
        elf=elf,
        pe={int(number, 16): name for number, name in data["pe"].items()},
        macho={int(number, 0): name for number, name in data["mach-o"].items()},
        hosts=frozenset(data["hosts"]),
    )
