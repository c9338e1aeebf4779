"""What clang's assemblers and inline assembly know on each machine (of PyPI's ziglang).

The instructions stand in the program itself: LLVM's assembly parsers look them up in one string of
names with their lengths before them, sorted (`MnemonicTable`). The rest is asked of the compiler,
statement by statement.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache

from facts_compiler import zig_directory

# Instructions that no other machine's table has, and that stand somewhere within it.
ANCHORS = {
    "x86_64": "xsaves64",
    "aarch64": "zipq1",
    "riscv64": "vwredsumu.vs",
    "loongarch64": "xvxori.b",
}
LONGEST = 40
NAME = re.compile(rb"[a-z0-9_.@]+")
VALUES = (
    -70000, -4097, -4096, -2049, -2048, -129, -128, -33, -32, -1, 0, 1, 3, 4, 7, 8, 15, 16, 31, 32,
    63, 64, 127, 128, 255, 256, 2047, 2048, 4095, 4096, 65535, 65536, 0x12345678,
)  # fmt: skip
"""Constants that operands are tried with."""
CONDITIONS = [
    "a",
    "ae",
    "b",
    "be",
    "c",
    "e",
    "z",
    "g",
    "ge",
    "l",
    "le",
    "na",
    "nae",
    "nb",
    "nbe",
    "nc",
    "ne",
    "ng",
    "nge",
    "nl",
    "nle",
    "no",
    "np",
    "ns",
    "nz",
    "o",
    "p",
    "s",
    "eq",
    "hs",
    "cs",
    "lo",
    "cc",
    "mi",
    "pl",
    "vs",
    "vc",
    "hi",
    "ls",
    "lt",
    "gt",
]
"""Conditions whose outcome may be an output."""
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = [
    "",
    "x",
    "w",
    "v",
    "q",
    "d",
    "s",
    "h",
    "b",
    "f",
    "a",
    "t",
    "fa",
    "ft",
    "fs",
    "xmm",
    "ymm",
    "zmm",
    "mm",
    "k",
    "cr",
    "dr",
    "fcc",
    "vr",
    "xr",
    "z",
    "p",
    "st",
    "g",
    "o",
    "l",
    "i",
    "$",
    "$f",
    "$r",
    "$a",
    "$t",
    "$s",
    "$fa",
    "$ft",
    "$fs",
    "$fcc",
    "$vr",
    "$xr",
]
"""What stands before the number in the names of registers, on any machine."""
OTHERS = [
    "cs",
    "ds",
    "es",
    "fs",
    "gs",
    "ss",
    "st",
    "cc",
    "memory",
    "sil",
    "dil",
    "bpl",
    "spl",
    "fpsr",
    "fpcr",
    "dirflag",
    "mxcsr",
    "sp",
    "lr",
    "fp",
    "pc",
    "ra",
    "gp",
    "tp",
    "zero",
    "wsp",
    "xzr",
    "wzr",
    "nzcv",
    "flags",
    "vl",
    "vtype",
    "vxsat",
    "vxrm",
    "ffr",
    "ctr",
    "xer",
    "cr",
    "hi",
    "lo",
    "$ra",
    "$tp",
    "$sp",
    "$fp",
    "$zero",
    "$at",
]
ERROR = re.compile(r"^<stdin>:(\d+):\d+: (?:fatal )?error: ", re.MULTILINE)


@cache
def _program() -> bytes:
    return (zig_directory() / "zig").read_bytes()


def mnemonics(machine: str) -> set[str]:
    """Return the instructions that the assembler for `machine` knows, aliases among them."""
    anchor = ANCHORS[machine].encode()
    at = _program().find(bytes([len(anchor)]) + anchor)
    if at < 0:
        raise SystemExit(f"no instructions of {machine} in the program: choose another anchor")
    begin = at
    while (before := _before(begin)) is not None:
        begin = before
    found = []
    while (name := _name(begin)) and (not found or name > found[-1]):
        found.append(name)
        begin += 1 + len(name)
    return {name.decode() for name in found}


def _name(at: int) -> bytes:
    """Return the name whose length stands at `at`, or nothing."""
    length = _program()[at]
    name = _program()[at + 1 : at + 1 + length]
    return name if 0 < length <= LONGEST and NAME.fullmatch(name) else b""


def _before(at: int) -> int | None:
    """Return where the entry of a table begins that ends at `at`."""
    after = _name(at)
    for length in range(1, LONGEST + 1):
        name = _name(at - length - 1)
        if len(name) == length and name < after:
            return at - length - 1
    return None


def refused(machine: str, statements: Iterable[str]) -> set[int]:
    """Return the numbers of those lines of C, each a function of its own, with an error."""
    lines = dict(enumerate(statements))
    found: set[int] = set()
    pending = [sorted(lines)]
    while pending:
        numbers = pending.pop()
        new = _errors(machine, [lines[number] for number in numbers])
        if new is None and len(numbers) > 1:  # the compiler itself failed: at one of them
            middle = len(numbers) // 2
            pending += [numbers[:middle], numbers[middle:]]
        elif new is None:
            found.update(numbers)
        elif new:  # errors of one phase hide those of the next
            found.update(numbers[n] for n in new)
            pending.append([number for number in numbers if number not in found])
    return found


def _errors(machine: str, lines: list[str]) -> set[int] | None:
    """Return the numbers of the lines with an error; None if the compiler crashed."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {
            "ZIG_LOCAL_CACHE_DIR": scratch,
            "ZIG_GLOBAL_CACHE_DIR": scratch,
            "TMPDIR": scratch,
            "LC_ALL": "C",
        }
        command = [str(zig_directory() / "zig"), "clang", "-target", f"{machine}-linux-gnu", "-w"]
        command += ["-x", "c", "-ferror-limit=0", "-c", "-O0", "-o", os.devnull, "-"]
        run = subprocess.run(
            command,
            input="\n".join(lines),
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
    if not run.returncode:
        return set()
    return {int(n) - 1 for n in ERROR.findall(run.stderr)} or None


def accepted(machine: str, statements: Mapping[str, str]) -> set[str]:
    """Return the keys of those statements that compile."""
    bad = refused(machine, statements.values())
    return {key for number, key in enumerate(statements) if number not in bad}


def constraints(machine: str) -> dict[str, list[int] | None]:
    """Return the constraints that the machine has: those of one letter, and conditions (`@cc`).

    None if it takes a variable; else the constants of `VALUES` that it takes.
    """
    tried: dict[str, str] = {}
    for letter in LETTERS:
        for kind in ("int", "long", "float", "double", "void *"):
            tried[f"{letter} {kind} in"] = f'{{ {kind} x; __asm__("" : : "{letter}"(x)); }}'
            tried[f"{letter} {kind} out"] = f'{{ {kind} x; __asm__("" : "={letter}"(x)); }}'
        for value in VALUES:
            tried[f"{letter} {value}"] = f'{{ __asm__("" : : "{letter}"({value})); }}'
    good = accepted(
        machine, {key: f"void f{n}(void) {body}" for n, (key, body) in enumerate(tried.items())}
    )
    found: dict[str, list[int] | None] = {}
    for letter in LETTERS:
        mine = {key[2:] for key in good if key[0] == letter}
        values = [value for value in VALUES if str(value) in mine]
        if any(key.endswith((" in", " out")) for key in mine):
            found[letter] = None
        elif values:
            found[letter] = values
    flags = {
        f"@cc{flag}": f'int f{n}(int a) {{ int r; __asm__("" : "=@cc{flag}"(r)); return r; }}'
        for n, flag in enumerate(CONDITIONS)
    }
    return found | dict.fromkeys(sorted(accepted(machine, flags)))


def modifiers(machine: str) -> str:
    """Return the letters that may stand between `%` and the number of an operand."""
    operands = ('"r"(1)', '"i"(8)', '"m"(x)', '"r"(x)', '"X"(y)', '"X"(d)')
    tried = {
        f"{letter}{n}": f"void f{letter}{n}(void) {{ int x = 0, y[2]; double d = 1; "
        f'__asm__ volatile("# %{letter}0" : : {operand}); }}'
        for letter in LETTERS
        for n, operand in enumerate(operands)
    }
    return "".join(sorted({key[0] for key in accepted(machine, tried)}))


def registers(machine: str) -> set[str]:
    """Return the names that clobbers and variables in registers may have."""
    tried = {
        name: f'void f{n}(void) {{ __asm__ volatile("" : : : "{name}"); }}'
        for n, name in enumerate(sorted(_register_names()))
    }
    return accepted(machine, tried)


def _register_names() -> set[str]:
    wide = ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip", "flags")
    names = {f"{size}{name}" for size in ("", "e", "r") for name in wide}
    names |= {f"{a}{b}" for a in "abcd" for b in "lh"}
    names |= {f"r{n}{size}" for n in range(32) for size in ("", "b", "w", "d")}
    names |= {f"{kind}{n}" for kind in KINDS for n in range(32)}
    return names | {f"st({n})" for n in range(8)} | set(OTHERS)
