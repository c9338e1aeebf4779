"""GCC: `riscv64-linux-gnu-gcc` and the like, with the C library of its package."""

from __future__ import annotations

from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import Tools

_BINUTILS = ("ar", "ranlib", "strip", "nm", "objcopy", "ld", "as", "objdump", "readelf")


def find(tools: Tools, machine: str) -> Compiler | None:
    """Return GCC for `machine`, C++ included, or None if there is none."""
    triplet = f"{machine}-linux-gnu"
    compiler, plus = (tools.which(f"{triplet}-{name}") for name in ("gcc", "g++"))
    if compiler is None or plus is None:
        return None
    version = tools.said(compiler, "-dumpfullversion")
    found = {name: tools.which(f"{triplet}-{name}") for name in _BINUTILS}
    # Debian's cross libraries stand there; those of this machine need no other loader.
    prefix = f"/usr/{triplet}"
    return Compiler(
        kind="gcc",
        version=version,
        machine=machine,
        triplet=triplet,
        commands={
            "cc": (compiler,),
            "c++": (plus,),
            **{name: (path,) for name, path in found.items() if path},
        },
        ld_prefix=prefix if tools.has(f"{prefix}/lib") else "",
    )
