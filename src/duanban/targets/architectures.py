"""The facts about architectures (`facts/*.json`), read when first asked for."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from duanban.model.errors import TargetError
from duanban.targets.interface import Architecture

ARCHITECTURES = ("x86_64", "aarch64", "riscv64", "loongarch64")
"""GNU machine names of the architectures whose facts ship with the tool."""

REFERENCE = "x86_64"
"""Architecture that targets are compared with: the one that everything is written on."""

_PREFIXES = ("__NR_", "SYS_")
"""Of the macros that number system calls, of the kernel and of glibc."""

UNKNOWN_VALUE = b"__duanban_unknown_value__"
"""Replacement text of a macro that is surely defined, but not to a known value."""


class Elsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other machines, systems and compilers bring, and none of the four architectures has."""

    macros: frozenset[str]
    headers: frozenset[str]
    flags: frozenset[str]
    """Macros that depend on the user's flags or the language, so are never surely undefined."""
    sources: dict[str, str]


def _read(name: str) -> bytes:
    return files(__package__).joinpath("facts", f"{name}.json").read_bytes()


@cache
def _facts(name: str) -> Architecture:
    return msgspec.json.decode(_read(name), type=Architecture)


@cache
def elsewhere() -> Elsewhere:
    """Return the macros and headers of other machines, systems and compilers."""
    return msgspec.json.decode(_read("elsewhere"), type=Elsewhere)


class System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the headers of the C library and the kernel bring, whatever the architecture."""

    macros: frozenset[str]
    """Names that some header defines, on some architecture; those of a compiler left out."""
    words: frozenset[str]
    """Other names that stand in the headers of the C library."""
    cxx: frozenset[str]
    """Further ones that stand in those of the C++ library."""
    sources: dict[str, str]


@cache
def system_macros() -> frozenset[bytes]:
    """Return the macros that headers outside of any project may define."""
    return frozenset(name.encode() for name in _system().macros)


@cache
def system_names(is_c: bool) -> frozenset[bytes]:
    """Return all names that headers outside of any project may declare in C, or in C++."""
    words = _system().words if is_c else _system().words | _system().cxx
    return system_macros() | {name.encode() for name in words}


@cache
def _system() -> System:
    return msgspec.json.decode(_read("system"), type=System)


@cache
def _aliases() -> dict[str, str]:
    """Return every name in use for an architecture, lower case, to its GNU machine name."""
    return {alias.lower(): name for name in ARCHITECTURES for alias in _facts(name).aliases}


def architecture(name: str) -> Architecture:
    """Return the facts about the architecture that anybody calls `name` (amd64, arm64, x64 ...).

    Raises:
        TargetError: nobody calls one of the known architectures that.
    """
    if name in ARCHITECTURES:
        return _facts(name)
    known = _aliases().get(name.lower())
    if known is None:
        raise TargetError(
            f"unknown architecture {name!r}; known are {', '.join(ARCHITECTURES)} "
            "and what Debian, RPM, Go, Java and npm call them"
        )
    return _facts(known)


@cache
def macros_undefined_on(name: str) -> frozenset[bytes]:
    """Return macros that are surely not predefined on the architecture that is called `name`.

    They are predefined on another architecture, system or compiler, and neither the architecture's
    own compilers (under whatever flags) nor its system headers define them. A system call that
    the architecture lacks has neither an `__NR_` nor a `SYS_` macro.

    Raises:
        TargetError: the architecture is unknown.
    """
    own = architecture(name)
    others = [_facts(other) for other in ARCHITECTURES if other != own.name]
    names = set(elsewhere().macros)
    for other in others:
        names.update(other.macros, other.macros_optional)
        for call in other.syscalls.keys() - own.syscalls.keys():
            names.update(f"{prefix}{call}" for prefix in _PREFIXES)
    names -= own.macros.keys()
    names -= own.macros_optional
    names -= elsewhere().flags
    return frozenset(name.encode() for name in names)


@cache
def system_call_numbers(name: str) -> dict[bytes, bytes]:
    """Return the macros of <sys/syscall.h> on the architecture called `name`, with their values."""
    calls = architecture(name).syscalls.items()
    return {f"{prefix}{call}".encode(): b"%d" % n for call, n in calls for prefix in _PREFIXES}


@cache
def standard_values(name: str) -> dict[bytes, bytes]:
    """Return the integers of the standard headers on the architecture called `name`."""
    return {k.encode(): v.encode() for k, v in architecture(name).standard.items()}


@cache
def differing_macros() -> frozenset[bytes]:
    """Return macros that all architectures define, and not all to the same value."""
    tables = [{**_facts(name).macros, **_facts(name).standard} for name in ARCHITECTURES]
    common = set.intersection(*(set(table) for table in tables))
    names = (name for name in common if len({table[name] for table in tables}) > 1)
    return frozenset(name.encode() for name in names)


@cache
def headers_absent_on(name: str) -> frozenset[str]:
    """Return headers that surely do not come with the system on the architecture called `name`.

    Raises:
        TargetError: the architecture is unknown.
    """
    own = architecture(name)
    names = set(elsewhere().headers) | own.headers_foreign
    for other in ARCHITECTURES:
        names |= _facts(other).headers
    return frozenset(names - own.headers)
