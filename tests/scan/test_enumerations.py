"""Lists of machines that leave the target out."""

import pytest

from duanban.model import Truth
from duanban.scan.build.enumerations import enumerations_of, lacking, may_have_lists
from duanban.scan.build.names import mentions, mentions_inside, system_holds
from duanban.scan.languages import language_of
from duanban.scan.readers import read_source
from duanban.scan.setup import architecture_macros, environment_of
from duanban.targets.loader import load_target

TARGETS = {
    "riscv64": "debian-sid-riscv64",
    "loongarch64": "debian-sid-loong64",
    "aarch64": "debian-sid-arm64",
}
MACROS = frozenset(name.decode() for name in architecture_macros())


def found(name, text, machine="loongarch64"):
    """Return line and ending of each list in a file that lacks a machine."""
    data = text.encode()
    language = language_of(name, data)
    source = read_source(language, data)
    environment = environment_of(load_target(TARGETS[machine]))
    lists = enumerations_of(language, source)
    return [
        (one.line_for(machine), str(one.ending))
        for one, _ in lacking(lists, environment, source, MACROS)
    ]


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("__x86_64__ _M_AMD64 i?86-*-* ix86", ["x86"] * 4),
        ("CPU(PPC64) WTF_CPU_PPC64LE kX64", ["power", "power"]),
        ("mips64el|mipsr6|armv7l|arm64ec", ["mips", "mips", "arm", "aarch64"]),
        ("charm armor __ARM_NEON ARM_FEATURE_CRC32 sharp", []),
        ("xx86_64 xriscv64", ["x86", "riscv"]),
        ("aarch64_be sparcv9 s390x sh4eb", ["aarch64", "sparc", "s390", "sh"]),
    ],
)
def test_names_of_machines(text, families):
    assert [mention.machine.family for mention in mentions(text.encode())] == families


@pytest.mark.parametrize(
    ("text", "holds"),
    [("linux*", True), ("*-gnu", True), ("WIN32", False), ("freebsd*", False), ("$foo", None)],
)
def test_names_of_systems(text, holds):
    assert system_holds(text.encode()) is holds


CHAIN = """#if defined(__x86_64__)
# define N 1
#elif defined(__arm__)
# define N 2
#elif defined(__riscv)
# define N 3
#endif
"""


def test_a_chain_lacks_only_those_it_does_not_name():
    assert found("a.h", CHAIN) == [(7, "open")]
    assert found("a.h", CHAIN, "riscv64") == []


def test_a_branch_that_holds_without_naming_the_machine_serves_it():
    served = CHAIN.replace("#endif", "#elif defined(__LP64__)\n# define N 4\n#endif")
    assert found("a.h", served) == []


def test_a_chain_for_another_system_is_no_list():
    assert found("a.h", f"#ifdef _WIN32\n{CHAIN}#endif\n") == []
    assert found("a.h", f"#ifdef __linux__\n{CHAIN}#endif\n") == [(8, "open")]


def test_two_branches_for_one_family_are_no_list():
    text = "#ifdef __i386__\nint a;\n#elif defined(__x86_64__)\nint b;\n#endif\n"
    assert found("a.c", text) == []


def test_the_last_branch_decides_the_ending():
    assert found("a.h", CHAIN.replace("#endif", "#else\n# define N 9\n#endif")) == [(7, "default")]
    # An #error under a condition on the compiler's own macros is the business of another rule.
    assert found("a.h", CHAIN.replace("#endif", "#else\n# error no\n#endif")) == []
    own = CHAIN.replace("__x86_64__", "CPU_X86").replace("__arm__", "CPU_ARM")
    own = own.replace("__riscv", "CPU_RISCV").replace("#endif", "#else\n# error no\n#endif")
    assert found("a.h", own) == [(7, "refused")]


def test_blocks_in_a_row_that_end_in_an_error_refuse():
    block = 'ifneq ("$(filter {0},$(CPU))","")\n  KIND := {0}\n  A := 1\n  B := 2\nendif\n'
    text = "".join(block.format(name) for name in ("x86_64", "ppc64", "mips"))
    refusal = 'ifeq ("$(KIND)","NONE")\n  $(error no such machine)\nendif\n'
    assert found("Makefile", text + refusal) == [(15, "refused")]
    assert found("Makefile", text) == [(15, "open")]
    assert found("Makefile", text + block.format("loongarch64") + refusal) == []


def test_an_error_under_a_further_condition_does_not_refuse():
    text = "case $host in\nx86_64*) a=1 ;;\nppc*) a=2 ;;\n*)\n{}\n;;\nesac\n"
    refusal = "AC_MSG_ERROR([no timer])"
    assert found("configure.ac", text.format(refusal)) == [(3, "refused")]
    conditional = f'if test "x$clock" = xno; then\n{refusal}\nfi'
    assert found("configure.ac", text.format(conditional)) == [(3, "default")]


def test_an_error_in_another_block_after_the_list_does_not_refuse():
    block = "#ifdef CPU_{0}\n#ifdef ASM\n#error ASM is defined\n#endif\n#define ASM {0}\n#endif\n"
    text = "".join(block.format(name) for name in ("X86", "ARM", "PPC32", "TOY"))
    assert [ending for _, ending in found("a.h", text)] == ["open"]


def test_the_target_goes_where_the_alphabet_puts_it():
    names = ["aarch64", "hppa", "ia64", "mips", "powerpc", "s390", "sparc"]
    text = "case $cpu in\n" + "".join(f"{name}) x={name} ;;\n" for name in names) + "esac\n"
    assert found("configure.ac", text) == [(5, "open")]
    assert found("configure.ac", text, "riscv64") == [(7, "open")]
    shuffled = text.replace("hppa", "zz").replace("sparc", "hppa").replace("mips", "sparc")
    assert found("configure.ac", shuffled) == [(8, "open")]


def test_a_few_names_may_stand_out_of_their_order():
    # As the machines of libffi 3.2.1, configure.ac: `x86_64` stands with the other ones of x86.
    names = [
        "aarch64",
        "alpha",
        "arm",
        "hppa",
        "i?86",
        "x86_64",
        "ia64",
        "m68k",
        "mips",
        "powerpc",
        "powerpc64",
        "s390",
        "sparc",
    ]
    text = "case $cpu in\n" + "".join(f"{name}*) x={name} ;;\n" for name in names) + "esac\n"
    assert found("configure.ac", text, "riscv64") == [(13, "open")]
    assert found("configure.ac", text) == [(9, "open")]


def test_a_switch_with_a_default_that_fails_refuses():
    text = (
        "switch (m) {\ncase EM_X86_64: return 1;\ncase EM_PPC64: return 2;\n"
        'case EM_S390: return 3;\ndefault:\n  error("unsupported");\n}\n'
    )
    assert found("a.c", text) == [(4, "refused")]
    assert found("a.c", text.replace('error("unsupported")', "return 0")) == [(4, "default")]
    assert found("a.c", text.replace("EM_S390", "EM_LOONGARCH")) == []


def test_a_list_whose_neighbour_has_the_target_is_spoken_for():
    rows = 'A = ["x86_64", "aarch64", "mips"]\n'
    other = '\n\n\n\n\nB = ["riscv64", "loongarch64", "sparc"]\n'
    assert found("a.py", rows) == [(1, "open")]
    assert found("a.py", rows + other) == []


def test_prose_and_code_in_passing_are_no_lists():
    text = "int f(int mips) { return arm + sparc + powerpc; }\n/* x86_64, mips, sparc */\n"
    assert found("a.c", text) == []
    assert found("a.py", "# x86_64, mips, sparc\n") == []


def test_files_of_build_tools_are_left_out():
    assert not may_have_lists("a/config.sub", "autoconf", b"")
    head = b"# Makefile.in generated by automake 1.16"
    assert not may_have_lists("a/Makefile.in", "make", head)
    assert may_have_lists("a/configure.ac", "autoconf", b"AC_INIT")
    assert not may_have_lists("a/tests/x.py", "python", b"")


def test_a_quick_look_tells_lists_from_single_machines():
    assert not may_have_lists("a.c", "c", b"\n#ifdef __mips__\nint sparc;\n#endif\n")
    assert may_have_lists("a.c", "c", b"\n#ifdef __mips__\n#elif defined(__sparc__)\n#endif\n")
    assert may_have_lists("a.c", "c", b"\n#if defined(__mips__) || \\\n  defined(__sparc__)\n")


def test_the_region_around_a_list_is_told():
    source = read_source(
        "cmake", b"if(X)\nif(A STREQUAL mips OR A STREQUAL arm)\nx()\nendif()\nendif()"
    )
    environment = environment_of(load_target(TARGETS["riscv64"]))
    lists = enumerations_of("cmake", source)
    assert [region.state for _, region in lacking(lists, environment, source, MACROS)] == [
        Truth.UNKNOWN
    ]


def test_rows_of_one_shape_are_lists_of_their_own():
    names = ("X86_64", "ARM64", "MIPS", "PPC64", "S390X", "IA64")
    first = "".join(f"#undef {name}\n" for name in names)
    second = "".join(f"#define TARGET_{name} {number}\n" for number, name in enumerate(names))
    assert found("configure.c", first + second) == [(6, "open"), (12, "open")]


def test_a_list_in_one_test_goes_on_in_that_test():
    text = (
        "#if defined(__i386__) || defined(__arm__) || \\\n    defined(__mips__)\n"
        + "int a;\n" * 30
        + "#endif\n"
    )
    assert found("a.h", text) == [(2, "open")]


def test_a_chain_of_ifs_in_code_is_a_list():
    text = "".join(
        f'\telse if (machine_type("{name}"))\n\t\tx = {name};\n' for name in ("ARM", "MIPS", "PPC")
    )
    assert found("a.c", text) == [(5, "open")]
    assert found("a.c", text.replace("PPC", "LOONGARCH64")) == []


def test_lists_of_files_and_of_included_headers():
    names = ("alpha", "arm", "mips", "ppc", "sparc")
    assert found("a.h", "".join(f"#include <boost/{name}.h>\n" for name in names)) == [(3, "open")]
    paths = "H = \\\n" + "".join(f"\turcu/arch/{name}.h \\\n" for name in names)
    assert found("Makefile.am", paths) == [(4, "open")]


GUARDED = """#if defined(__x86_64__) || defined(__arm__) || defined(__mips__)
#ifdef __mips__
# define N 1
#elif defined(__arm__)
# define N 2
#elif defined(__x86_64__)
# define N 3
#endif
#endif
"""


def test_a_list_within_one_that_lacks_the_target_lacks_it_too():
    assert [line for line, _ in found("a.h", GUARDED)] == [1, 8]


def test_a_list_within_a_branch_of_one_machine_is_not_for_others():
    assert found("a.h", GUARDED.replace(" || defined(__arm__) || defined(__mips__)", "")) == []


def test_rows_that_begin_alike_may_stand_apart():
    rows = "".join(
        f'\t{{\n\t\tName: "{m}",\n\t\tA: 1,\n\t\tB: 2,\n\t\tC: 3,\n\t}},\n'
        for m in ("arm", "ppc64", "amd64")
    )
    assert len(found("a.go", rows)) == 1


def test_two_machines_in_conditions_of_rust_are_a_list():
    text = '#[cfg(any(target_arch = "x86_64", target_arch = "mips64"))]\nfn f() {}\n'
    assert len(found("a.rs", text)) == 1


def test_each_condition_of_rust_with_several_machines_is_a_list():
    both = '#[cfg(any(target_arch = "mips",\n          target_arch = "x86_64"))]\nconst N: u8;\n'
    assert [line for line, _ in found("a.rs", both * 3)] == [2, 5, 8]
    one = '#[cfg(target_arch = "{0}")]\nconst N: u8;\n'
    apart = "".join(one.format(name) for name in ("x86_64", "mips", "sparc64"))
    assert [line for line, _ in found("a.rs", apart)] == [5]


def test_a_condition_for_one_machine_is_told_where_no_list_is_near():
    text = "#ifdef HOST_MIPS\nint a;\n#endif\n"
    assert found("a.h", text) == [(1, "single")]
    assert found("a.h", text.replace("MIPS", "X86")) == []
    assert found("a.h", text.replace("MIPS", "LOONGARCH")) == []
    assert [kind for _, kind in found("a.h", f"{CHAIN}{text}")] == ["open"]


def test_a_pattern_may_span_lines_and_is_in_alphabetical_order():
    names = " \\\n  | ".join(("alpha", "arm", "mips", "s390"))
    text = f"case $cpu in\n  {names})\n    ok ;;\n  *) exit 1 ;;\nesac\n"
    assert found("x.sh", text) == [(4, "refused")]


def test_docstrings_are_no_lists():
    prose = '"""For x86_64,\narm64,\nmips and\nsparc."""\nx = """\nx86_64\narm64\nmips"""\n'
    source = read_source("python", prose.encode())
    (found,) = enumerations_of("python", source)
    assert found.first_line > 4
    unclosed = read_source("python", b'r"""x86_64\narm64\nmips')
    assert enumerations_of("python", unclosed) == []


def test_a_test_of_exceptions_has_the_target_among_the_others():
    text = "#if !defined(__arm__) && !defined(__mips__)\nint state;\n#else\nint other;\n#endif\n"
    assert found("a.h", text) == [(1, "default")]
    text = text.replace("__arm__", "HOST_ARM").replace("__mips__", "HOST_MIPS")
    assert found("a.h", text.replace("int state;", "#error who")) == [(1, "refused")]


def test_numbers_for_older_headers_are_worth_little():
    text = "int a;\n#ifndef __NR_statx\n" + CHAIN.replace(" N ", " __NR_statx ") + "#endif\n"
    source = read_source("c", text.encode())
    environment = environment_of(load_target(TARGETS["loongarch64"]))
    lists = enumerations_of("c", source)
    lack = list(lacking(lists, environment, source, MACROS))
    assert [one.rank for one, _ in lack] == [0.3]
    assert found("a.h", text.replace("# define __NR_statx", "# define MINE")) == []


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("ContextAMD64 kArchMips64 StackFrameARM;", ["x86", "mips", "arm"]),
        ("charm UpperArmor mipsel isRV unArmed", []),
    ],
)
def test_names_at_the_end_of_longer_words(text, families):
    assert [mention.machine.family for mention in mentions_inside(text.encode())] == families


def test_declarations_for_each_machine_are_a_list():
    text = "".join(f"  Context{m}* Get{m}() const;\n" for m in ("AMD64", "ARM", "MIPS"))
    assert found("a.h", text) == [(3, "open")]
    assert found("a.h", text + "  ContextLoongArch* GetLoongArch() const;\n") == []


def test_a_list_that_comes_again_is_told_each_time():
    rows = "".join(f'  "{m}-linux",\n' for m in ("arm", "mips", "ppc64", "x86_64"))
    assert found("a.py", f"A = [\n{rows}]\nB = [\n{rows}]\n") == [(3, "open"), (9, "open")]


def test_i386_stands_where_x86_goes():
    names = ("arm", "mips", "ppc", "i386", "x86_64")
    text = "".join(f"alias sources : asm/make_{m}.S ;\n" for m in names)
    assert found("Jamfile.v2", text) == [(2, "open")]
