"""Whole units: includes are followed, and headers that do the same again are not read again."""

import random
import shutil
import subprocess

import pytest

from duanban.model import Truth
from duanban.scan.place import Elsewhere
from duanban.scan.setup import environment_of, reference_environment
from duanban.scan.units import preprocess
from duanban.scan.units.finder import Platform
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.sources import SourceTree
from duanban.targets.loader import load_target

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
LOONG = environment_of(load_target("debian-sid-loong64"))


def workshop(files, environment=LOONG, architecture="loongarch64"):
    elsewhere = Elsewhere(files, [architecture])
    tree = SourceTree(files, lambda path: files[path].encode())
    return Workshop(tree, Platform(architecture, environment, elsewhere))


def states(files, unit="main.c", mark="HERE", **options):
    """Return the states, in order, of the lines that hold `mark` wherever they are compiled."""
    run = UnitRun(workshop(files, **options), unit)
    return [
        visit.state(number)
        for visit in run.visits
        for number, line in enumerate(files[visit.path].split("\n"), 1)
        if mark in line
    ]


ARCH_H = """
#ifndef ARCH_H
#define ARCH_H
#if defined(__x86_64__) || defined(__amd64__)
#define PROJECT_X86 1
#elif defined(__nios2__) || defined(__tile__)
#define PROJECT_OLD 1
#endif
#endif
"""


def test_what_a_header_defines_decides_the_conditions_after_it():
    main = '#include "arch.h"\n#if defined(PROJECT_X86)\n#else\nHERE\n#endif\n'
    files = {"arch.h": ARCH_H, "main.c": main}
    assert states(files) == [T]
    assert states(files, environment=reference_environment(), architecture="x86_64") == [F]


def test_a_macro_that_no_file_defines_is_not_defined():
    assert states({"main.c": "#ifdef PROJECT_WITH_ASM\nHERE\n#endif\n"}) == [F]


def test_what_the_systems_headers_may_define_is_not_known():
    assert states({"main.c": "#ifdef MAP_HUGETLB\nHERE\n#endif\n"}) == [U]


def test_byte_order_and_sizes_are_those_of_the_targets():
    text = "#if __BYTE_ORDER == __BIG_ENDIAN || SIZEOF_LONG == 4\nHERE\n#endif\n"
    assert states({"main.c": text}) == [F]


@pytest.mark.parametrize(("header", "state"), [("STDIO", T), ("SYS_IO", F), ("IMMINTRIN", F)])
def test_a_header_check_is_answered_by_the_target(header, state):
    assert states({"main.c": f"#if HAVE_{header}_H\nHERE\n#endif\n"}) == [state]


@pytest.mark.parametrize("macro", ["HAVE_IOPL", "PROJECT_HAVE_IOPERM", "HAVE_DECL_REG_RIP"])
def test_a_check_for_a_name_of_other_machines_fails(macro):
    main = f"#if {macro}\nHERE\n#endif\n"
    assert states({"main.c": main}) == [F]
    assert states({"main.c": main}, environment=reference_environment()) == [U]


def test_another_check_of_a_configure_step_is_not_known():
    assert states({"main.c": "#if HAVE_FANCY_CALL\nHERE\n#endif\n"}) == [U]


@pytest.mark.parametrize(("unit", "state"), [("main.c", F), ("main.cc", T)])
def test_the_language_of_the_unit_holds_in_its_headers(unit, state):
    files = {"a.h": "#ifdef __cplusplus\nHERE\n#endif\n", unit: '#include "a.h"\n'}
    assert states(files, unit) == [state]


def test_include_guards_and_pragma_once_let_a_header_in_once():
    files = {
        "guarded.h": "#ifndef G\n#define G\nHERE\n#endif\n",
        "once.h": "#pragma once\nHERE\n",
        "main.c": '#include "guarded.h"\n#include "once.h"\n' * 2,
    }
    assert states(files) == [T, T, F]


def test_a_header_without_guard_is_a_new_one_each_time():
    files = {
        "table.h": "#if N == 1\nHERE\n#endif\n",
        "main.c": '#define N 1\n#include "table.h"\n#undef N\n#define N 2\n#include "table.h"\n',
    }
    assert states(files) == [T, F]


def test_an_include_may_be_named_by_a_macro():
    files = {"impl.h": "HERE\n", "main.c": '#define IMPL "impl.h"\n#include IMPL\n'}
    assert states(files) == [T]


@pytest.mark.parametrize(
    "text",
    [
        "#define P(a, b, c) a##b##c\n#define XYZ 7\n#if P(X, Y, Z) == 7\nHERE\n#endif\n",
        "#define F(a) a ## 1\n#define N 2\n#define N1 5\n#if F(N) == 5\nHERE\n#endif\n",
    ],
)
def test_pasted_names_are_macros_like_others(text):
    assert states({"main.c": text}) == [T]


def test_headers_that_include_each_other_come_to_an_end():
    files = {
        "a.h": '#include "b.h"\n',
        "b.h": '#include "a.h"\nHERE\n',
        "main.c": '#include "a.h"\n',
    }
    assert set(states(files)) == {T}


def test_what_is_included_under_an_unknown_condition_is_unknown():
    files = {"a.h": "HERE\n", "main.c": '#ifdef HAVE_IT\n#include "a.h"\n#endif\n'}
    assert states(files) == [U]


def test_a_header_for_another_architecture_comes_last():
    files = {
        "x86/impl.h": "HERE\n",
        "generic/impl.h": "\n",
        "src/main.c": '#include "impl.h"\n',
    }
    assert states(files, "src/main.c") == []


def test_a_header_of_the_system_is_not_looked_for_in_odd_places():
    files = {"win32/unistd.h": "HERE\n", "main.c": "#include <unistd.h>\n"}
    assert states(files) == []
    assert states({**files, "include/unistd.h": "HERE\n"}) == [T]


def random_tree(seed):
    """Return files whose conditions and definitions depend on each other at random."""
    rng = random.Random(seed)
    names = [f"M{n}" for n in range(6)]
    headers = [f"h{n}.h" for n in range(5)]

    def lines(depth, allowed):
        out = []
        for _ in range(rng.randint(1, 5)):
            kind = rng.random()
            name = rng.choice(names)
            if kind < 0.3:
                out.append(f"#define {name} {rng.randint(0, 2)}")
            elif kind < 0.4:
                out.append(f"#undef {name}")
            elif kind < 0.6 and allowed:
                out.append(f'#include "{rng.choice(allowed)}"')
            elif kind < 0.8 and depth < 3:
                test = rng.choice((f"#ifdef {name}", f"#if {name} == 1", f"#if !defined {name}"))
                out += [test, *lines(depth + 1, allowed), "#else", *lines(depth + 1, allowed)]
                out.append("#endif")
            else:
                out.append(f"mark{rng.randint(0, 10**9)};")
        return out

    files = {}
    for index, header in enumerate(headers):
        body = lines(0, headers[index + 1 :])
        if rng.random() < 0.6:
            body = [f"#ifndef G{index}", f"#define G{index}", *body, "#endif"]
        files[header] = "\n".join(body) + "\n"
    for unit in ("u1.c", "u2.c", "u3.c"):
        files[unit] = "\n".join(["#undef linux", *lines(0, headers), *lines(0, headers)]) + "\n"
    return files


@pytest.mark.skipif(shutil.which("cpp") is None, reason="no preprocessor to compare with")
def test_units_come_out_as_from_the_preprocessor_of_gcc(tmp_path):
    for seed in range(12):
        files = random_tree(seed)
        place = tmp_path / str(seed)
        place.mkdir()
        for name, text in files.items():
            (place / name).write_text(text)
        shared = workshop(files)
        for unit in ("u1.c", "u2.c", "u3.c"):
            done = subprocess.run(
                ["cpp", "-P", unit], cwd=place, capture_output=True, text=True, check=True
            )
            expected = sorted(line for line in done.stdout.split() if line.startswith("mark"))
            run = UnitRun(shared, unit)
            found = sorted(
                line
                for visit in run.visits
                for number, line in enumerate(files[visit.path].split("\n"), 1)
                if line.startswith("mark") and visit.state(number) is T
            )
            assert found == expected, (seed, unit)


def test_a_header_is_not_gone_through_again_for_each_unit():
    big = (
        "#ifndef BIG\n#define BIG\n"
        + "".join(f"#ifndef A{n}\n#define A{n}\n#endif\n" for n in range(500))
        + "#endif\n"
    )
    files = {"big.h": big, **{f"u{n}.c": '#include "big.h"\n' for n in range(3)}}
    shared = workshop(files)
    first, second, third = (UnitRun(shared, f"u{n}.c").known.asked for n in range(3))
    assert first > 500
    assert second == third < 10


def test_a_unit_beyond_all_measure_is_not_followed(monkeypatch):
    monkeypatch.setattr(preprocess, "MAX_ASKED", 100)
    chain = "".join(f"#ifndef A{n}\n#define A{n}\n#endif\n" for n in range(500))
    shared = workshop({"u.c": chain, "v.c": "#ifdef A\n#endif\n"})
    with pytest.raises(preprocess.TooLargeError):
        UnitRun(shared, "u.c")
    assert UnitRun(shared, "v.c").known.asked == 1


def test_all_units_together_have_a_measure(monkeypatch):
    shared = workshop({f"u{n}.c": "#ifdef A\n#endif\n#ifdef B\n#endif\n" for n in range(3)})
    shared.left = 4
    UnitRun(shared, "u0.c")
    UnitRun(shared, "u1.c")
    assert shared.left == 0
    with pytest.raises(preprocess.TooLargeError):
        UnitRun(shared, "u2.c")
