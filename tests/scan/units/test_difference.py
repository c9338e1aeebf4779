"""Names that a unit has on x86-64 only and needs on the target."""

import random
import re
import shutil
import subprocess

import pytest

from duanban.scan.place import Elsewhere
from duanban.scan.setup import environment_of, reference_environment
from duanban.scan.units.difference import gaps
from duanban.scan.units.finder import Platform
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.sources import SourceTree
from duanban.targets.loader import load_target

LOONG = environment_of(load_target("debian-sid-loong64"))


def lacking(files, unit="main.c"):
    """Return the names that `unit` lacks on loong64, each with the place of its declaration."""
    elsewhere = Elsewhere(files, ["loongarch64"])
    tree = SourceTree(files, lambda path: files[path].encode())
    here = Workshop(tree, Platform("loongarch64", LOONG, elsewhere))
    there = Workshop(tree, Platform("x86_64", reference_environment(), elsewhere))
    found = gaps(UnitRun(there, unit), UnitRun(here, unit))
    return [(gap.name.decode(), gap.path, gap.line) for gap in found]


BARRIER = """
#ifdef __x86_64__
#define full_barrier() __sync_synchronize()
#elif defined(__sparc__)
#define full_barrier() membar()
#endif
"""


def test_a_macro_of_other_branches_that_the_code_uses():
    files = {"arch.h": BARRIER, "main.c": '#include "arch.h"\nvoid f(void) { full_barrier(); }\n'}
    assert lacking(files) == [("full_barrier", "arch.h", 3)]


@pytest.mark.parametrize(
    "declaration",
    [
        "typedef unsigned long lock_word;",
        "enum { LIMIT, lock_word };",
        "static inline int lock_word(int a) { return a; }",
        "extern int lock_word;",
        "struct pair { int a; } lock_word;",
        "#define USE lock_word\nextern int lock_word;",
    ],
)
def test_whatever_is_declared_is_lacking(declaration):
    text = f"#ifdef __x86_64__\n{declaration}\n#endif\nvoid f(void) {{ g(sizeof(lock_word)); }}\n"
    assert [name for name, _, _ in lacking({"main.c": text})] == ["lock_word"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BARRIER + "void g(void);\n", id="not used"),
        pytest.param(
            BARRIER + "#ifndef full_barrier\n#define full_barrier()\n#endif\n"
            "void f(void) { full_barrier(); }",
            id="a fall-back",
        ),
        pytest.param(
            BARRIER + "#ifdef full_barrier\nvoid f(void) { full_barrier(); }\n#endif\n",
            id="used where it is",
        ),
        pytest.param(BARRIER + "#define unused() full_barrier()\n", id="a macro nobody uses"),
        pytest.param(BARRIER + "int f(int full_barrier);\n", id="another thing of that name"),
        pytest.param(BARRIER + "int f(s *p) { return p->full_barrier(); }\n", id="a member"),
        pytest.param(BARRIER + "int f(void) { return full_barrier; }\n", id="no call of the macro"),
        pytest.param(
            BARRIER + "#ifdef HAVE_BARRIER\nvoid f(void) { full_barrier(); }\n#endif\n",
            id="used under a condition that is not known",
        ),
        pytest.param(
            "#ifdef __x86_64__\nint get_one(void);\n#endif\n#define GET(n) int get_##n(void);\n"
            "GET(one)\nint f(void) { return get_one(); }\n",
            id="perhaps pasted",
        ),
        pytest.param(
            "#ifdef __x86_64__\n#define memcpy fast\n#endif\nvoid f(void) { memcpy(a, b, 4); }",
            id="of the system's headers",
        ),
        pytest.param(
            "#ifdef __x86_64__\ntypedef int vec_t;\n#else\n#include <our/vec.h>\n#endif\nvec_t a;",
            id="perhaps of a header that is not here",
        ),
        pytest.param(
            "#ifdef __x86_64__\nstruct s { int extra; };\n#endif\nint f(s *p) { return extra(p); }",
            id="a member is not seen from outside",
        ),
        pytest.param(
            "#ifdef __x86_64__\nstruct s { int extra; };\n#else\nstruct s { long extra; };\n"
            "#endif\nint f(struct s *p) { return p->extra; }",
            id="the target has the member as well",
        ),
        pytest.param(
            "#ifdef __x86_64__\r\n#define FAST 1\r\n#endif\r\n"
            "#if defined(_MSC_VER) \\\r\n    && defined(FAST)\r\nint a;\r\n#endif\r\n",
            id="in a condition that goes on, with the line ends of another system",
        ),
    ],
)
def test_what_is_there_or_not_needed_is_not_lacking(text):
    assert lacking({"main.c": text}) == []


def test_a_macro_of_a_macro_is_needed_where_the_outer_one_is_used():
    text = BARRIER + "#define publish(p, v) do { full_barrier(); *(p) = (v); } while (0)\n"
    assert lacking({"main.c": text}) == []
    assert lacking({"main.c": text + "void f(int *p) { publish(p, 1); }\n"}) != []


def test_a_header_that_the_include_finds_for_x86_only():
    files = {
        "arch/x86/vec.h": "static inline int vec_len(void) { return 4; }\n",
        "arch/loongarch/vec.h": "\n",
        "main.c": '#include "vec.h"\nint f(void) { return vec_len(); }\n',
    }
    assert lacking(files) == [("vec_len", "arch/x86/vec.h", 1)]


def test_a_member_that_the_target_has_not():
    text = (
        "struct frame {\n#ifdef __x86_64__\n  void *saved;\n#endif\n  int depth;\n};\n"
        "void *f(struct frame *p, int *saved) { return p->saved; }\n"
    )
    assert lacking({"main.c": text}) == [("saved", "main.c", 3)]
    template = text.replace("void *f", "template <class T> void *f")
    assert lacking({"main.cc": template}, "main.cc") == []


def test_a_source_for_x86_includes_the_header_beside_it():
    files = {
        "ffi_x86/target.h": "#define STD_CALL 2\n",
        "ffi_loongarch/target.h": "\n",
        "ffi_x86/ffi.c": "#include <target.h>\nint f(void) { return STD_CALL; }\n",
    }
    assert lacking(files, "ffi_x86/ffi.c") == []


def test_what_arm_directories_hold_serves_arm64():
    files = [f"arch/{name}/regs.h" for name in ("x86", "arm", "pdp10", "generic")]
    place = Elsewhere(files, ["aarch64"])
    found = [place.has_stand_in("arch/x86/regs.h", [one], "aarch64") for one in files]
    assert found == [False, False, True, False]


def test_a_header_for_yet_another_machine_tells_nothing_of_the_target():
    files = {
        "arch/amd64/defs.h": "#define MAX_REG 16\n",
        "arch/pdp10/defs.h": "\n",
        "main.c": '#include "defs.h"\nint f(void) { return MAX_REG; }\n',
    }
    assert lacking(files) == []


def random_unit(rng):
    """Return a unit whose names are declared under conditions and used at random."""
    names = [f"name_{letter}" for letter in "abcd"]
    forms = [
        "#define {0} 1",
        "enum e_{0} {{ {0} = 1 }};",
        "static const int {0} = 1;",
        "static inline int call_{0}(void) {{ return 1; }}\n#define {0} call_{0}()",
    ]
    out = []
    for name in [*names, *rng.choices(names, k=2)]:
        conditions = ["#ifdef __x86_64__", "#if __x86_64__ && 1", "#if 1", "#ifndef __x86_64__"]
        guard = rng.choice(conditions)
        body = rng.choice(forms).format(name)
        out += [guard, f"#ifndef seen_{name}", f"#define seen_{name}", body, "#endif"]
        if rng.random() < 0.3:
            out += ["#else", "int filler_" + str(len(out)) + ";"]
        out.append("#endif")
    out.append("int sum(void) {\n  int total = 0;")
    for name in rng.choices(names, k=3):
        guard = rng.choice(["#if 1", "#ifdef __x86_64__", f"#ifdef seen_{name}"])
        out += [guard, f"  total += {name};", "#endif"]
    return "\n".join([*out, "  return total;\n}\n"])


def complaints(path, *flags):
    """Return the names that gcc calls undeclared."""
    command = ["gcc", "-fsyntax-only", "-w", *flags, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return set(re.findall(r".(name_\w). undeclared", done.stderr))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler to compare with")
def test_the_compiler_calls_the_same_names_undeclared(tmp_path):
    rng = random.Random(7)
    compared = 0
    for number in range(30):
        text = random_unit(rng)
        path = tmp_path / f"u{number}.c"
        path.write_text(text)
        if complaints(path):
            continue
        expected = complaints(path, "-U__x86_64__", "-D__loongarch__")
        compared += bool(expected)
        assert {name for name, _, _ in lacking({"main.c": text})} == expected, text
    assert compared > 3


def test_what_a_macro_renames_is_declared():
    text = """
#ifdef __x86_64__
static int work(int a) { return a; }
#else
#define plain_work work
static int plain_work(int a) { return a + 1; }
#endif
int f(void) { return work(1); }
"""
    assert lacking({"main.c": text}) == []
    assert lacking({"main.c": text.replace("static int plain_work(int a) { return a + 1; }", "")})
