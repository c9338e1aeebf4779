"""The system's GCC: `riscv64-linux-gnu-gcc` and the like, with the C library of its package."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from duanban.proof.toolchain.interface import Compiler

_BINUTILS = ("ar", "ranlib", "strip", "nm", "objcopy", "ld", "as", "objdump", "readelf")


def find(machine: str) -> Compiler | None:
    """Return GCC for `machine`, C++ included, or None if the system has none."""
    triplet = f"{machine}-linux-gnu"
    compiler, plus = (shutil.which(f"{triplet}-{name}") for name in ("gcc", "g++"))
    if compiler is None or plus is None:
        return None
    done = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, check=False)
    version = done.stdout.decode("utf-8", "replace").strip()
    found = {name: shutil.which(f"{triplet}-{name}") for name in _BINUTILS}
    # Debian's cross libraries stand there; those of this machine need no other loader.
    prefix = Path("/usr") / triplet
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
        ld_prefix=str(prefix) if (prefix / "lib").is_dir() else "",
    )
