"""Debian's names of architectures and the wildcards for them.

Sources: Debian Policy 11.1; dpkg's `cputable`, `ostable` and `tupletable`.
"""

from __future__ import annotations

from functools import cache

_SPECIAL = {
    b"armel": (b"eabi", b"gnu", b"linux", b"arm"),
    b"armhf": (b"eabihf", b"gnu", b"linux", b"arm"),
    b"arm": (b"base", b"gnu", b"linux", b"arm"),
    b"x32": (b"x32", b"gnu", b"linux", b"amd64"),
    b"mipsn32": (b"abin32", b"gnu", b"linux", b"mips64"),
    b"mipsn32el": (b"abin32", b"gnu", b"linux", b"mips64el"),
    b"mips64": (b"abi64", b"gnu", b"linux", b"mips64"),
    b"mips64el": (b"abi64", b"gnu", b"linux", b"mips64el"),
    b"powerpcspe": (b"spe", b"gnu", b"linux", b"powerpc"),
    b"arm64ilp32": (b"ilp32", b"gnu", b"linux", b"arm64"),
    b"ppc64": (b"elfv1", b"gnu", b"linux", b"ppc64"),
    b"ppc64el": (b"elfv2", b"gnu", b"linux", b"ppc64el"),
}
"""Architectures whose name does not say the application binary interface."""

_LIBC_OF_OS = {b"linux": b"gnu", b"hurd": b"gnu", b"kfreebsd": b"gnu", b"darwin": b"bsd"}
_LIBCS = frozenset({b"gnu", b"musl", b"uclibc", b"bsd"})

Quad = tuple[bytes, bytes, bytes, bytes]
"""Application binary interface, C library, kernel and processor."""


@cache
def matches(wildcard: bytes, architecture: bytes) -> bool:
    """Return whether `wildcard` (`any`, `linux-any`, `any-arm64`, `arm64`) covers `architecture`.

    `all` covers none: it is for packages that have no architecture.
    """
    if wildcard in (b"any", architecture):
        return True
    parts = wildcard.split(b"-")
    if b"any" not in parts:
        return False
    padded = [b"any"] * (4 - len(parts)) + parts
    return all(
        wanted in (b"any", part) for wanted, part in zip(padded, quad(architecture), strict=False)
    )


@cache
def quad(architecture: bytes) -> Quad:
    """Return what the name of an architecture stands for; names without a kernel mean Linux."""
    if architecture in _SPECIAL:
        return _SPECIAL[architecture]
    *before, processor = architecture.split(b"-")
    if before and before[0] in _LIBCS:
        return b"base", before[0], before[1] if len(before) > 1 else b"linux", processor
    kernel = before[0] if before else b"linux"
    return b"base", _LIBC_OF_OS.get(kernel, b"gnu"), kernel, processor


@cache
def in_list(listed: bytes, architecture: bytes) -> bool:
    """Return whether a list of architectures and wildcards covers `architecture`.

    Args:
        listed: names set off by blanks, as in `Architecture:` or between `[` and `]`; either all
            or none of them negated with `!`.
        architecture: a name.
    """
    names = listed.split()
    if names and names[0].startswith(b"!"):
        return not any(matches(name.lstrip(b"!"), architecture) for name in names)
    return any(matches(name, architecture) for name in names)
