"""Zig's clang (the package `ziglang`): every machine from one package, with musl linked in."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from duanban.locate import cache_directory
from duanban.proof.interface import ProofError
from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import Tools

_CPU = {"loongarch64": ("-mcpu=la464-lsx-lasx",)}
"""Emulators before QEMU 8 know no vectors of LoongArch, and the least machine has none."""
_WARM = {
    "cc": (".c", "int main(void) { return 0; }\n"),
    "c++": (".cc", "#include <iostream>\nint main() { std::cout << 0; }\n"),
}


def find(tools: Tools, machine: str) -> Compiler | None:
    """Return Zig's compiler for `machine`, or None if it is not installed.

    It needs nothing of any system, and so is the same with whatever tools.
    """
    program = _program()
    if program is None:
        return None
    done = subprocess.run([program, "version"], capture_output=True, check=False)
    version = done.stdout.decode("utf-8", "replace").strip()
    cache = cache_directory() / "zig" / f"{version}-{machine}"
    # Undefined behaviour would end the program, which it does not with other compilers. Without
    # -O, a C library for debugging would have to be compiled first.
    flags = ("-target", f"{machine}-linux-musl", *_CPU.get(machine, ()))
    flags = (*flags, "-O2", "-fno-sanitize=all")
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
    if not done.exists():
        compiler.cache.mkdir(parents=True, exist_ok=True, mode=0o755)
        _compile_samples(compiler)
        _leave_used(compiler.cache, lambda: _compile_samples(compiler))
        done.touch()
    return compiler.cache


def _compile_samples(compiler: Compiler) -> None:
    """Compile and link a program in C and one in C++."""
    assert compiler.cache is not None
    environment = {**os.environ, **cache_environment(compiler.cache)}
    for command, (suffix, text) in _WARM.items():
        source = compiler.cache / f"warm{suffix}"
        source.write_text(text, "utf-8")
        done = subprocess.run(
            [*compiler.commands[command], str(source), "-o", str(source.with_suffix(".out"))],
            env=environment,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ProofError(f"zig does not compile for {compiler.machine}: {said[:1]}")


def _leave_used(cache: Path, compile_samples: Callable[[], None]) -> None:
    """Remove what linking does not read: the records and objects of the libraries' parts.

    Each job gets its own copy of the records. Where reading leaves no trace (`noatime`), all stays.
    """
    files = [path for path in (*cache.glob("h/*"), *cache.glob("o/*/*")) if path.is_file()]
    for path in files:
        os.utime(path, (0, path.stat().st_mtime))
    compile_samples()
    used = {path for path in files if path.stat().st_atime}
    if not used:
        return
    for path in set(files) - used:
        path.unlink()
    for directory in cache.glob("o/*"):
        if not any(directory.iterdir()):
            directory.rmdir()


def share(cache: Path, to: Path) -> None:
    """Make `to` a cache with what `cache` has: records are copied, what they lead to is linked to.

    A job can add to it, and change nothing of the cache that it comes from.
    """
    shutil.copytree(cache / "h", to / "h", dirs_exist_ok=True)
    (to / "o").mkdir(exist_ok=True)
    for made in (cache / "o").iterdir():
        (to / "o" / made.name).symlink_to(made)


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
