#!/usr/bin/env python3
"""Write src/duanban/targets/facts/*.json: what compilers and headers say of each architecture.

    scripts/generate_facts.py            write the files
    scripts/generate_facts.py --check    exit 1 if they are not what would be written

Sources: clang and the header trees of PyPI's `ziglang` (`pip install 'duanban[facts]'`),
scripts/facts/debian.json (recorded from Debian's gcc, libc6-dev and linux-libc-dev by
record_debian.py), scripts/facts/documented.toml and scripts/facts/compilers.toml.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import facts_assembler
import facts_compiler as compiler
import facts_lacking

HERE = Path(__file__).resolve().parent
FACTS = HERE.parent / "src" / "duanban" / "targets" / "facts"
MACHINES = ("x86_64", "aarch64", "riscv64", "loongarch64")
# A macro that both compilers define, each with a value of its own.
UNKNOWN_VALUE = "__duanban_unknown_value__"
RESERVED = re.compile(r"_[_A-Z]")
INTEGER = re.compile(r"(0x[0-9a-fA-F]+|[1-9]\d*|0)[uUlL]*")
# What tells a machine or system from another; `__cdecl` and its like are names that any project
# may define for itself.
TELLING = re.compile(r"-?[\w.]*|\".*\"")


def headers(machine: str, debian: dict[str, Any], pattern: str) -> tuple[set[str], set[str]]:
    """Return the headers that exist on `machine`, and zig's that are for other architectures.

    Zig keeps one tree of glibc headers for all architectures; a file there that Debian's
    libc6-dev of this architecture lacks belongs to another one. A kernel header that only one
    of the two kernels has is a matter of the kernel's version and stays.
    """
    specific, generic, *kernel = (
        compiler.files_under(path) for path in compiler.header_directories(machine)
    )
    real = set(debian["system_headers"])
    foreign = generic - real
    clang = compiler.resource_headers(pattern)
    found = (specific & real) | (generic & real) | set.union(*kernel) | real
    return found | clang | set(debian["compiler_headers"]), foreign | (specific - real)


def long_double(macros: dict[str, str]) -> str:
    """Return the format of `long double`, told by the digits of its mantissa."""
    return {"64": "x87-80", "113": "ieee-128", "53": "ieee-64"}[macros["__LDBL_MANT_DIG__"]]


def same_value(one: str, other: str) -> bool:
    """Return whether two replacement texts mean the same: equal, or the same integer."""
    if one == other:
        return True
    numbers = [INTEGER.fullmatch(text) for text in (one, other)]
    if numbers[0] is None or numbers[1] is None:
        return False
    return int(numbers[0][1], 0) == int(numbers[1][1], 0)


def split_macros(clang: dict[str, str], gcc: dict[str, str], flags: set[str]) -> dict[str, Any]:
    """Return the macros that are sure on the architecture, and those that may be there."""
    both = (set(clang) & set(gcc)) - flags
    sure = {
        name: clang[name] if same_value(clang[name], gcc[name]) else UNKNOWN_VALUE for name in both
    }
    return {"macros": sure, "maybe": sorted((set(clang) | set(gcc)) - both)}


def architecture(machine: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return everything that is written to one architecture's file."""
    written = inputs["documented"][machine]
    debian = inputs["debian"]["architectures"][machine]
    triple = f"{machine}-linux-gnu"
    rich_flags = inputs["compilers"]["rich"][machine]
    clang = compiler.macros(triple)
    sets = split_macros(clang, debian["macros"], set(inputs["compilers"]["flags"]["names"]))
    optional = set(sets["maybe"]) | set(compiler.macros(triple, rich_flags))
    optional |= set(debian["macros_rich"])
    optional |= set(compiler.macros(triple, language="c++"))
    found, foreign = headers(machine, debian, written["clang_headers"])
    builtins = compiler.known_builtins(
        machine, compiler.builtins_named(written["builtins"]), rich_flags
    )
    calls = compiler.syscalls(machine)
    for name, number in debian["syscalls"].items():
        if calls.setdefault(name, number) != number:
            raise SystemExit(f"{machine}: two numbers for the system call {name}")
    packages = ", ".join(inputs["debian"]["packages"])
    clang_source = f"clang of ziglang {version('ziglang')}"
    sources = {
        field: f"documented: {text}" for field, text in inputs["documented"]["sources"].items()
    }
    sources |= {
        "macros": f"{clang_source} -dM -E, and gcc of {packages}: those that both define",
        "headers": f"glibc, Linux and clang headers of ziglang {version('ziglang')}; {packages}",
        "syscalls": f"<asm/unistd.h> of ziglang {version('ziglang')}; {packages}",
        "builtins": f"headers of {clang_source}, confirmed by __has_builtin; gcc of {packages}",
        "standard": f"<limits.h>, <float.h>, <wchar.h>, <stdint.h> of {clang_source}",
        "elf_machine": "<elf.h>",
        "bits": "__SIZEOF_POINTER__",
        "little_endian": "__BYTE_ORDER__",
        "char_signed": "__CHAR_UNSIGNED__",
        "long_double": "__LDBL_MANT_DIG__",
        "ucontext": "<sys/ucontext.h>, <sys/user.h>",
    }
    return {
        "name": machine,
        "macros": dict(sorted(sets["macros"].items())),
        "macros_optional": sorted(optional - set(sets["macros"])),
        "standard": compiler.standard_values(machine),
        "headers": sorted(found),
        "headers_foreign": sorted(foreign),
        "syscalls": dict(sorted(calls.items())),
        "builtins": sorted(builtins | set(debian["builtins"])),
        "ucontext": sorted(compiler.register_names(machine)),
        "elf_machine": compiler.elf_machine(machine),
        "bits": 8 * int(clang["__SIZEOF_POINTER__"]),
        "little_endian": clang["__BYTE_ORDER__"] == "__ORDER_LITTLE_ENDIAN__",
        "char_signed": "__CHAR_UNSIGNED__" not in clang,
        "page_sizes": written["page_sizes"],
        "memory_order": written["memory_order"],
        "cache_line": written["cache_line"],
        "long_double": long_double(clang),
        "unaligned_access": written["unaligned_access"],
        "names": written["names"],
        "since": written["since"],
        "sources": dict(sorted(sources.items())),
    }


def elsewhere(inputs: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the macros and headers of other machines, systems and compilers."""
    asked = inputs["compilers"]["elsewhere"]["targets"]
    names: set[str] = set()
    for target in asked:
        for name, value in compiler.macros(target).items():
            if TELLING.fullmatch(value) and not value.startswith("__builtin"):
                names.add(name)
    for listed in inputs["compilers"]["others"].values():
        names |= set(listed)
    for machine in MACHINES:
        names -= set(known[machine]["macros"]) | set(known[machine]["macros_optional"])
        names -= compiler.defined_by_headers(machine)
    names -= set(inputs["compilers"]["flags"]["names"])
    absent = set(inputs["compilers"]["absent_headers"]["names"])
    for machine in MACHINES:
        absent -= set(known[machine]["headers"])
    return {
        "macros": sorted(names),
        "headers": sorted(absent),
        "flags": sorted(inputs["compilers"]["flags"]["names"]),
        "sources": {
            "macros": f"clang of ziglang {version('ziglang')} for {', '.join(asked)}; "
            f"documented: {'; '.join(inputs['compilers']['others'])}",
            "headers": "documented: " + inputs["compilers"]["absent_headers"]["source"],
        },
    }


def system(known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the names that headers outside of any project declare, macros apart from the others.

    Of the kernel's headers only the reserved names (C17 7.1.3): the others (`DRM_...`, `KEY_...`)
    are seldom asked for in a condition, and are three times as many as all of the C library's.
    """
    names: set[str] = set()
    for machine in MACHINES:
        c_library, kernel = compiler.defined_by_library_and_kernel(machine)
        names |= c_library | {name for name in kernel if RESERVED.match(name)}
    for machine in MACHINES:
        names -= set(known[machine]["macros"])
    words = set.union(*(compiler.words_of_library(machine) for machine in MACHINES))
    cxx = {name for name in compiler.words_of_cxx_library() if not RESERVED.match(name)}
    origin = f"headers of ziglang {version('ziglang')}"
    return {
        "macros": sorted(names),
        "words": sorted(words - names),
        "cxx": sorted(cxx - words - names),
        "sources": {
            "macros": f"#define lines of the glibc and Linux {origin}, of all four architectures",
            "words": f"identifiers of the glibc {origin}, of all four architectures",
            "cxx": f"those of the C++ library of ziglang {version('ziglang')} that the others lack",
        },
    }


def assembler() -> dict[str, Any]:
    """Return what assemblers and inline assembly know on each machine."""
    source = f"clang of ziglang {version('ziglang')}"
    return {
        "machines": {
            machine: {
                "instructions": sorted(facts_assembler.mnemonics(machine)),
                "registers": sorted(facts_assembler.registers(machine)),
                "constraints": facts_assembler.constraints(machine),
                "modifiers": facts_assembler.modifiers(machine),
            }
            for machine in MACHINES
        },
        "sources": {
            "instructions": f"table of names in the assembly parser of {source}",
            "registers": f"clobbers that {source} takes",
            "constraints": f"operands that {source} takes",
            "modifiers": f"operands that {source} prints",
        },
    }


def read_inputs() -> dict[str, Any]:
    """Return the recorded and documented facts."""
    data = HERE / "facts"
    return {
        "debian": json.loads((data / "debian.json").read_text(encoding="utf-8")),
        "documented": tomllib.loads((data / "documented.toml").read_text(encoding="utf-8")),
        "compilers": tomllib.loads((data / "compilers.toml").read_text(encoding="utf-8")),
    }


def generate() -> dict[str, str]:
    """Return the text of every file, by name."""
    inputs = read_inputs()
    facts = {machine: architecture(machine, inputs) for machine in MACHINES}
    facts["elsewhere"] = elsewhere(inputs, facts)
    facts["system"] = system(facts)
    facts["assembler"] = assembler()
    facts["lacking"] = facts_lacking.lacking({machine: facts[machine] for machine in MACHINES}) | {
        "sources": {"names": f"headers of ziglang {version('ziglang')}, less headers_foreign"}
    }
    return {
        f"{name}.json": json.dumps(table, indent=0, ensure_ascii=True) + "\n"
        for name, table in facts.items()
    }


def main() -> None:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    stale = []
    for name, text in generate().items():
        path = FACTS / name
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(
            f"not what the compilers say now: {', '.join(stale)}; run scripts/generate_facts.py"
        )


if __name__ == "__main__":
    main()
