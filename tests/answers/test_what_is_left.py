"""What fixers must not take for granted: rows that differ, headers of a machine, other lists."""

import pytest
from example import OPTIONS

from duanban.answers import How, propose
from duanban.targets.loader import load_target

LOONG = "debian-sid-loong64"
ROWS = '{{\n    "x86_64": {0},\n    "aarch64": {1},\n    "ppc64le": {2},\n}}\n'
CHAIN = """#if defined(__x86_64__)
#include "arch/x86.h"
#elif defined(__s390x__)
#include "arch/s390.h"
#elif defined(__aarch64__)
#include "arch/aarch64.h"
#else
#error "no such machine"
#endif
"""


def proposed(root, files, fixer, target=LOONG):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return propose(root, load_target(target), how=How((fixer,), options=OPTIONS))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (('"a"', '"b"', '"c"'), ""),
        (('"x86_64"', '"arm64"', '"ppc64el"'), ""),
        (('"tool-x86_64.tgz"', '"tool-aarch64.tgz"', '"tool-ppc64le.tgz"'), "exists"),
        (("X86_64", "AARCH64", "PPC64LE"), "what LOONGARCH64 is"),
        (('"__x86_64__"', '"__aarch64__"', '"__ppc64le__"'), "whether a compiler defines"),
    ],
)
def test_a_row_that_does_not_follow_is_not_written(tmp_path, values, reason):
    proposal = proposed(tmp_path, {"names.py": "NAMES = " + ROWS.format(*values)}, "machine-table")
    assert proposal.diff == b""
    if reason:
        assert any(reason in one.reason for one in proposal.unanswered)


def test_a_row_that_follows_is_written_once(tmp_path):
    table = "NAMES = " + ROWS.format('"amd64"', '"arm64"', '"ppc64el"')
    proposal = proposed(tmp_path, {"names.py": table}, "machine-table")
    assert b'    "loongarch64": "loong64",\n' in proposal.files["names.py"]
    after = proposal.files["names.py"].decode()
    assert proposed(tmp_path, {"names.py": after}, "machine-table").diff == b""


@pytest.mark.parametrize(
    ("header", "follows"),
    [
        ("#include <stdlib.h>\n#define HAS_ATOMIC_BYTE\n", True),
        ("#include <stdlib.h>\n#define LINE 128\n", False),
        ('#define relax() __asm__ ("yield")\n', False),
        ("#define __NR_membarrier 283\n", True),
        ("#define __NR_membarrier 284\n", False),
        ('#include "arch/arm64_more.h"\n', False),
    ],
)
def test_a_branch_is_taken_over_only_if_its_header_says_nothing_of_a_machine(
    tmp_path, header, follows
):
    files = {"arch.h": CHAIN, "arch/aarch64.h": header, "main.c": '#include "arch.h"\nint x;\n'}
    diff = proposed(tmp_path, files, "arch-chain").diff
    assert (b"+#elif defined(__aarch64__) || defined(__loongarch64)" in diff) is follows


def test_a_go_file_is_not_widened_beside_one_for_all_others(tmp_path):
    code = "\n\npackage sum\n\nfunc Sum() int {\n\treturn 1\n}\n"
    files = {
        "sum_fast.go": f"//go:build amd64 || arm64{code}",
        "sum_slow.go": f"//go:build !amd64 && !arm64{code}",
    }
    proposal = proposed(tmp_path, files, "build-tags")
    assert proposal.diff == b""
    assert any("for all other machines" in one.reason for one in proposal.unanswered)


def test_stubs_are_written_only_if_they_are_asked_for(tmp_path):
    (tmp_path / "arch.h").write_text(CHAIN)
    (tmp_path / "main.c").write_text('#include "arch.h"\nint x;\n')
    everything = propose(tmp_path, load_target(LOONG), how=How(options=OPTIONS))
    assert b"to be written" not in everything.diff
    asked = propose(tmp_path, load_target(LOONG), how=How(("arch-stub",), options=OPTIONS))
    assert b'+#error "to be written for loongarch64' in asked.diff


@pytest.mark.parametrize("name", ["x.py", "x.js", "x.go", "x.rs", "Makefile.am", "Cargo.toml"])
@pytest.mark.parametrize(
    "bytes_", [b'"aarch64": {\n' * 70, b"\xff\x00", b'any(target_arch = "x86_64",', b"case arm64:"]
)
def test_odd_files_of_other_languages_do_no_harm(tmp_path, name, bytes_):
    (tmp_path / name).write_bytes(b'"x86_64": 1,\n"aarch64": 1,\n"ppc64": 1,\n' + bytes_)
    propose(tmp_path, load_target(LOONG), how=How(options=OPTIONS))


@pytest.mark.parametrize(
    ("function", "made"),
    [
        ("raw_open", b"return open(path, flags);"),
        ("open", b"return syscall(SYS_openat, AT_FDCWD, path, flags);"),
    ],
)
def test_a_function_of_the_c_library_is_not_made_to_call_itself(tmp_path, function, made):
    text = (
        "#include <sys/syscall.h>\n#include <unistd.h>\n\nint {}(const char *path, int flags)\n{{\n"
    )
    text = text.format(function) + "    return syscall(SYS_open, path, flags);\n}\n"
    proposal = proposed(tmp_path, {"open.c": text}, "syscalls")
    assert made in proposal.files["open.c"]
    assert b"#include <fcntl.h>" in proposal.files["open.c"]


def test_a_call_is_left_that_no_other_system_call_stands_for(tmp_path):
    text = "int stat(const char *path, void *to)\n{\n    return syscall(SYS_stat, path, to);\n}\n"
    proposal = proposed(tmp_path, {"stat.c": "#include <sys/syscall.h>\n" + text}, "syscalls")
    assert proposal.diff == b""
    assert any("would call itself" in one.reason for one in proposal.unanswered)


@pytest.mark.parametrize("own", [(), ("asm/amd64.s", "asm/arm64.s"), ("amd64/a.s", "arm64/a.s")])
def test_a_list_of_directories_or_files_does_not_get_one_that_is_not_there(tmp_path, own):
    files = {
        "Makefile": "ARCHES = amd64 arm64 s390x\nall: $(ARCHES)\n",
        **dict.fromkeys(own, "nop\n"),
    }
    proposal = proposed(tmp_path, files, "machine-list")
    assert (b"loong64" in proposal.diff) is not bool(own)


def test_a_chain_about_machines_that_are_not_named_is_no_chain_of_machines(tmp_path):
    text = "#if !defined(ARCH_X) && !defined(ARCH_Y)\n" + CHAIN + "#endif\n"
    proposal = proposed(tmp_path, {"arch.h": text, "a.c": '#include "arch.h"\n'}, "arch-stub")
    assert proposal.diff.count(b'"to be written') == 1


TIMER = """namespace bench {{
#if defined(_MSC_VER)
static inline unsigned long long now(void) {{ return __rdtsc(); }}
#elif defined(__i386__) || defined(__x86_64__)
// the counter of x86
static inline unsigned long long now(void)
{{
    unsigned lo, hi;
    asm volatile("{}" : "=a"(lo), "=d"(hi));
    return ((unsigned long long)hi << 32) | lo;
}}
// what follows is for Arm
#elif defined(__arm__)
static inline unsigned long long now(void) {{ return 0; }}
#else
#error "no clock"
#endif
}}
"""


@pytest.mark.parametrize(("instruction", "follows"), [("rdtsc", True), ("rdpmc", False)])
def test_a_branch_for_x86_holds_if_its_assembly_can_be_said_without(tmp_path, instruction, follows):
    files = {"clock.h": "#include <stdio.h>\n" + TIMER.format(instruction)}
    files["a.cc"] = '#include "clock.h"\nunsigned long long t() { return bench::now(); }\n'
    proposal = proposed(tmp_path, files, "arch-chain")
    assert bool(proposal.diff) is follows
    if follows:
        after = proposal.files["clock.h"].decode()
        branch = after.partition("#elif defined(__loongarch64)\n")[2].partition("#else")[0]
        assert "clock_gettime" in branch
        assert "//" not in branch
        assert "#include <time.h>\nnamespace" in after


BARRIER = """#if defined(__x86_64__)
#define ARCH_CPU_X86_FAMILY 1
#elif defined(__ARMEL__)
#define ARCH_CPU_ARM_FAMILY 1
#endif

#if defined(ARCH_CPU_X86_FAMILY) && defined(__GNUC__)
static inline void barrier(void) { __asm__ __volatile__("" : : : "memory"); }
#define HAVE_BARRIER
#elif defined(ARCH_CPU_ARM_FAMILY)
static inline void barrier(void) { ((void (*)(void))0xffff0fa0)(); }
#define HAVE_BARRIER
#endif

#if defined(HAVE_BARRIER)
static inline void *get(void **from) { void *found = *from; barrier(); return found; }
#else
#error "no barrier"
#endif
"""


def test_a_barrier_for_the_compiler_becomes_a_full_one_where_x86_needs_no_more(tmp_path):
    files = {
        "atomic.h": BARRIER,
        "a.c": '#include "atomic.h"\nvoid *f(void **p) { return get(p); }\n',
    }
    proposal = proposed(tmp_path, files, "arch-chain")
    after = proposal.files["atomic.h"].decode()
    branch = after.partition("#elif defined(__loongarch64)\n")[2].partition("#endif")[0]
    assert "{ __sync_synchronize(); }\n#define HAVE_BARRIER\n" in branch
    assert not any(one.finding.rule.startswith("chip.error") for one in proposal.unanswered)


@pytest.mark.parametrize("used", ["__m128i v;\n", "int v;\n"])
def test_a_header_that_includes_vectors_on_x86_only_gives_them_to_who_includes_it(tmp_path, used):
    header = "#ifdef __SSE2__\n#include <emmintrin.h>\n#endif\n"
    files = {"all.h": header, "near.h": '#include "all.h"\n', "a.cc": '#include "near.h"\n' + used}
    proposal = proposed(tmp_path, files, "simde", "debian-sid-riscv64")
    assert (b"#include <simde/x86/sse2.h>\n" in proposal.diff) is used.startswith("__m128i")
    assert set(proposal.files) <= {"all.h"}


SUM = "#include <emmintrin.h>\n__m128i sum(__m128i a, __m128i b) { return _mm_add_epi32(a, b); }\n"


X86_ONLY = "OBJS = a.o\nifeq ($(shell uname -m),x86_64)\nOBJS += sum_sse.o\nendif"


@pytest.mark.parametrize("listed", ["OBJS = a.o sum_sse.o", X86_ONLY])
def test_a_file_named_after_a_machine_is_answered_where_the_build_has_it_all_the_same(
    tmp_path, listed
):
    files = {"Makefile": f"{listed}\nall: $(OBJS)\n", "a.c": "int a;\n", "sum_sse.c": SUM}
    proposal = proposed(tmp_path, files, "simde", "debian-sid-riscv64")
    assert (b"simde/x86/sse2.h" in proposal.diff) is (listed != X86_ONLY)


@pytest.mark.parametrize("source", [SUM, "int sum;\n"])
def test_options_of_a_recipe_are_for_x86_where_the_target_compiles_the_file(tmp_path, source):
    rule = "all: a.o sum.o\nsum.o: sum.c\n\t$(CC) -c -msse2 -mno-sse4.1 $< -o $@\n"
    files = {"Makefile": rule, "a.c": "int a;\n", "sum.c": source}
    proposal = proposed(tmp_path, files, "compile-flags", "debian-sid-riscv64")
    assert (b"\t$(CC) -c $(X86_FLAGS) $< -o $@\n" in proposal.diff) is (source == SUM)


@pytest.mark.parametrize(
    ("test", "widened"),
    [
        ("if (X86_64 OR ARM64)", "if (X86_64 OR ARM64 OR LOONGARCH64)"),
        ("if (X86_64 OR ${CORE} STREQUAL POWER10 OR ARM64)", ""),
    ],
)
def test_a_name_in_a_list_is_written_as_the_others_are(tmp_path, test, widened):
    files = {"CMakeLists.txt": f"project(p C)\n{test}\n  set(FAST 1)\nendif()\n"}
    proposal = proposed(tmp_path, files, "machine-list")
    assert (widened.encode() in proposal.diff) if widened else proposal.diff == b""


@pytest.mark.parametrize(("mine", "written"), [("$host", False), ("$made", True)])
def test_a_row_that_gives_a_variable_the_name_it_has_is_not_written(tmp_path, mine, written):
    rows = "".join(
        f'{mine} = "{name}" if ($host eq "{other}");\n'
        for name, other in (("x86_64", "amd64"), ("arm64", "aarch64"), ("zarch", "s390x"))
    )
    proposal = proposed(tmp_path, {"names.pl": rows}, "machine-table", "debian-sid-riscv64")
    assert (b"riscv64" in proposal.diff) is written
