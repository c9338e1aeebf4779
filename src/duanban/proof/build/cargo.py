"""Cargo, with what the tree brings (`vendor/`): nothing is fetched."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from duanban.proof.build.interface import OWN_COMPILER, Probe, Recipe, Results
from duanban.targets.architectures import architecture
from duanban.targets.interface import Architecture

NAME = "cargo"
_EMPTY = "echo 'fn main() {}'"
_TEST = re.compile(r"^test (\S+) \.\.\. (\w+)", re.MULTILINE)


def claims(tree: Path) -> bool:
    """Return whether there is a Cargo.toml."""
    return (tree / "Cargo.toml").is_file()


def target_of(machine: Architecture) -> str:
    """Return Rust's name of what is built for a machine."""
    prefix = "riscv64gc" if machine.name == "riscv64" else machine.name
    return f"{prefix}-unknown-linux-gnu"


def linking(target: str) -> dict[str, str]:
    """Return the variables that say what links for a target, and build scripts for this machine."""
    own = target_of(architecture(platform.machine()))
    found = {_linker(own): OWN_COMPILER, "HOST_CC": OWN_COMPILER} if own != target else {}
    return {**found, _linker(target): "cc"}


def _linker(target: str) -> str:
    return f"CARGO_TARGET_{target.upper().replace('-', '_')}_LINKER"


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; Rust's own library for the target has to be installed."""
    target = target_of(machine)
    common = ("--offline", "--target", target, "-j", str(jobs), *options)
    return Recipe(
        NAME,
        (),
        (
            ("cargo", "build", "--keep-going", *common),
            ("cargo", "test", "--no-run", *common),
        ),
        ("cargo", "test", "--no-fail-fast", *common),
        ("cargo",),
        linking(target),
        probes=(
            Probe(
                ("sh", "-c", f"{_EMPTY} | rustc --target {target} $RUSTFLAGS -o $HOME/empty -"),
                f"Rust's library for {target} is not installed",
            ),
        ),
    )


def results(output: str) -> Results:
    """Return the lines of Rust's test driver."""
    return Results(
        {name: word == "ok" for name, word in _TEST.findall(output) if word != "ignored"}
    )
