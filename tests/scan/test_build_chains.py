"""Chains of conditions in build files, and which of their lines are for a target."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.model import Truth
from duanban.scan.build.chains import chains_of
from duanban.scan.build.source import joined
from duanban.scan.interface import MacroEnvironment
from duanban.scan.readers import read_source

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def environment(machine):
    return MacroEnvironment({}, frozenset(), lambda _: Truth.UNKNOWN, machine=machine)


def states(language, text, machine="riscv64"):
    """Return the state of each line of a file on a machine."""
    regions = read_source(language, text.encode()).regions(environment(machine))
    return [region.state for region in regions for _ in range(region.line, region.end_line + 1)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("make", "ifeq ($(ARCH),x86_64)\nA=1\nelse\nB=1\nendif\nC=1", [T, F, T, T, T, T]),
        ("make", "ifneq (,$(filter x86_64 riscv64,$(ARCH)))\nA=1\nendif", [T, T, T]),
        ("make", "ifneq (,$(filter x86_64 amd64,$(ARCH)))\nA=1\nendif", [T, F, T]),
        ("make", "ifeq ($(filter x86_64,$(ARCH)),)\nA=1\nendif", [T, T, T]),
        ("make", "ifneq ($(ARCH),x86_64)\nA=1\nelse ifeq ($(M),1)\nB=1\nendif", [T, T, T, F, T]),
        ("make", "ifdef DEBUG\nA=1\nendif", [T, F, T]),
        ("make", "DEBUG ?= 1\nifdef DEBUG\nA=1\nendif", [T, T, T, T]),
        ("make", "ifndef TOP\nTOP = .\nI = no\nendif\nifeq ($(I),no)\nA=1\nendif", [T] * 7),
        ("make", "ifdef DEBUG\nA=1\nendif\nDEBUG = 1", [T, F, T, T]),
        ("make", "D = $(shell x)\nifeq ($(D),1)\nA=1\nendif", [T, T, U, T]),
        (
            "make",
            "a:\n\tif [ x ]; then \\\n\t\ty; \\\n\telse \\\n\t\tz; \\\n\tfi\nifdef D\nA=1\nendif",
            [T, T, T, T, T, T, T, F, T],
        ),
        ("make", "if HAVE_X\nA=1\nelse !HAVE_X\nA=2\nendif HAVE_X", [T, U, T, U, T]),
        ("make", ".if ${ARCH} == amd64\nA=1\n.else\nA=2\n.endif", [T, F, T, T, T]),
        ("make", "ifeq ($(OS),Windows_NT)\nA=1\nelse\nB=1\nendif", [T, F, T, T, T]),
        (
            "cmake",
            'if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86|amd64" AND\n   X)\nA()\nelse()\nB()\nendif()',
            [T, T, F, T, T, T],
        ),
        ("cmake", "if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL riscv64)\nA()\nendif()", [T, F, T]),
        ("cmake", "if(WIN32 OR APPLE)\nA()\nelseif(UNIX)\nB()\nendif()", [T, F, T, T, T]),
        ("cmake", "if(WITH_THING)\nA()\nendif()", [T, U, T]),
        (
            "meson",
            "if host_machine.cpu_family() == 'x86_64'\na\nelif x\nb\nelse\nc\nendif",
            [T, F, T, U, T, U, T],
        ),
        (
            "meson",
            "if host_machine.cpu_family() in ['x86', 'riscv64']\na\nendif",
            [T, T, T],
        ),
        (
            "shell",
            'case "$(uname -m)" in\n  x86_64)\n    a ;;\n  riscv*)\n    b ;;\n  *) c ;;\nesac',
            [T, F, F, T, T, F, T],
        ),
        ("shell", 'if test "$cpu" = x86_64; then\n  a\nelse\n  b\nfi', [T, F, T, T, T]),
        ("shell", 'echo "if only"\nif [ "$m" = "xaarch64" ]; then\n  a\nfi', [T, T, F, T]),
        (
            "autoconf",
            "case $host in\n[i?86-*])\n a;;\nriscv64-*-darwin*) b;;\n*) c;;\nesac",
            [T, F, F, F, T, T],
        ),
        ("python", 'if m == "x86_64":\n  a\nelse:\n  b\nc', [T, F, T, T, T]),
        ("python", 'if m not in (\n "x86_64",\n "arm64"):\n  a\n\nb', [T, T, T, T, T, T]),
        ("python", 'if x and (m == "x86_64") and y:\n  a\n  b', [T, F, F]),
        ("python", 'if x:\n  a\nif m == "riscv64": a\n', [T, T, T, T]),
        ("python", "if test_compilation(x, ['-msse2']):\n  a\nb", [T, U, T]),
        ("python", 'def f():\n  """\n  if m == "x86":\n    a\n  """\n  b', [T] * 6),
        (
            "python",
            'if m == "i386":\n  if z:\n    a\n  b\nelif m == "riscv64":\n  c\nelse:\n  d',
            [T, F, F, F, T, T, T, F],
        ),
    ],
)
def test_states_of_lines(language, text, expected):
    assert states(language, text) == expected


def test_conditions_on_machines_are_told_from_others():
    text = "if(CMAKE_SYSTEM_PROCESSOR MATCHES x86)\na()\nelse()\nb()\nendif()\nif(X)\nc()\nendif()"
    regions = read_source("cmake", text.encode()).regions(environment("riscv64"))
    named = {line for r in regions if r.names_machine for line in range(r.line, r.end_line + 1)}
    assert named == {2, 4}


def test_nested_branches_are_at_most_as_true_as_what_is_around_them():
    text = (
        "if(WITH_X)\nif(UNIX)\na()\nendif()\nendif()\nif(WIN32)\nif(WITH_Y)\nb()\nendif()\nendif()"
    )
    assert states("cmake", text)[2] is U
    assert states("cmake", text)[7] is F


@given(
    st.sampled_from(["make", "cmake", "meson", "shell", "autoconf", "c", "python"]),
    st.lists(
        st.sampled_from(
            [
                *("if x; then\n", "if(", ")\n", "ifeq (a,b)\n", "else\n", "elif x\n", "fi\n"),
                *(
                    "case x in\n",
                    "a)",
                    ";;\n",
                    "esac\n",
                    "endif\n",
                    "#if A\n",
                    "#endif\n",
                    "'",
                    '"',
                ),
                *("if m in (\n", "  if m == 'x86':\n", "elif y:\n", "else:\n", "  a\n"),
                *("endif()\n", "x86_64", "arm64|mips)\n", "\\\n", "\n"),
            ]
        ),
        max_size=40,
    ),
)
def test_any_text_gives_every_line_one_state(language, parts):
    text = "".join(parts)
    for chain in chains_of(language, text.encode()):
        assert chain.line <= chain.end_line + 1
        assert all(branch.line >= chain.line for branch in chain.branches)
    regions = read_source(language, text.encode()).regions(environment("loongarch64"))
    assert regions[0].line == 1
    assert all(a.end_line + 1 == b.line for a, b in pairwise(regions))


@given(st.text(alphabet="ab \n'", max_size=60))
def test_joined_puts_back_what_a_view_left_out(text):
    data = text.encode()
    hidden = bytes(32 if i % 2 and c != 10 else c for i, c in enumerate(data))
    rest = bytes(32 if not i % 2 and c != 10 else c for i, c in enumerate(data))
    assert joined(hidden, rest) == data
