"""Macros that one file defines and another asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from planted import places, scan

Make = Callable[[Mapping[str, str | bytes]], Path]

USER = '#include "config.h"\n#ifdef USE_SSE\n#include <emmintrin.h>\n#endif\n'


def _states(root: Path) -> set[tuple[str, bool]]:
    return {(path, certain) for path, _, _, certain in places(scan(root))}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param("#define USE_SSE 1\n", {("a.c", True)}, id="on everywhere"),
        pytest.param("#ifdef __x86_64__\n#define USE_SSE\n#endif\n", set(), id="on x86 only"),
        pytest.param(
            "#ifdef __loongarch__\n#define USE_SSE\n#endif\n", {("a.c", True)}, id="on the target"
        ),
        pytest.param("/* nobody defines it */\n", set(), id="never"),
        pytest.param(
            "#ifdef MID\n#define USE_SSE\n#endif\n", set(), id="through a macro nobody defines"
        ),
        pytest.param(
            "#define MID\n#ifdef MID\n#define USE_SSE\n#endif\n",
            {("a.c", True)},
            id="through a macro that is on",
        ),
    ],
)
def test_a_switch_in_a_header(tree: Make, config: str, expected: set[tuple[str, bool]]) -> None:
    assert _states(tree({"config.h": config, "a.c": USER})) == expected


def test_a_chain_of_headers(tree: Make) -> None:
    links = {f"h{n}.h": f"#ifdef M{n}\n#define M{n + 1}\n#endif\n" for n in range(3)}
    user = "#ifdef M3\n#include <emmintrin.h>\n#endif\n"
    assert _states(tree({**links, "a.c": user})) == set()
    assert _states(tree({**links, "on.h": "#define M0\n", "a.c": user})) == {("a.c", True)}


def test_what_the_build_system_may_define_stays_open(tree: Make) -> None:
    user = "#ifdef USE_FAST\n#include <emmintrin.h>\n#endif\n"
    assert _states(tree({"Makefile": "CFLAGS += -DUSE_FAST\n", "a.c": user})) == {("a.c", False)}


def test_a_switch_that_names_another_architecture_is_off(tree: Make) -> None:
    assert _states(tree({"Makefile": "CFLAGS += -DUSE_SSE\n", "a.c": USER})) == set()


@pytest.mark.parametrize(
    ("macro", "expected"),
    [
        ("HAVE_EMMINTRIN_H", set()),
        ("HAVE_UNISTD_H", {("a.c", True)}),
        ("HAVE_IOPL", set()),
        ("HAVE_MMAP", {("a.c", False)}),
    ],
)
def test_a_check_is_answered_from_the_target(
    tree: Make, macro: str, expected: set[tuple[str, bool]]
) -> None:
    root = tree(
        {
            "configure.ac": "AC_CHECK_HEADERS([emmintrin.h unistd.h])\nAC_CHECK_FUNCS([iopl])\n",
            "config.h.in": f"#undef {macro}\n",
            "a.c": f'#include "config.h"\n#ifdef {macro}\n#include <xmmintrin.h>\n#endif\n',
        }
    )
    assert _states(root) == expected


def test_macros_that_define_each_other_end(tree: Make) -> None:
    root = tree(
        {
            "a.h": "#ifdef B\n#define A\n#endif\n",
            "b.h": "#ifdef A\n#define B\n#endif\n",
            "c.c": "#ifdef A\n#include <emmintrin.h>\n#endif\n",
        }
    )
    assert _states(root) == set()


def test_what_a_file_defines_itself_does_not_hold_before(tree: Make) -> None:
    text = "#ifdef HERE\n#include <emmintrin.h>\n#endif\n#define HERE\n"
    assert _states(tree({"a.c": text})) == set()
    later = "#define HERE\n#ifdef HERE\n#include <emmintrin.h>\n#endif\n"
    assert _states(tree({"a.c": later})) == {("a.c", True)}


def test_a_header_that_the_tree_brings_is_no_tie(tree: Make) -> None:
    user = "#include <cpuid.h>\n"
    assert _states(tree({"a.c": user})) == {("a.c", True)}
    assert _states(tree({"a.c": user, "compat/cpuid.h": "/* our own */\n"})) == set()
    assert _states(tree({"a.c": user, "compat/cpuid.h": "", "x86/b.c": ""})) == set()
