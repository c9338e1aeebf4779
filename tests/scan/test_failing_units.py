"""A tie in a header reaches the files that include it under the target's conditions, and no others.

Through the whole check, since who includes what is only looked at when a header fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from planted import LOONG

from duanban.check.core import CheckOptions, NotChecked, check
from duanban.targets.loader import load_target

Make = Callable[[Mapping[str, str | bytes]], Path]

TIE = "#include <immintrin.h>\n"
TODAY = date(2026, 11, 24)


def _fails(root: Path, target: str = LOONG) -> set[str]:
    options = CheckOptions(jobs=1, cache=False, read_config=False)
    (system,) = check([str(root)], [load_target(target)], options, TODAY)
    assert not isinstance(system, NotChecked)
    return {failure.path for failure in system.targets[0].fails}


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        pytest.param('#include "simd.h"', True, id="quotes"),
        pytest.param("#include <simd.h>", True, id="brackets, since -I may name any directory"),
        pytest.param('#include "../src/simd.h"', True, id="relative"),
        pytest.param('#include "./simd.h"', True, id="here"),
        pytest.param('  #  include\t"simd.h" /* why */', True, id="spaces and a comment"),
        pytest.param('#include \\\n"simd.h"', True, id="continued line"),
        pytest.param('#ifdef __x86_64__\n#include "simd.h"\n#endif', False, id="x86 only"),
        pytest.param('#ifndef __x86_64__\n#include "simd.h"\n#endif', True, id="not on x86"),
        pytest.param('#if 0\n#include "simd.h"\n#endif', False, id="never"),
        pytest.param('/* #include "simd.h" */', False, id="in a comment"),
        pytest.param('const char *s = "#include \\"simd.h\\"";', False, id="in a string"),
        pytest.param('#import "simd.h"', True, id="import"),
        pytest.param('#include "missing.h"', False, id="another header"),
    ],
)
def test_who_includes_a_failing_header(tree: Make, line: str, fails: bool) -> None:
    root = tree({"src/simd.h": TIE, "src/a.c": f"{line}\nint a;\n", "src/b.c": "int b;\n"})
    assert _fails(root) == ({"src/a.c"} if fails else set())


def test_brackets_look_in_the_include_directories(tree: Make) -> None:
    root = tree({"include/lib/simd.h": TIE, "src/a.c": "#include <lib/simd.h>\nint a;\n"})
    assert _fails(root) == {"src/a.c"}


def test_a_failure_goes_through_a_chain_of_headers(tree: Make) -> None:
    links = {f"h{n}.h": f'#include "h{n + 1}.h"\n' for n in range(20)}
    root = tree({**links, "h20.h": TIE, "a.c": '#include "h0.h"\n', "b.c": "int b;\n"})
    assert _fails(root) == {"a.c"}


def test_the_nearer_of_two_headers_of_one_name_is_meant(tree: Make) -> None:
    root = tree(
        {
            "one/simd.h": TIE,
            "one/a.c": '#include "simd.h"\n',
            "two/simd.h": "int plain;\n",
            "two/a.c": '#include "simd.h"\n',
        }
    )
    assert _fails(root) == {"one/a.c"}


def test_a_switch_that_is_set_before_the_include_counts(tree: Make) -> None:
    header = f"#ifdef WITH_SIMD\n{TIE}#endif\n"
    root = tree(
        {
            "simd.h": header,
            "on.c": '#define WITH_SIMD\n#include "simd.h"\n',
            "late.c": '#include "simd.h"\n#define WITH_SIMD\n',
            "off.c": '#include "simd.h"\n',
        }
    )
    assert _fails(root) == {"on.c"}


@pytest.mark.parametrize("guarded", [False, True])
def test_headers_that_include_each_other_end(tree: Make, guarded: bool) -> None:
    def header(own: str, other: str, more: str = "") -> str:
        guard = f"#ifndef {own}_H\n#define {own}_H\n" if guarded else ""
        return f'{guard}#include "{other}.h"\n{more}' + ("#endif\n" if guarded else "")

    root = tree(
        {
            "a.h": header("A", "b"),
            "b.h": header("B", "c", TIE),
            "c.h": header("C", "a"),
            "self.h": '#include "self.h"\n',
            "u.c": '#include "a.h"\nint u;\n',
            "s.c": '#include "self.h"\nint s;\n',
        }
    )
    assert _fails(root) == {"u.c"}


def test_a_header_alone_is_no_unit(tree: Make) -> None:
    assert _fails(tree({"simd.h": TIE})) == set()


def test_on_x86_nothing_of_this_fails(tree: Make) -> None:
    root = tree({"simd.h": TIE, "a.c": '#include "simd.h"\n'})
    assert _fails(root, "eu-csf-debian-sid-amd64") == set()


@pytest.mark.parametrize(("call", "there"), [("__NR_openat", True), ("__NR_arch_prctl", False)])
def test_a_system_call_that_the_machine_has_decides_a_condition(
    tree: Make, call: str, there: bool
) -> None:
    text = f"#if defined({call})\nint f = 1;\n#else\nint f = __NR_open;\n#endif\n"
    root = tree({"a.c": f"#include <sys/syscall.h>\n{text}"})
    options = CheckOptions(jobs=1, cache=False, read_config=False)
    (system,) = check([str(root)], [load_target(LOONG)], options, TODAY)
    assert not isinstance(system, NotChecked)
    found = [finding.rule for finding in system.targets[0].findings]
    assert found == ([] if there else ["os.syscalls.name"])
