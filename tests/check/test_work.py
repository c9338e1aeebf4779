"""How much a check does for a small tree: counted, not timed, so that an accidental doubling shows.

Where a bound is passed for a good reason, raise it, and say in docs/performance.md what it buys.
"""

from collections import Counter
from datetime import date

import pytest

from duanban.check.core import CheckOptions, check
from duanban.scan import read
from duanban.scan.cpp.tracker import Run
from duanban.scan.examine import Examiner
from duanban.scan.readers.preprocessed import PreprocessedSource
from duanban.scan.units.preprocess import UnitRun
from duanban.targets.loader import load_target

UNITS, HEADERS = 60, 20
ARCH = """\
#ifndef ARCH_H
#define ARCH_H
#if defined(__x86_64__)
#define FAST_PATH 1
#define PAUSE() __asm__ volatile("pause")
int fast_call(int);
#else
#define PAUSE()
#endif
#endif
"""
STOP = """\
#if !defined(__x86_64__) && !defined(__aarch64__)
#error "unknown machine"
#endif
"""

BOUNDS = {
    # For one target, and for three.
    "files opened": (320, 330),
    "files examined": (104, 104),
    "sources taken apart": (105, 105),
    "units run": (150, 300),
    "files gone through": (365, 755),
    "steps of the preprocessor": (6750, 14300),
    "facts asked for": (4600, 9000),
}
"""A quarter above what is done."""
ONE = ("debian-sid-loong64",)
THREE = (*ONE, "debian-sid-riscv64", "debian-sid-arm64")


def header(number: int) -> str:
    """Return a header that includes those before it and has conditions of its own."""
    guard = f"H{number}_H"
    before = "".join(f'#include "h{n}.h"\n' for n in range(max(0, number - 3), number))
    conditions = "".join(
        f"#if defined(OPTION_{number}_{n})\n#define VALUE_{number}_{n} {n}\n#endif\n"
        for n in range(10)
    )
    return (
        f'#ifndef {guard}\n#define {guard}\n#include "arch.h"\n{before}{conditions}'
        f"#ifdef FAST_PATH\nint with_{number}(void);\n#endif\nint plain_{number}(void);\n#endif\n"
    )


def unit(number: int) -> str:
    """Return a unit that includes some headers, in an order of its own."""
    names = sorted({number % HEADERS, number * 7 % HEADERS, HEADERS - 1 - number % 5})
    includes = "".join(f'#include "h{n}.h"\n' for n in names[:: 1 if number % 2 else -1])
    use = "PAUSE();" if number % 4 == 0 else f"with_{names[0]}();" if number % 4 == 1 else ""
    stop = '#include "stop.h"\n' if number % 6 == 0 else ""
    return f"#include <stdio.h>\n{includes}{stop}int f{number}(void) {{ {use} return 0; }}\n"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    (root / "arch.h").write_text(ARCH)
    (root / "stop.h").write_text(STOP)
    (root / "Makefile").write_text("CFLAGS += -DOPTION_3_1\nall: f\n")
    for number in range(HEADERS):
        (root / f"h{number}.h").write_text(header(number))
    for number in range(UNITS):
        (root / f"u{number}.c").write_text(unit(number))
    return root


@pytest.fixture
def counted(monkeypatch):
    """Return the counter of what is done from now on."""
    counts = Counter()

    def count(owner, name, what):
        original = getattr(owner, name)

        def counting(*arguments, **named):
            counts[what] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)

    count(read, "open_regular", "files opened")
    count(Examiner, "examine", "files examined")
    count(PreprocessedSource, "__init__", "sources taken apart")
    count(UnitRun, "_go_through", "files gone through")
    count(Run, "take", "steps of the preprocessor")

    run = UnitRun.__init__

    def running(self, *arguments):
        run(self, *arguments)
        counts["units run"] += 1
        counts["facts asked for"] += self.known.asked

    monkeypatch.setattr(UnitRun, "__init__", running)
    return counts


@pytest.mark.parametrize(("targets", "at"), [(ONE, 0), (THREE, 1)])
def test_a_check_does_no_more_than_it_did(tree, counted, targets, at):
    options = CheckOptions(jobs=1, cache=False, read_config=False)
    (system,) = check([str(tree)], [load_target(t) for t in targets], options, date(2026, 11, 26))
    stopped = {f"u{n}.c" for n in range(0, UNITS, 6)}
    lacking = {f"u{n}.c" for n in range(1, UNITS, 4)}  # `with_...` is declared on x86-64 alone
    assert {failure.path for failure in system.targets[0].fails} == stopped | lacking
    bounds = {what: pair[at] for what, pair in BOUNDS.items()}
    too_much = {what: n for what, n in counted.items() if n > bounds[what]}
    assert not too_much
    # A bound that is twice what is done would let a doubling pass.
    loose = {what: n for what, n in counted.items() if 1.5 * n < bounds[what]}
    assert not loose
    assert counted.keys() == bounds.keys()
