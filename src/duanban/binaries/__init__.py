"""Executables and libraries: which machine they are for and what they need, from their headers."""

from duanban.binaries.elf import read_elf
from duanban.binaries.header import HEAD_BYTES, identify
from duanban.binaries.interface import BinaryHeader, ElfFile, VersionNeed
from duanban.binaries.machines import machine_table
from duanban.binaries.payloads import Limits, payloads, payloads_of_head

__all__ = [
    "HEAD_BYTES",
    "BinaryHeader",
    "ElfFile",
    "Limits",
    "VersionNeed",
    "identify",
    "machine_table",
    "payloads",
    "payloads_of_head",
    "read_elf",
]
