#!/usr/bin/env python3
"""Write tests/oracle/truth.json: on which machines each construct compiles, by clang's word.

    scripts/record_constructs.py            write the file
    scripts/record_constructs.py --check    exit 1 if it is not what would be written

Source: clang and the header trees of PyPI's `ziglang` (`pip install 'duanban[facts]'`), less the
headers that a distribution does not have on the machine (facts `headers_foreign`): zig keeps one
tree of glibc's for all of them, and clang brings x86's intrinsics everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import facts_compiler as compiler
from generate_facts import FACTS, HERE, MACHINES, read_inputs

ORACLE = HERE.parent / "tests" / "oracle"
GENERIC = r"(?:__std|__float|float|inttypes|iso646|limits|std|tgmath|unwind|varargs).*"
"""clang's headers that every machine has."""


def constructs() -> dict[str, tuple[str, str]]:
    """Return the language and the text of every construct, by name."""
    tables = tomllib.loads((ORACLE / "constructs.toml").read_text(encoding="utf-8"))
    return {
        f"{family}.{name}": ("c++" if name.endswith("_cc") else "c", text)
        for family, table in tables.items()
        for name, text in table.items()
    }


def link_headers(machine: str, to: Path) -> list[Path]:
    """Return directories with the headers that the machine has, made of links under `to`."""
    foreign = set(json.loads((FACTS / f"{machine}.json").read_text())["headers_foreign"])
    own = read_inputs()["documented"][machine]["clang_headers"]
    resource = compiler.zig_directory() / "lib" / "include"
    names = compiler.resource_headers(own) | compiler.resource_headers(GENERIC)
    found = [_linked(resource, names, to / "compiler")]
    for number, directory in enumerate(compiler.header_directories(machine)):
        names = compiler.files_under(directory) - foreign
        found.append(_linked(directory, names, to / str(number)))
    return found


def _linked(source: Path, names: set[str], to: Path) -> Path:
    for name in sorted(names):
        link = to / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source / name)
    return to


def compiles(machine: str, headers: list[Path], language: str, text: str, scratch: str) -> bool:
    """Return whether clang makes an object file of `text` for `machine`."""
    command = [str(compiler.zig_directory() / "zig"), "clang", "-target", f"{machine}-linux-gnu"]
    command += ["-x", language, "-std=" + ("gnu++17" if language == "c++" else "gnu17")]
    command += ["-w", "-nostdinc", *(f"-isystem{path}" for path in headers)]
    command += ["-c", "-O0", "-o", os.devnull, "-"]
    environment = os.environ | {"ZIG_LOCAL_CACHE_DIR": scratch, "ZIG_GLOBAL_CACHE_DIR": scratch}
    run = subprocess.run(
        command, input=text.encode(), capture_output=True, env=environment, check=False
    )
    return run.returncode == 0


def record() -> str:
    """Return the text of the file."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        headers = {m: link_headers(m, Path(scratch) / m) for m in MACHINES}
        for name, (language, text) in constructs().items():
            answers = pool.map(
                lambda m: compiles(m, headers[m], language, text, scratch),  # noqa: B023
                MACHINES,
            )
            found[name] = [m for m, fine in zip(MACHINES, answers, strict=True) if fine]
    return json.dumps({"compiles": found}, indent=0) + "\n"


def main() -> None:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    path, text = ORACLE / "truth.json", record()
    if not check:
        path.write_text(text, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != text:
        sys.exit("not what the compiler says now: run scripts/record_constructs.py")


if __name__ == "__main__":
    main()
