"""Compilers and emulators: for each machine the means to build for it and to run what was built."""

from __future__ import annotations

from duanban.proof.interface import ProofError
from duanban.proof.toolchain import gcc, zig
from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import Tools

__all__ = ["find_compilers"]


def find_compilers(
    tools: Tools, target: str, reference: str, name: str = ""
) -> tuple[Compiler, Compiler]:
    """Return the compilers for both machines; they are of the same kind.

    Args:
        tools: where they may stand.
        target: GNU name of the machine to prove for.
        reference: of the machine to compare with, this one.
        name: `gcc` or `zig`; empty takes the first that there is.

    Raises:
        ProofError: there is none for the target.
    """
    kinds = {"gcc": gcc.find, "zig": zig.find}
    for kind, find in kinds.items():
        if name in ("", kind):
            there, here = find(tools, target), find(tools, reference)
            if there is not None and here is not None:
                return there, here
    wanted = {"gcc": f"{target}-linux-gnu-gcc", "zig": "zig (pip install 'duanban[prove]')"}
    which = wanted[name] if name else " or ".join(wanted.values())
    raise ProofError(f"no compiler for {target}: install {which}, or take Debian's: --tools debian")
