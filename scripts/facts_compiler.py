"""What clang (of PyPI's ziglang) and the headers beside it say of a target."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

MACRO = re.compile(r"#define (\w+)(\([^)]*\))?(?: (.*))?")
LIBRARY_DIRECTORIES = 2
"""The first of `header_directories`; the others are the kernel's."""
DEFINED = re.compile(r"^\s*#\s*define\s+(\w+)", re.M)
NUMBER = re.compile(r"[-+*() ]*(?:(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*[-+*() ]*)+")
"""An integer, or sums and products of some."""
WORD = re.compile(r"\b[A-Za-z_]\w*")
# Comments and strings.
ASIDE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', re.S)
# Directories of zig's header tree are named after the kernel's architectures.
ZIG_NAMES = {
    "x86_64": "x86",
    "aarch64": "aarch64",
    "riscv64": "riscv",
    "loongarch64": "loongarch",
}


@cache
def zig_directory() -> Path:
    """Return where ziglang is installed; SystemExit if it is not."""
    found = importlib.util.find_spec("ziglang")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("ziglang is not installed: pip install 'duanban[facts]'")
    return Path(found.submodule_search_locations[0])


def preprocess(target: str, flags: Sequence[str], text: str = "") -> str:
    """Return clang's preprocessor output for `text` on `target` (a clang triple)."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {
            "ZIG_LOCAL_CACHE_DIR": scratch,
            "ZIG_GLOBAL_CACHE_DIR": scratch,
            "LC_ALL": "C",
        }
        command = [str(zig_directory() / "zig"), "clang", "-target", target, *flags, "-E", "-"]
        run = subprocess.run(
            command, input=text, capture_output=True, text=True, env=environment, check=False
        )
    if run.returncode:
        raise SystemExit(f"clang for {target}: {run.stderr.strip()}")
    return run.stdout


def macros(target: str, flags: Sequence[str] = (), language: str = "c") -> dict[str, str]:
    """Return the predefined macros, name (parameters dropped) to replacement text."""
    lines = preprocess(target, [*flags, "-dM", "-x", language]).splitlines()
    return {match[1]: match[3] or "" for line in lines if (match := MACRO.match(line))}


def standard_values(machine: str) -> dict[str, str]:
    """Return the macros of the standard headers about numbers that are integers, with values."""
    includes = "".join(f"#include <{name}.h>\n" for name in ("limits", "float", "wchar", "stdint"))
    found = preprocess(f"{machine}-linux-gnu", [*header_flags(machine), "-dM"], includes)
    names = sorted({match[1] for line in found.splitlines() if (match := MACRO.match(line))})
    marked = includes + "".join(f'"{name}" {name}\n' for name in names if name[0] != "_")
    lines = preprocess(f"{machine}-linux-gnu", [*header_flags(machine), "-P"], marked).splitlines()
    values = (line.split('" ', 1) for line in lines if line.startswith('"'))
    return {
        name.strip('"'): plain
        for name, value in values
        if NUMBER.fullmatch(plain := value.replace("L'\\0'", "0"))
    }


def header_directories(machine: str) -> list[Path]:
    """Return the directories of glibc's and the kernel's headers, the most specific first."""
    root = zig_directory() / "lib" / "libc" / "include"
    name = ZIG_NAMES[machine]
    parts = (f"{name}-linux-gnu", "generic-glibc", f"{name}-linux-any", "any-linux-any")
    return [root / part for part in parts]


def header_flags(machine: str) -> list[str]:
    """Return the flags that make clang use those headers and its own, and nothing of the host."""
    directories = [zig_directory() / "lib" / "include", *header_directories(machine)]
    return ["-x", "c", "-nostdinc", *(f"-isystem{path}" for path in directories)]


def files_under(root: Path) -> set[str]:
    """Return the paths of all files under `root`, relative to it."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def resource_headers(pattern: str) -> set[str]:
    """Return clang's own headers whose names match `pattern` as a whole."""
    names = (path.name for path in (zig_directory() / "lib" / "include").glob("*.h"))
    return {name for name in names if re.fullmatch(pattern, name)}


def builtins_named(pattern: str) -> set[str]:
    """Return the builtins that clang's own headers mention and that match `pattern`."""
    found: set[str] = set()
    for path in (zig_directory() / "lib" / "include").glob("*.h"):
        found.update(re.findall(rf"\b{pattern}", path.read_text(encoding="utf-8")))
    return found


def known_builtins(machine: str, names: Iterable[str], flags: Sequence[str]) -> set[str]:
    """Return those of `names` that clang has for `machine`."""
    text = "".join(f"#if __has_builtin({name})\n{name}\n#endif\n" for name in sorted(names))
    return set(preprocess(f"{machine}-linux-gnu", ["-P", "-x", "c", *flags], text).split())


def defined_by_headers(machine: str) -> set[str]:
    """Return every macro name that some header of the C library or the kernel defines."""
    library, kernel = defined_by_library_and_kernel(machine)
    return library | kernel


def defined_by_library_and_kernel(machine: str) -> tuple[set[str], set[str]]:
    """Return the macro names that the headers of the C library define, and those of the kernel."""
    found: tuple[set[str], set[str]] = (set(), set())
    for index, directory in enumerate(header_directories(machine)):
        for path in sorted(directory.rglob("*.h")):
            text = path.read_text(encoding="utf-8", errors="replace")
            found[index >= LIBRARY_DIRECTORIES].update(DEFINED.findall(text))
    return found


def words_of_library(machine: str) -> set[str]:
    """Return every identifier in the headers of the C library, comments and strings left out."""
    return _words(header_directories(machine)[:LIBRARY_DIRECTORIES])


def words_of_cxx_library() -> set[str]:
    """Return every identifier in the headers of the C++ library."""
    return _words([zig_directory() / "lib" / "libcxx" / "include"])


def _words(directories: Iterable[Path]) -> set[str]:
    found: set[str] = set()
    for directory in directories:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8", errors="replace")
            found.update(WORD.findall(ASIDE.sub(" ", text)))
    return found


def syscalls(machine: str) -> dict[str, int]:
    """Return the system calls of <asm/unistd.h>, name to number."""
    flags = header_flags(machine)
    listed = preprocess(f"{machine}-linux-gnu", [*flags, "-dM"], "#include <asm/unistd.h>\n")
    names = sorted(set(re.findall(r"^#define __NR_(\w+)", listed, re.M)))
    body = "".join(f'duanban "{name}" = __NR_{name}\n' for name in names)
    text = preprocess(f"{machine}-linux-gnu", [*flags, "-P"], "#include <asm/unistd.h>\n" + body)
    numbers: dict[str, int] = {}
    for name, value in re.findall(r'^duanban "(\w+)" = ([\d()+ ]+)$', text, re.M):
        numbers[name] = sum(int(part) for part in re.findall(r"\d+", value))
    for marker in ("syscalls", "arch_specific_syscall"):
        numbers.pop(marker, None)
    return numbers


def elf_machine(machine: str) -> int:
    """Return the EM_ number of <elf.h>."""
    name = {"x86_64": "X86_64"}.get(machine, ZIG_NAMES[machine].upper())
    text = preprocess(
        f"{machine}-linux-gnu",
        [*header_flags(machine), "-P"],
        f"#include <elf.h>\nduanban EM_{name}\n",
    )
    match = re.search(r"^duanban (\d+)$", text, re.M)
    if match is None:
        raise SystemExit(f"<elf.h> does not know EM_{name}")
    return int(match[1])


def register_names(machine: str) -> set[str]:
    """Return the names that <sys/ucontext.h> and <sys/user.h> declare: registers and fields."""
    source = "#define _GNU_SOURCE 1\n#include <sys/ucontext.h>\n#include <sys/user.h>\n"
    wanted = re.compile(r"(sys/ucontext|sys/user|asm/sigcontext|asm/ptrace|bits/types/stack_t)\.h$")
    found: set[str] = set()
    keep = False
    flags = [*header_flags(machine), "-dD"]
    for line in preprocess(f"{machine}-linux-gnu", flags, source).splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            keep = bool(wanted.search(marker[1]))
        elif keep:
            if macro := MACRO.match(line):
                found.add(macro[1])
            else:
                found.update(re.findall(r"\b[A-Za-z_]\w*(?=\s*(?:\[[^;]*\])?\s*[;,=}]|$)", line))
    keywords = {"int", "long", "unsigned", "short", "char", "struct", "union", "enum", "typedef"}
    return found - keywords
