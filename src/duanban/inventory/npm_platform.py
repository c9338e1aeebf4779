"""Whether npm installs a package on a target: the fields `os`, `cpu` and `libc`.

Source: npm CLI documentation v10, package.json (os, cpu, libc); the handling of
`!name` and of `any` follows what npm's own install checks do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duanban.inventory.parse import as_texts
from duanban.targets.architectures import architecture
from duanban.targets.interface import Target

WASM = "wasm32"

_NAMED = re.compile(
    r"[-/](?:(?P<os>aix|android|darwin|freebsd|linux|linuxmusl|openbsd|sunos|win32)-)?"
    r"(?P<cpu>aarch64|arm|arm64|ia32|loong64|loongarch64|mips|mipsel|ppc64|riscv64|s390x|x64|x86_64"
    r"|wasm32)"
    r"(?:-(?P<libc>gnu|glibc|musl|msvc|[a-z]*eabi(?:hf)?))?\Z"
)
_GNU = {"aarch64": "arm64", "loongarch64": "loong64", "x86_64": "x64"}
"""Names of machines that some packages have from the GNU tools, and Node's own for them."""
_LITTLE_64 = ("arm64", "loong64", "riscv64", "x64")


@dataclass(frozen=True, slots=True)
class Platform:
    """The three fields; empty ones admit everything."""

    os: tuple[str, ...]
    cpu: tuple[str, ...]
    libc: tuple[str, ...]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Platform:
        """Return the fields of a package.json or of a lock file's entry."""
        return cls(
            as_texts(entry.get("os")), as_texts(entry.get("cpu")), as_texts(entry.get("libc"))
        )

    def __bool__(self) -> bool:
        return bool(self.os or self.cpu or self.libc)

    @property
    def for_linux(self) -> bool:
        """Whether it can be installed on Linux on some machine; WebAssembly does not count."""
        return _admits(self.os, ("linux",)) and WASM not in self.cpu

    @property
    def is_wasm(self) -> bool:
        """Whether it is the WebAssembly build of something."""
        return WASM in self.cpu

    def fits(self, target: Target) -> bool:
        """Return whether npm installs it on `target`."""
        cpus = target.architecture.names.get("npm", (target.architecture.name,))
        libc = (target.platform.libc,)
        return _admits(self.os, ("linux",)) and _admits(self.cpu, cpus) and _admits(self.libc, libc)

    def words(self) -> str:
        """Return the fields in words: `linux x64 (glibc)`."""
        libc = f" ({', '.join(self.libc)})" if self.libc else ""
        return " ".join(filter(None, (",".join(self.os), ",".join(self.cpu)))) + libc


def platform_of_name(name: str) -> Platform | None:
    """Return the platform that a package is for by its name, as `@img/sharp-linux-x64` is.

    The names end in values of Node's process.platform and process.arch (Node.js v24
    documentation, "process"), often with a C library; None if this one does not.
    """
    match = _NAMED.search(name)
    if match is None:
        return None
    system, libc = match["os"] or "", match["libc"] or ""
    cpu = _GNU.get(match["cpu"], match["cpu"])
    if system == "linuxmusl":
        system, libc = "linux", "musl"
    known = {"gnu": "glibc", "glibc": "glibc", "musl": "musl"}.get(libc)
    return Platform((system,) if system else (), (cpu,), (known,) if known else ())


def sibling_names(name: str, machine: str) -> tuple[str, ...]:
    """Return what the part for another machine would be called, in the way of one for Linux.

    Where the part has the GNU tools' name of its machine, so may the other; else Node's name comes
    first. Nothing for a name that is no part for a 64-bit machine on Linux.

    Args:
        name: of a package.
        machine: GNU name of an architecture.
    """
    match = _NAMED.search(name)
    if match is None or not (match["os"] or "").startswith("linux"):
        return ()
    cpu = match["cpu"]
    if _GNU.get(cpu, cpu) not in _LITTLE_64:
        return ()
    own = architecture(machine).names
    words = [*own["npm"], *own["gnu"]] if "npm" in own else [*own["gnu"]]
    words = words[::-1] if cpu in _GNU else words
    start, end = match.span("cpu")
    return tuple(dict.fromkeys(name[:start] + word + name[end:] for word in words))


def _admits(field: Sequence[str], names: Sequence[str]) -> bool:
    if not field or (len(field) == 1 and field[0] == "any"):
        return True
    if any(f"!{name}" in field for name in names):
        return False
    return any(name in field for name in names) or all(name.startswith("!") for name in field)
