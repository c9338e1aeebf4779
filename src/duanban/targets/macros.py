"""What the preprocessor is known to see on a target."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from duanban.model import Truth
from duanban.targets.architectures import (
    headers_absent_on,
    macros_undefined_on,
    system_call_numbers,
)
from duanban.targets.interface import Target


@dataclass(frozen=True, slots=True)
class TargetMacros:
    """The macros and headers of one target; the scan engine's `MacroEnvironment` is made of it."""

    defined: Mapping[bytes, bytes]
    """Name to replacement text; `architectures.UNKNOWN_VALUE` where the value is not known."""
    undefined: frozenset[bytes]
    has_include: Callable[[bytes], Truth]
    """Answers for a name with or without its brackets or quotes."""


def macro_environment(target: Target) -> TargetMacros:
    """Return what is known of the preprocessor on `target`.

    `__GNUC__` is the system compiler's where the target names gcc (clang says 4 for it, so
    otherwise its value is unknown), and `__GLIBC__`, `__GLIBC_MINOR__` are the C library's:
    <features.h> defines them, which every header of glibc includes.
    """
    facts = target.architecture
    defined = dict(system_call_numbers(facts.name))  # who asks for one includes its header
    defined |= {name.encode(): value.encode() for name, value in facts.macros.items()}
    compiler = re.fullmatch(r"gcc (\d+)(?:\.(\d+))?", target.platform.compiler)
    if compiler:
        defined[b"__GNUC__"] = compiler[1].encode()
        if compiler[2]:
            defined[b"__GNUC_MINOR__"] = compiler[2].encode()
    undefined = set(macros_undefined_on(facts.name))
    libc = re.fullmatch(r"(\d+)\.(\d+)", target.platform.libc_version)
    if target.platform.libc == "glibc":
        undefined -= {b"__GLIBC__", b"__GLIBC_MINOR__"}
        if libc:
            defined[b"__GLIBC__"], defined[b"__GLIBC_MINOR__"] = libc[1].encode(), libc[2].encode()
    present, absent = facts.headers, headers_absent_on(facts.name)

    def has_include(name: bytes) -> Truth:
        text = name.decode("utf-8", "replace").strip(' \t<>"')
        if text in present:
            return Truth.TRUE
        return Truth.FALSE if text in absent else Truth.UNKNOWN

    return TargetMacros(defined, frozenset(undefined), has_include)
