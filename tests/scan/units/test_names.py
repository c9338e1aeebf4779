"""What a unit declares and uses, told without parsing C."""

import pytest

from duanban.scan.place import Elsewhere
from duanban.scan.setup import environment_of
from duanban.scan.units.finder import Platform
from duanban.scan.units.names import Names, uses
from duanban.scan.units.preprocess import UnitRun, Workshop
from duanban.scan.units.sources import SourceTree
from duanban.targets.loader import load_target

LOONG = environment_of(load_target("debian-sid-loong64"))


def visits(text):
    files = {"main.c": text}
    tree = SourceTree(files, lambda path: files[path].encode())
    platform = Platform("loongarch64", LOONG, Elsewhere(files, ["loongarch64"]))
    return UnitRun(Workshop(tree, platform), "main.c").visits


@pytest.mark.parametrize(
    "text",
    [
        "static inline int NAME(int a) { return a; }",
        "extern unsigned long *NAME;",
        "FORCE_INLINE __m128 NAME (__m128 a, __m128 b)",
        "struct regs {\n  uint32_t eax, NAME;\n};",
        "struct regs {\n  uint32_t NAME : 3;\n};",
        "typedef union {\n  float f[4];\n} NAME;",
        "typedef float32x4_t NAME;",
        "struct NAME {\n  int a;\n};",
        "using NAME = int;",
        "std::vector<int> NAME(4);",
        "#define NAME(a) (a)",
        "#define NAME",
        "static __attribute__((always_inline)) int NAME(int a)\n{",
        "static int\nNAME(int a)\n{\n}",
    ],
)
def test_declarations(text):
    assert Names(frozenset((b"NAME",))).declared(visits(text + "\n")) == {b"NAME"}


@pytest.mark.parametrize(
    "text",
    [
        "return NAME(a);",
        "x = NAME(a, b);",
        "NAME(a);",
        "else NAME(a);",
        "NAME x;",
        "const NAME *x;",
        "f(a, NAME, b);",
        "x = y * NAME(b);",
        "void f(NAME a);",
        "/* int NAME(void); */",
        'puts("int NAME;");',
        "int MY_NAME(void);",
        "#ifdef __x86_64__\nint NAME(void);\n#define NAME(a) a\n#endif",
        "#undef NAME",
        "case NAME:",
    ],
)
def test_no_declarations(text):
    assert Names(frozenset((b"NAME",))).declared(visits(text + "\n")) == frozenset()


def test_names_are_used_through_macros_that_are_used():
    text = "#define A B(1)\n#define B(x) C\n#define D E\nint f(void) { return A; /* G */ }\n"
    used = uses([visit.words for visit in visits(text)])
    assert [name in used for name in (b"A", b"B", b"C")] == [True, True, True]
    assert [name in used for name in (b"D", b"E", b"G")] == [False, False, False]
