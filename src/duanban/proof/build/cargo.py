"""Cargo, with what the tree brings (`vendor/`): nothing is fetched."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from duanban.proof.build.interface import Recipe, Results
from duanban.targets.interface import Architecture

NAME = "cargo"
_TEST = re.compile(r"^test (\S+) \.\.\. (\w+)", re.MULTILINE)


def claims(tree: Path) -> bool:
    """Return whether there is a Cargo.toml."""
    return (tree / "Cargo.toml").is_file()


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands; Rust's own library for the target has to be installed."""
    prefix = "riscv64gc" if machine.name == "riscv64" else machine.name
    target = f"{prefix}-unknown-linux-gnu"
    common = ("--offline", "--target", target, "-j", str(jobs), *options)
    linker = f"CARGO_TARGET_{target.upper().replace('-', '_')}_LINKER"
    return Recipe(
        NAME,
        (),
        (("cargo", "build", "--keep-going", *common),),
        ("cargo", "test", "--no-fail-fast", *common),
        ("cargo",),
        {linker: "cc"},
        _hindrance(target),
    )


def _hindrance(target: str) -> str:
    """Return what is missing of Rust for `target`."""
    command = ["rustc", "--print", "target-libdir", "--target", target]
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/")
    except OSError:
        return "rustc is not installed"
    library = done.stdout.decode("utf-8", "replace").strip()
    return (
        ""
        if library and Path(library).is_dir()
        else f"Rust's library for {target} is not installed"
    )


def results(output: str) -> Results:
    """Return the lines of Rust's test driver."""
    return Results(
        {name: word == "ok" for name, word in _TEST.findall(output) if word != "ignored"}
    )
