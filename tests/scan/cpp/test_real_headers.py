"""The tracker on real headers, against what clang keeps of them for each target."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.readers import read_source

ziglang = importlib.util.find_spec("ziglang")
pytestmark = pytest.mark.skipif(ziglang is None, reason="ziglang is not installed")

HEADERS = [
    "features.h", "stdint.h", "string.h", "math.h", "fcntl.h", "sys/types.h",
    "byteswap.h", "limits.h", "complex.h", "pthread.h", "tgmath.h", "wchar.h",
]  # fmt: skip
TARGETS = ("x86_64", "aarch64", "riscv64", "loongarch64")
DECLARATIONS = (b"extern", b"typedef")
_DEFINE = re.compile(rb"#define (\w+) ?(.*)")


def clang(target, *options, text=b""):
    command = [sys.executable, "-m", "ziglang", "cc", "-target", f"{target}-linux-gnu", *options]
    result = subprocess.run(command, input=text, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


@cache
def macros(target):
    found = clang(target, "-dM", "-E", "-xc", "-")
    return {m[1]: m[2] for m in _DEFINE.finditer(found)}


def environment(target):
    """Return what a target file would say: reserved names that only other machines define."""
    own = macros(target)
    others = {name for other in TARGETS for name in macros(other)} - set(own)
    return MacroEnvironment(own, frozenset(others), lambda _: Truth.UNKNOWN)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_states_agree_with_clang(target):
    root = Path(ziglang.submodule_search_locations[0], "lib/libc/include/generic-glibc")
    env = environment(target)
    sure = wrong = 0
    for name in HEADERS:
        data = (root / name).read_bytes()
        out = clang(target, "-E", "-xc", "-", text=b"#include <%s>\n" % name.encode())
        kept = lines_kept(out, name)
        # A line of code may yield nothing (macro calls), so only the other way is a test of TRUE:
        # what is FALSE must not be kept, and a region of TRUE plain declarations must be.
        source = read_source("c", data)
        code = source.code.split(b"\n")
        directive = source.directives.split(b"\n")
        for region in source.regions(env):
            for line in range(region.line, min(region.end_line, len(code)) + 1):
                if directive[line - 1].strip() or not code[line - 1].strip():
                    continue
                if region.state is Truth.FALSE:
                    sure += 1
                    wrong += line in kept
                elif region.state is Truth.TRUE and code[line - 1].startswith(
                    (b"extern", b"typedef")
                ):
                    sure += 1
                    wrong += line not in kept
    assert wrong == 0
    assert sure > 100


def lines_kept(output, name):
    """Return the numbers of the lines of the header that stand in clang's output."""
    kept, line, inside = set(), 0, False
    for text in output.split(b"\n"):
        marker = re.match(rb'# (\d+) "([^"]*)"', text)
        if marker:
            line, inside = int(marker[1]), marker[2].endswith(b"/generic-glibc/" + name.encode())
            continue
        if inside and text.strip():
            kept.add(line)
        line += 1
    return kept
