"""Functions that only other machines' sources define."""

import pytest

from duanban.check.lone import Sources, lone_functions
from duanban.check.rows import missing_rows
from duanban.model import Severity
from duanban.scan.functions import alike, defined
from duanban.scan.place import Elsewhere
from duanban.scan.setup import environment_of
from duanban.scan.siblings import lacking, rows
from duanban.targets.loader import load_target

SSE = b"#include <emmintrin.h>\nint\ndecode(const char *p, int (*f)(int))\n{\n  return *p;\n}\n"
NEON = b"int decode(const char *p, int (*f)(int)) { return *p; }\nstatic int own(void)\n{\n}\n"
CALL = b"int main(void)\n{\n  return decode(0, 0);\n}\n"


def lone(files, target="debian-sid-riscv64"):
    sources = sources_of(files, target)
    machine = sources.environment.machine
    found = [one for row in lacking(rows(sources.paths), machine) for one in (row, *row.alike)]
    return lone_functions(found, sources)


def sources_of(files, target):
    stack = load_target(target)
    paths = sorted(files)
    elsewhere = Elsewhere(paths, [stack.architecture.name])
    return Sources(paths, files.get, elsewhere, environment_of(stack))


def found_in(files, target):
    sources = sources_of(files, target.id)
    return missing_rows(rows(sources.paths), sources, {}, target, 1.0)


ROW = {"impl_sse/decode.c": SSE, "impl_neon/decode.c": NEON}


def test_what_a_row_alone_defines_and_all_call():
    (found,) = lone({**ROW, "tool.c": CALL}).values()
    assert (found.names, found.path, found.line) == (("decode",), "tool.c", 3)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("decode.c", NEON),
        ("impl_dummy/decode.c", NEON),
        ("decode.h", b"#define decode(p, f) (*(p))\n"),
        ("decode.h", b"static inline int decode(const char *p)\n{\n  return *p;\n}\n"),
        ("impl_rvv/decode.c", SSE),
        ("port.S", b"\t.globl decode\ndecode:\n"),
    ],
)
def test_nothing_is_lone_that_something_serves(path, text):
    assert not lone({**ROW, "tool.c": CALL, path: text})


@pytest.mark.parametrize(
    "call",
    [
        b"int main(void)\n{\n#ifdef __SSE2__\n  return decode(0, 0);\n#endif\n}\n",
        b"int main(void)\n{\n#if HAVE_DECODE\n  return decode(0, 0);\n#endif\n}\n",
        b"int decode(const char *p, int (*f)(int));\n",
        b'int main(void)\n{\n  /* decode(0, 0) */ return !"  decode(0)";\n}\n',
    ],
)
def test_only_calls_that_the_target_surely_compiles_count(call):
    assert not lone({**ROW, "tool.c": call})


def test_functions_of_one_machine_are_its_own_affair():
    x86, arm = b"void init_x86(void)\n{\n}\n", b"void init_arm(void)\n{\n}\n"
    call = b"void init(void)\n{\n  init_x86();\n  init_arm();\n}\n"
    assert not lone({"x86/init.c": x86, "arm64/init.c": arm, "init.c": call})


def test_assembler_counts_and_tests_do_not():
    row = {"a/jump_x86_64.S": b".globl jump\njump:\n", "a/jump_ppc64.S": b" .global jump\n"}
    call = b"int main(void)\n{\n\tjump();\n}\n"
    assert lone({**row, "run.c": call})
    assert not lone({**row, "tests/run.c": call})


def test_the_finding_stands_where_the_call_is_and_takes_the_place_of_the_row():
    files = {"arch/x86_64/i.c": SSE, "arch/arm64/i.c": NEON, "tool.c": CALL}
    target = load_target("debian-sid-riscv64")
    (found,) = found_in(files, target)
    assert (found.rule, found.path, found.line) == ("chip.tree.functions", "tool.c", 3)
    assert found.severity is Severity.BLOCKS
    files["plain.c"] = NEON
    (found,) = found_in(files, target)
    assert found.rule == "chip.tree.missing"


def test_rows_of_extensions_alone_are_no_finding_of_their_own():
    target = load_target("debian-sid-riscv64")
    files = {**ROW, "decode.c": NEON, "tool.c": CALL}
    assert found_in(files, target) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"int\nfive(int a,\n  int (*b)(void))\n{\n", {b"five"}),
        (b"static int five(void)\n{\n", set()),
        (b"static int\nfive(void)\n{\n", set()),
        (b"  if (four(five)) {\n", set()),
        (b"int f(void) {\n", set()),
        (b"struct point five = { .x = (1) };\n", set()),
        (b"#define five(x) do { (x) } while (0)\n", set()),
        (b"void Shape::five(int a) {\n", set()),
        (b"/* int five(void) {} */\n", set()),
        (b")){" * 5000, set()),
    ],
)
def test_definitions_by_their_looks(text, names):
    assert defined("a.c", text) == names


def test_most_and_two_at_least_have_it_in_common():
    assert alike([{b"a", b"b"}, {b"a"}, set()]) == {b"a"}
    assert alike([{b"a"}]) == set()
    assert alike([{b"a"}, {b"a"}, {b"b"}, {b"b"}, {b"b"}]) == {b"b"}
