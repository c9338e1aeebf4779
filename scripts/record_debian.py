#!/usr/bin/env python3
"""Record what Debian's own packages say about each architecture: scripts/facts/debian.json.

Needs the unpacked packages libc6-dev, libgcc-N-dev (of every architecture), linux-libc-dev and
cpp-N-* (gcc's preprocessor for every architecture, which runs on this machine), one directory
each, as `dpkg-deb -x` leaves them:

    scripts/record_debian.py DIRECTORY [--loader PATH --library-path DIR]

`--loader` runs the preprocessors with another C library than this machine's (packages of
Debian sid on an older system). Run it when Debian moves to a new gcc or glibc; afterwards run
generate_facts.py.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ARCHITECTURES = {
    "x86_64": ("amd64", "x86"),
    "aarch64": ("arm64", "arm64"),
    "riscv64": ("riscv64", "riscv"),
    "loongarch64": ("loong64", "loongarch"),
}
"""GNU machine name to the names of Debian and of the kernel."""
BUILTIN = re.compile(
    rb"__builtin_(?:ia32|aarch64|arm|neon|riscv|thead|lsx|lasx|loongarch)_\w+(?=\0)"
)
# What gcc's driver passes to cc1 where the default is not compiled in (gcc -### on the machine).
DRIVER_FLAGS = {"riscv64": ["-march=rv64gc", "-mabi=lp64d"]}
MACRO = re.compile(r"#define (\w+)(\([^)]*\))?(?: (.*))?")


def relative_files(root: Path) -> set[str]:
    """Return the paths of all files under `root`, relative to it."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


def system_headers(packages: Path, machine: str, debian: str) -> set[str]:
    """Return the headers that libc6-dev and linux-libc-dev bring on one architecture."""
    found: set[str] = set()
    for pattern in (f"libc6-dev_*_{debian}", "linux-libc-dev_*"):
        for package in sorted(packages.glob(pattern)):
            for name in relative_files(package / "usr/include"):
                first, _, rest = name.partition("/")
                if "-linux-gnu" not in first:
                    found.add(name)
                elif first == f"{machine}-linux-gnu":
                    found.add(rest)
    return {name for name in found if not name.startswith("finclude/")}


def compiler_headers(packages: Path, debian: str) -> set[str]:
    """Return the headers of gcc's own include directory."""
    found: set[str] = set()
    for directory in packages.glob(f"libgcc-*-dev_*_{debian}/usr/lib/gcc/*/*/include"):
        found |= relative_files(directory)
    return found


def preprocessor(packages: Path, machine: str) -> Path:
    """Return the cc1 program that preprocesses for `machine`."""
    found = sorted(packages.glob(f"cpp-*/usr/libexec/gcc*/{machine}-linux-gnu/*/cc1"))
    if not found:
        sys.exit(f"no cpp package for {machine} under {packages}")
    return found[-1]


def gcc_macros(command: list[str]) -> dict[str, str]:
    """Return gcc's predefined macros, name (parameters dropped) to replacement text."""
    run = subprocess.run(
        [*command, "-E", "-quiet", "-dM", "/dev/null"], capture_output=True, text=True, check=True
    )
    return {
        match[1]: match[3] or "" for line in run.stdout.splitlines() if (match := MACRO.match(line))
    }


def syscalls(command: list[str], packages: Path, kernel: str) -> dict[str, int]:
    """Return the system calls of linux-libc-dev's <asm/unistd.h>, name to number."""
    [package] = packages.glob("linux-libc-dev_*")
    folders = [package / "usr/lib/linux/uapi" / kernel, package / "usr/include"]
    includes = [part for folder in folders for part in ("-isystem", str(folder))]
    run = subprocess.run(
        [*command, "-E", "-quiet", "-dM", "-nostdinc", *includes, "-"],
        input="#include <asm/unistd.h>\n",
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"^#define __NR_(\w+) (\d+)$", run.stdout, re.M)
    return {name: int(number) for name, number in found if name != "syscalls"}


def main() -> None:
    """Write scripts/facts/debian.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path)
    parser.add_argument("--loader", default="")
    parser.add_argument("--library-path", default="")
    options = parser.parse_args()
    runner = [options.loader, "--library-path", options.library_path] if options.loader else []
    compilers = (ROOT / "facts" / "compilers.toml").read_text(encoding="utf-8")
    rich = tomllib.loads(compilers)["rich_gcc"]
    versions = sorted(
        "_".join(path.name.split("_")[:2])
        for path in options.packages.iterdir()
        if path.name.startswith(("libc6-dev_", "linux-libc-dev_", "libgcc-", "cpp-"))
    )
    record: dict[str, object] = {"packages": sorted(set(versions)), "architectures": {}}
    tables: dict[str, object] = {}
    for machine, (debian, kernel) in ARCHITECTURES.items():
        program = preprocessor(options.packages, machine)
        command = [*runner, str(program), *DRIVER_FLAGS.get(machine, [])]
        names = {match.decode() for match in BUILTIN.findall(program.read_bytes())}
        tables[machine] = {
            "system_headers": sorted(system_headers(options.packages, machine, debian)),
            "compiler_headers": sorted(compiler_headers(options.packages, debian)),
            "macros": dict(sorted(gcc_macros(command).items())),
            "macros_rich": sorted(gcc_macros([*runner, str(program), *rich[machine]])),
            "builtins": sorted(names),
            "syscalls": syscalls(command, options.packages, kernel),
        }
    record["architectures"] = tables
    target = ROOT / "facts" / "debian.json"
    target.write_text(json.dumps(record, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
