"""Whether a wheel fits a target, by the platform tag in its name.

Source: https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
(PEP 425, 513, 571, 599, 600, 656).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from duanban.targets.interface import Target

_LINUX = re.compile(
    r"(?P<libc>manylinux|musllinux|linux)"
    r"(?:(?P<legacy>1|2010|2014)|_(?P<major>\d{1,3})_(?P<minor>\d{1,3}))?_(?P<machine>\w+)\Z"
)
_LEGACY = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform tag stands for."""

    system: str
    """`any`, `linux`, or the tag's own word for another system."""
    machine: str = ""
    libc: str = ""
    """`glibc`, `musl`, or empty where the tag does not say."""
    floor: tuple[int, int] = (0, 0)


@lru_cache(maxsize=4096)
def parse_platform(tag: str) -> Platform:
    """Return what one platform tag (`manylinux_2_28_aarch64`) stands for."""
    if tag == "any":
        return Platform("any")
    match = _LINUX.match(tag)
    if match is None:
        return Platform(tag.partition("_")[0])
    if match["libc"] == "musllinux":
        return Platform("linux", match["machine"], "musl")
    if match["libc"] == "linux":
        return Platform("linux", match["machine"])
    floor = (
        _LEGACY[match["legacy"]]
        if match["legacy"]
        else (int(match["major"] or 0), int(match["minor"] or 0))
    )
    return Platform("linux", match["machine"], "glibc", floor)


def platform_tags(file_name: str) -> tuple[str, ...]:
    """Return the platform tags in a wheel's file name; empty if it is no wheel's name."""
    if not file_name.endswith(".whl"):
        return ()
    parts = file_name[:-4].rsplit("-", 3)
    return tuple(parts[3].split(".")) if len(parts) == 4 else ()


def fits(tag: str, target: Target) -> bool:
    """Return whether a wheel with this platform tag can be installed on `target`."""
    platform = parse_platform(tag)
    if platform.system == "any":
        return True
    if platform.system != "linux":
        return False
    names = target.architecture.names.get("wheel", (target.architecture.name,))
    if platform.machine not in names:
        return False
    if platform.libc and platform.libc != target.platform.libc:
        return False
    return platform.libc != "glibc" or platform.floor <= _version(target.platform.libc_version)


def _version(text: str) -> tuple[int, ...]:
    """Return a dotted version as numbers; a very high one where the target does not say."""
    numbers = tuple(int(part) for part in text.split(".")[:2] if part.isdecimal())
    return numbers or (1 << 30,)


def machines_of(tags: Iterable[str]) -> tuple[str, ...]:
    """Return what platform tags are for, in words: machines on Linux, else other systems."""
    platforms = [parse_platform(tag) for tag in tags]
    linux = [one for one in platforms if one.system == "linux"]
    if not linux:
        return tuple(sorted({one.system for one in platforms}))
    with_glibc = {one.machine for one in linux if one.libc != "musl"}
    with_musl = {one.machine for one in linux} - with_glibc
    return tuple(sorted(with_glibc | {f"{machine} (musl)" for machine in with_musl}))
