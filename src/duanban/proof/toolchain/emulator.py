"""QEMU's user emulation, and the hook that starts the other machine's programs under it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from duanban.locate import cache_directory
from duanban.proof.interface import ProofError
from duanban.proof.tools import Tools
from duanban.targets.interface import Architecture


@dataclass(frozen=True, slots=True)
class Emulator:
    """A program that runs another machine's programs."""

    program: str
    version: str


def find_emulator(tools: Tools, machine: str) -> Emulator | None:
    """Return QEMU for `machine`, or None if there is none."""
    for name in (f"qemu-{machine}", f"qemu-{machine}-static"):
        program = tools.which(name)
        if program:
            words = tools.said(program, "--version").split()
            return Emulator(program, words[2] if len(words) > 2 else "")
    return None


def disguise(emulator: Emulator, ld_prefix: str, architecture: Architecture) -> dict[str, str]:
    """Return the variables under which this machine's programs take it for the other one.

    Args:
        emulator: of the other machine.
        ld_prefix: where it finds the other machine's loader and libraries; empty if linked in.
        architecture: of the other machine.

    Raises:
        ProofError: the hook cannot be compiled.
    """
    environment = {
        "LD_PRELOAD": str(hook()),
        "DUANBAN_EMULATOR": emulator.program,
        "DUANBAN_MACHINE": str(architecture.elf_machine),
        "DUANBAN_UNAME": architecture.names["linux"][0],
    }
    if ld_prefix:
        environment["QEMU_LD_PREFIX"] = ld_prefix
        environment["QEMU_UNSET_ENV"] = "LD_PRELOAD"  # its loader would complain
    return environment


def hook() -> Path:
    """Return the compiled hook, made the first time with this machine's own compiler.

    Raises:
        ProofError: there is no compiler, or it fails.
    """
    source = files(__package__).joinpath("exec_hook.c").read_bytes()
    directory = cache_directory() / "proof"
    library = directory / f"exec-hook-{hashlib.sha256(source).hexdigest()[:16]}.so"
    if library.exists():
        return library
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ProofError("running the other machine's programs needs a C compiler for this one")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = library.with_suffix(".part")
    command = [compiler, "-O2", "-shared", "-fPIC", "-w", "-x", "c", "-", "-o", str(unfinished)]
    done = subprocess.run([*command, "-ldl"], input=source, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProofError(f"the hook for the emulator does not compile: {said[:1]}")
    unfinished.chmod(0o755)
    unfinished.replace(library)
    return library
