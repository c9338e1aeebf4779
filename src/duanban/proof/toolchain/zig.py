"""Zig's clang (the package `ziglang`): every machine from one package, with musl linked in."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from duanban.locate import cache_directory
from duanban.proof.interface import ProofError
from duanban.proof.toolchain.interface import Compiler

_CPU = {"loongarch64": ("-mcpu=la464-lsx-lasx",)}
"""Emulators before QEMU 8 know no vectors of LoongArch, and the least machine has none."""
_WARM = {".c": "int main(void) { return 0; }\n", ".cc": "#include <iostream>\nint main() { std::cout << 0; }\n"}


def find(machine: str) -> Compiler | None:
    """Return Zig's compiler for `machine`, or None if it is not installed."""
    program = _program()
    if program is None:
        return None
    done = subprocess.run([program, "version"], capture_output=True, check=False)
    version = done.stdout.decode("utf-8", "replace").strip()
    cache = cache_directory() / "zig" / f"{version}-{machine}"
    # Undefined behaviour would end the program, which it does not with other compilers.
    flags = ("-target", f"{machine}-linux-musl", *_CPU.get(machine, ()), "-fno-sanitize=all")
    return Compiler(
        kind="zig",
        version=version,
        machine=machine,
        triplet=f"{machine}-linux-musl",
        commands={
            "cc": (program, "cc", *flags),
            "c++": (program, "c++", *flags),
            "ar": (program, "ar"),
            "ranlib": (program, "ranlib"),
            "objcopy": (program, "objcopy"),
            "strip": ("true",),
        },
        readable=(Path(program).resolve().parent,),
        cache=cache,
    )


def warm(compiler: Compiler) -> Path:
    """Return the cache of `compiler` with the C and C++ libraries in it, compiled once.

    Raises:
        ProofError: they cannot be compiled.
    """
    assert compiler.cache is not None
    done = compiler.cache / "done"
    if done.exists():
        return compiler.cache
    compiler.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = {**os.environ, **cache_environment(compiler.cache)}
    for suffix, text in _WARM.items():
        source = compiler.cache / f"warm{suffix}"
        source.write_text(text, "utf-8")
        command = compiler.commands["c++" if suffix == ".cc" else "cc"]
        for flags in ((), ("-O2",)):
            result = subprocess.run(
                [*command, *flags, str(source), "-o", os.devnull],
                env=environment,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            if result.returncode:
                said = result.stderr.decode("utf-8", "replace").strip().splitlines()
                raise ProofError(f"zig does not compile for {compiler.machine}: {said[:1]}")
    done.touch()
    return compiler.cache


def cache_environment(directory: Path) -> dict[str, str]:
    """Return the variables that make Zig keep what it compiles in `directory`."""
    return {"ZIG_GLOBAL_CACHE_DIR": str(directory), "ZIG_LOCAL_CACHE_DIR": str(directory)}


def _program() -> str | None:
    spec = importlib.util.find_spec("ziglang")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(place) / "zig"
        if program.is_file():
            return str(program)
    return shutil.which("zig")
