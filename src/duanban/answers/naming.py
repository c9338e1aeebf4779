"""How a target's architecture is written where another one is: macros, names, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.targets.architectures import ARCHITECTURES, architecture
from duanban.targets.interface import Architecture

CONDITIONS = {
    "x86_64": "defined(__x86_64__)",
    "aarch64": "defined(__aarch64__)",
    "riscv64": "(defined(__riscv) && __riscv_xlen == 64)",
    "loongarch64": "defined(__loongarch64)",
}
"""What a compiler for the architecture defines (GCC and Clang alike)."""

ELF_NAMES = {
    "x86_64": "X86_64",
    "aarch64": "AARCH64",
    "riscv64": "RISCV",
    "loongarch64": "LOONGARCH",
}
"""What follows `EM_` and `R_` in <elf.h>."""
AUDIT_NAMES = {
    "x86_64": "X86_64", "aarch64": "AARCH64", "riscv64": "RISCV64", "loongarch64": "LOONGARCH64"
}  # fmt: skip
"""What follows `AUDIT_ARCH_` in <linux/audit.h>."""
MACRO = {
    b"__x86_64__": "x86_64", b"__x86_64": "x86_64", b"__amd64__": "x86_64", b"__amd64": "x86_64",
    b"__aarch64__": "aarch64", b"__loongarch64": "loongarch64",
}  # fmt: skip
"""Macros that stand for one architecture of those that are known."""


def condition(machine: str, like: bytes = b"(") -> str:
    """Return the condition for a machine, written as `like` is: with or without parentheses."""
    text = CONDITIONS[machine]
    if re.search(rb"\bdefined\s*\(", like) or b"defined" not in like:
        return text
    return re.sub(r"defined\((\w+)\)", r"defined \1", text)


def alone(machine: str, like: bytes) -> str:
    """Return the condition for a machine as the whole of a test, without parentheses around it."""
    text = condition(machine, like)
    return text[1:-1] if text.startswith("(") else text


def renamings(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield how names of one machine become those of another: longest first, each scheme once.

    A name that two schemes share is yielded where both agree on what it becomes.
    """
    own, other = architecture(source), architecture(target)
    found: dict[str, set[str]] = {
        f"EM_{ELF_NAMES[source]}": {f"EM_{ELF_NAMES[target]}"},
        f"AUDIT_ARCH_{AUDIT_NAMES[source]}": {f"AUDIT_ARCH_{AUDIT_NAMES[target]}"},
    }
    for scheme, names in own.names.items():
        theirs = other.names.get(scheme, ())
        if theirs and scheme in (
            "gnu",
            "linux",
            "debian",
            "rpm",
            "go",
            "rust",
            "java",
            "npm",
            "oci",
        ):
            for name in names[:1]:
                found.setdefault(name, set()).add(theirs[0])
    for name in sorted(found, key=lambda name: (-len(name), name)):
        if len(found[name]) == 1:
            yield name, next(iter(found[name]))
        else:  # `aarch64` is what GNU and RPM say; their names for the target come first
            yield name, other.names["gnu"][0]


def translated(text: str, source: str, target: str) -> str:
    """Return `text` with the names of one machine replaced by those of another."""
    table = dict(renamings(source, target))
    pattern = "|".join(re.escape(name) for name in table)
    return re.sub(rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])", lambda m: table[m[0]], text)


def alike(one: Architecture, other: Architecture) -> bool:
    """Return whether two architectures have the same width and order of bytes."""
    return one.bits == other.bits and one.little_endian == other.little_endian


def relatives(machine: str) -> tuple[str, ...]:
    """Return the known architectures of the same width and order of bytes."""
    own = architecture(machine)
    return tuple(m for m in ARCHITECTURES if m != machine and alike(architecture(m), own))
