"""Which units are predicted to fail, from a tree on disk to the report."""

from datetime import date

import pytest

from duanban.check import failures
from duanban.check.core import CheckOptions, check
from duanban.model import Severity, Verdict
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


def test_each_macro_of_a_finding_stops_those_that_use_it(loong):
    files = {
        "mmx.h": '#define move(op, reg, mem) \\\n  asm (#op " %%" #reg ", %0" : "=m" (mem))\n'
        '#define plain() 1\n#define emms() asm ("emms")\n',
        "first.c": '#include "mmx.h"\nvoid f(int *p) { move(movd, mm0, *p); }\n',
        "last.c": '#include "mmx.h"\nvoid f(void) { emms(); }\n',
        "none.c": '#include "mmx.h"\nint f(void) { return plain(); }\n',
    }
    assert failing(loong(files)).keys() == {"first.c", "last.c"}


def test_a_header_that_a_switch_leaves_out_by_default_is_not_compiled(loong):
    files = {
        "vec.h": "#include <immintrin.h>\n",
        "off.c": '#ifdef WITH_VECTORS\n#include "vec.h"\n#endif\n',
        "on.c": '#ifndef WITHOUT_VECTORS\n#include "vec.h"\n#endif\n',
        "Makefile": "CFLAGS += -DWITH_VECTORS -DWITHOUT_VECTORS\n",
    }
    assert failing(loong(files)) == {"on.c": {"chip.headers.missing"}}


def test_what_the_tree_emulates_for_the_target_is_no_tie(loong):
    files = {
        "emulate.h": "typedef struct { float f[4]; } __m128;\n"
        "static inline __m128 _mm_add_ps(__m128 a, __m128 b) { return a; }\n",
        "vec.h": '#ifdef __x86_64__\n#include <immintrin.h>\n#else\n#include "emulate.h"\n#endif\n',
        "a.c": '#include "vec.h"\n__m128 f(__m128 a) { return _mm_add_ps(a, a); }\n',
        "b.c": "__m128 f(__m128 a) { return _mm_add_ps(a, a); }\n",
    }
    result = loong(files)
    assert failing(result).keys() == {"b.c"}
    assert {finding.path for finding in result.findings} == {"b.c"}


def test_a_relative_of_simde_serves_intrinsics(loong):
    text = "#include <simde/x86/sse2.h>\nvoid f(float *p) { _mm_storeu_ps(p, _mm_setzero_ps()); }\n"
    assert failing(loong({"a.c": text})) == {}


def test_a_header_of_the_trees_own_is_not_missing(loong):
    files = {"own.h": "int x;\n", "msa.h": "int alignment;\n", "a.c": '#include "msa.h"\n'}
    assert failing(loong(files)) == {}


def test_a_field_of_an_own_structure_is_no_register_of_the_kernel(loong):
    files = {
        "cpu.h": "struct cpu {\n  unsigned eax, rip;\n};\n",
        "a.c": '#include "cpu.h"\nvoid f(struct cpu *regs) { regs->rip = 0; }\n',
        "b.c": "#include <sys/user.h>\nlong f(struct user_regs_struct *regs)\n"
        "{ return regs->rip; }\n",
    }
    assert failing(loong(files)).keys() == {"b.c"}


def test_operands_alone_tell_assembly_of_x86(loong):
    text = 'void f(int a) { asm volatile (OP : "=a"(a) : : "memory"); }\n'
    assert failing(loong({"a.c": text})) == {"a.c": {"chip.asm.operand"}}


def test_a_header_that_only_the_targets_branch_asks_for_and_nobody_has(loong):
    text = '#ifdef __x86_64__\n#include "x86.h"\n#else\n#include "port.h"\n#endif\n'
    files = {
        "vec.h": text,
        "x86.h": "#include <immintrin.h>\n",
        "a.c": '#include "vec.h"\nvoid f(float *p) { _mm_storeu_ps(p, _mm_setzero_ps()); }\n',
    }
    result = loong(files)
    assert "chip.headers.missing" in failing(result)["a.c"]
    assert [
        f.line for f in result.findings if f.rule == "chip.headers.missing" and f.path == "vec.h"
    ] == [4]
    configured = text.replace("port.h", "made.h")
    assert failing(loong({**files, "vec.h": configured, "made.h.in": "", "a.c": text})) == {}
    both = '#include "nowhere.h"\n'
    assert failing(loong({**files, "vec.h": both, "a.c": '#include "vec.h"\n'})) == {}


def test_an_error_in_a_header_that_needs_others_before_it(loong):
    files = {
        "arch.h": ARCH_H,
        "pages.h": "#if defined(PROJECT_X86)\n#define PAGES 4\n#elif defined(PROJECT_ARM)\n"
        '#define PAGES 4\n#else\n#error "no page size is known"\n#endif\n',
        "a.c": '#include "arch.h"\n#include "pages.h"\n',
    }
    assert failing(loong(files)) == {"a.c": {"chip.error.unknown-architecture"}}
    assert failing(loong(files, target=1)) == {}


PTRACE = (
    "#include <sys/ptrace.h>\nlong f(int p, void *r) { return ptrace(PTRACE_GETREGS, p, 0, r); }\n"
)


def test_names_that_the_targets_headers_lack(loong):
    files = {
        "uses.c": PTRACE,
        "asks.c": PTRACE.replace("long f", "#ifdef PTRACE_GETREGS\nlong f") + "#endif\n",
        "brings.c": PTRACE.replace("long f", "#define PTRACE_GETREGS 12\nlong f"),
        "texts.c": "#include <sys/ptrace.h>\n#define T(n) #n\nconst char *t = T(PTRACE_GETREGS);\n",
        "never.c": PTRACE.replace("long f", "#ifdef __x86_64__\nlong f") + "#endif\n",
        "without.c": PTRACE.replace("#include <sys/ptrace.h>\n", ""),
    }
    assert failing(loong(files, target=1)) == {"uses.c": {"chip.names.system"}}
    assert failing(loong(files, target=0)) == {}
    files["Makefile"] = "CFLAGS += -DPTRACE_GETREGS=12\n"
    assert failing(loong(files, target=1)) == {}


def test_members_of_the_systems_structures_count_where_their_type_is_named(loong):
    use = "long f(struct user_regs_struct *r) { return r->orig_rax; }\n"
    files = {
        "uses.c": f"#include <sys/user.h>\n{use}",
        "brings.c": f"#include <sys/user.h>\nstruct mine {{\n long orig_rax;\n}};\n{use}",
        "o.c": '#include <sys/user.h>\n#include "o.h"\nint g(struct o *r) { return r->rip; }\n',
        "o.h": "struct o;\n",
    }
    assert set(failing(loong(files))) == {"uses.c"}


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ('#define op(o, r) asm(#o " %%" #r)\nvoid f(void) { op(push, rbx); }', True),
        ('#define LOCK "lock; "\nvoid f(int *p) { asm(LOCK "incl %0" : "+m"(*p)); }', True),
        ('#define ASM __asm__ volatile\nvoid f(void) { ASM("cpuid"); }', True),
        ('#define CAT(a, b) "%%" #a #b\nvoid f(void) { asm("push " CAT(r, bx)); }', True),
        ('#define BAR "dbar 0"\nvoid f(void) { asm volatile(BAR ::: "memory"); }', False),
        ('#define op(o, r) asm(#o " %%" #r)\nint f(void) { return 0; }', False),
        ('#define ASM(...)\nvoid f(void) { ASM("cpuid"); }', False),
        ('#define S "x"\nint f(void) __asm__("_" S "f");', False),
    ],
)
def test_assembly_that_macros_put_together(loong, text, fails):
    found = failing(
        loong(
            {
                "a.h": text.split("\n")[0] + "\n",
                "a.c": '#include "a.h"\n' + text.split("\n")[1] + "\n",
            }
        )
    )
    assert set(found) == ({"a.c"} if fails else set())


def test_numbers_of_the_standard_headers_are_the_targets(loong):
    files = {
        "a.c": "#include <float.h>\n#if LDBL_MANT_DIG != 64\n#error no\n#endif\n",
        "b.c": "#include <limits.h>\n#if CHAR_MIN == 0\n#error no\n#endif\n",
    }
    assert set(failing(loong(files))) == {"a.c"}
    assert set(failing(loong(files, target=1))) == {"a.c", "b.c"}


def test_errors_that_are_not_tried_are_said_to_be_unknown(loong, monkeypatch):
    monkeypatch.setattr(failures, "MAX_TRIED", 1)
    text = "#ifndef PORT\n#error order\n#endif\n#ifdef __x86_64__\n#define X\n#endif\n"
    text = text.replace("PORT", "PORT_ARCH")
    files = {
        **{f"h{n}.h": text for n in range(3)},
        **{f"u{n}.c": f'#include "arch.h"\n#include "h{n}.h"\n' for n in range(3)},
        "arch.h": "#ifdef __x86_64__\n#define PORT_ARCH\n#endif\n",
    }
    result = loong(files)
    assert any("#error" in fact.fact for fact in result.unknown)


def test_assembly_whose_beginning_stands_under_conditions(loong):
    text = """void f(int *r, int n) {
#ifdef __x86_64__
  asm("mov %%rbx, %%rsi"
#else
  asm("# other"
#endif
#ifdef __x86_64__
      "nop"
#else
      "nop"
#endif
      : "=a"(*r) : "0"(n));
}
void g(void) { asm volatile("" ::: "memory"); }
"""
    assert failing(loong({"a.c": text})) == {"a.c": {"chip.asm.operand"}}
    assert failing(loong({"a.c": text.replace("=a", "=r")})) == {}


SERVED = {
    "posix-amd64/tas.c": 'void f(int *p) { __asm__("xchgl %%eax,(%%rcx)" : "=a"(*p) : "c"(p)); }\n',
    "posix-amd64/plain.c": "int g(void) { return 0; }\n",
    "posix-arm64/tas.c": "void f(int *p) { __sync_lock_test_and_set(p, 1); }\n",
    "main.c": "void f(int *);\nint main(void) { int x = 0; f(&x); return x; }\n",
}


def test_a_unit_that_the_target_has_its_own_of_fails_and_is_not_needed(loong):
    result = loong(SERVED, target=1)
    (failure,) = result.fails
    assert (failure.path, failure.needed) == ("posix-amd64/tas.c", False)
    explaining = [one for one in result.findings if one.id in failure.because]
    assert {one.id for one in explaining} == {*failure.because}
    assert explaining == list(result.findings)
    assert all(one.severity is Severity.REVIEW and not one.counts for one in explaining)
    assert result.effort_hours.high == 0
    assert result.verdict is Verdict.RUNS
    assert result.needed_fails == ()


def test_what_explains_such_units_is_one_finding_of_a_rule(loong):
    tie = "#include <emmintrin.h>\n"
    names = [f"{kernel}-{machine}.c" for kernel in ("add", "mul") for machine in ("sse2", "neon")]
    files = {name: tie if "sse2" in name else "int x;\n" for name in names}
    result = loong(files, target=1)
    assert [one.path for one in result.fails] == ["add-sse2.c", "mul-sse2.c"]
    (finding,) = result.findings
    assert "(2 files; by its path" in finding.message
    assert result.alternatives == ()


def test_what_only_such_a_unit_comes_to_in_a_common_header_blocks_nothing(loong):
    stop = "#ifdef __aarch64__\n#error no\n#endif\n"
    files = {**SERVED, "common.h": stop, "posix-amd64/plain.c": '#include "../common.h"\n'}
    result = loong(files, target=1)
    assert [one.path for one in result.fails] == ["posix-amd64/plain.c", "posix-amd64/tas.c"]
    assert result.verdict is Verdict.RUNS
    assert result.needed_fails == ()


def test_assembly_in_a_function_that_a_header_offers_and_no_unit_uses_stays_a_finding(loong):
    header = 'static inline void relax(void) { __asm__ volatile("pause"); }\n'
    files = {"relax.h": header, "a.c": '#include "relax.h"\nint a;\n'}
    result = loong(files)
    assert result.fails == ()
    assert {one.severity for one in result.findings if one.path == "relax.h"} == {Severity.BLOCKS}


def test_assembly_in_a_function_that_a_unit_has_and_does_not_use_blocks_nothing(loong):
    result = loong({"a.c": 'static void relax(void) { __asm__("pause"); }\nint a;\n'})
    assert result.fails == ()
    assert Severity.BLOCKS not in {one.severity for one in result.findings}


def test_an_error_that_lacks_its_number_sign_stops_a_unit_all_the_same(loong):
    chain = "#if defined(__x86_64__)\nint x;\n#else\nerror unknown architecture\n#endif\n"
    comment = "/*\nerror when no file is there\n*/\nint b;\n"
    result = loong({"coro.h": chain, "a.c": '#include "coro.h"\n', "b.c": comment})
    assert failing(result) == {"a.c": {"chip.error.unknown-architecture"}}


def test_what_a_unit_for_others_fails_by_is_told_where_another_includes_it(loong):
    files = {**SERVED, "main.c": '#ifdef __x86_64__\n#include "posix-amd64/tas.c"\n#endif\n'}
    (failure,) = loong(files, target=1).fails
    assert (failure.path, failure.needed) == ("posix-amd64/tas.c", False)
