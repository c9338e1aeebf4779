"""Which units are predicted to fail, from a tree on disk to the report."""

from datetime import date

import pytest

from duanban.check.core import CheckOptions, check
from duanban.model import Severity
from duanban.targets.loader import load_target

TARGETS = [load_target("debian-sid-loong64"), load_target("debian-sid-arm64")]


@pytest.fixture
def loong(tmp_path):
    """Return a function that checks a tree for loong64 and returns the result."""

    def run(files, target=0):
        for name, text in files.items():
            path = tmp_path / "tree" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        options = CheckOptions(jobs=1, cache=False, read_config=False)
        (system,) = check([str(tmp_path / "tree")], TARGETS, options, date(2026, 11, 24))
        return system.targets[target]

    return run


def failing(result):
    rules = {finding.id: finding.rule for finding in result.findings}
    return {failure.path: {rules[i] for i in failure.because} for failure in result.fails}


ARCH_H = """
#if defined(__x86_64__) || defined(__ssp_only_here__)
#define PROJECT_X86
#elif defined(__aarch64__)
#define PROJECT_ARM
#endif
"""
ATOMIC_H = """
#include "arch.h"
#if defined(PROJECT_X86)
int x;
#elif defined(PROJECT_ARM)
int y;
#else
#error "Cannot build: unrecognized architecture"
#endif
"""


def test_a_chain_on_macros_of_the_projects_own_stops_every_unit_that_comes_to_it(loong):
    files = {
        "arch.h": ARCH_H,
        "atomic.h": ATOMIC_H,
        "a.c": '#include "atomic.h"\nint a;\n',
        "b.c": "int b;\n",
    }
    result = loong(files)
    assert failing(result) == {"a.c": {"chip.error.unknown-architecture"}}
    (finding,) = [f for f in result.findings if f.rule == "chip.error.unknown-architecture"]
    assert (finding.path, finding.severity) == ("atomic.h", Severity.BLOCKS)
    assert failing(loong(files, target=1)) == {}


def test_an_error_that_stops_x86_as_well_is_no_matter_of_the_architecture(loong):
    text = '#ifndef CONFIGURED\n#error "run configure for your platform first"\n#endif\n'
    assert failing(loong({"a.c": text, "arch.h": ARCH_H})) == {}


def test_assembly_in_a_macro_counts_where_the_macro_is_used(loong):
    files = {
        "tsc.h": '#define ticks(lo, hi) asm volatile("rdtsc" : "=a"(lo), "=d"(hi))\n'
        "#define twice(a, b) do { ticks(a, b); ticks(a, b); } while (0)\n",
        "direct.c": '#include "tsc.h"\nvoid f(int a, int b) { ticks(a, b); }\n',
        "through.c": '#include "tsc.h"\nvoid f(int a, int b) { twice(a, b); }\n',
        "unused.c": '#include "tsc.h"\nvoid f(int a, int b) { /* ticks(a, b) */ }\n',
    }
    assert failing(loong(files)).keys() == {"direct.c", "through.c"}


def test_a_header_that_a_switch_leaves_out_by_default_is_not_compiled(loong):
    files = {
        "vec.h": "#include <immintrin.h>\n",
        "off.c": '#ifdef WITH_VECTORS\n#include "vec.h"\n#endif\n',
        "on.c": '#ifndef WITHOUT_VECTORS\n#include "vec.h"\n#endif\n',
        "Makefile": "CFLAGS += -DWITH_VECTORS -DWITHOUT_VECTORS\n",
    }
    assert failing(loong(files)) == {"on.c": {"chip.headers.missing"}}
