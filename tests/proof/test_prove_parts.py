"""The parts of a proof: patches, logs of compilers, products, comparisons, what is remembered."""

import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.locate.digest import tree_hash
from duanban.proof.build import autotools, cmake, find_build, go, make, meson
from duanban.proof.compare import compare_runs, compare_tests
from duanban.proof.compile_log import first_error, read_log
from duanban.proof.interface import Proof, ProofVerdict, Step, StepState, Subject, verdict_of
from duanban.proof.memo import Memo
from duanban.proof.packages import build_depends
from duanban.proof.patching import apply_patch, touched
from duanban.proof.products import products
from duanban.proof.sandbox import Ran
from duanban.proof.sandbox.bare import Bare
from duanban.proof.symbols import defined_names
from duanban.proof.text import _facts, terminal
from duanban.proof.toolchain import gcc
from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import Tools
from duanban.proof.wish import Options
from duanban.proof.worktree import copy_tree
from duanban.targets.architectures import architecture

PATCH = """\
--- a/src/one.c
+++ b/src/one.c
@@ -1,2 +1,2 @@
 int a;
-int b;
+long b;
--- /dev/null
+++ b/new.h
@@ -0,0 +1 @@
+int c;
"""


def compiler(triplet: str = "x86_64-linux-gnu", **commands: tuple[str, ...]) -> Compiler:
    return Compiler("gcc", "12", "x86_64", triplet, commands or {"cc": ("gcc",)})


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree/src").mkdir(parents=True)
    (tmp_path / "tree/src/one.c").write_text("int a;\nint b;\n")
    return tmp_path / "tree"


def test_patches_name_what_they_touch():
    assert touched(PATCH) == ("src/one.c", "new.h")


def test_a_patch_is_applied_whole(tree):
    assert apply_patch(Bare(), tree, PATCH).passed
    assert (tree / "src/one.c").read_text() == "int a;\nlong b;\n"
    assert (tree / "new.h").read_text() == "int c;\n"


def test_a_patch_that_does_not_fit_changes_nothing(tree):
    assert not apply_patch(Bare(), tree, PATCH.replace("-int b;", "-int x;")).passed
    assert (tree / "src/one.c").read_text() == "int a;\nint b;\n"
    assert not (tree / "new.h").exists()


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", ".git/hooks/pre-commit"])
def test_a_patch_cannot_write_elsewhere(tree, name):
    patch = f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n"
    assert not apply_patch(Bare(), tree, patch).passed
    assert not (tree.parent / "outside").exists()


def test_a_patch_cannot_write_through_a_link(tree):
    (tree / "link").symlink_to(tree.parent)
    patch = "--- /dev/null\n+++ b/link/outside\n@@ -0,0 +1 @@\n+x\n"
    assert not apply_patch(Bare(), tree, patch).passed
    assert not (tree.parent / "outside").exists()


def test_the_hash_of_a_tree_is_that_of_its_files(tree, tmp_path):
    before = tree_hash(tree)
    (tree / ".git").mkdir()
    (tree / ".git/index").write_text("x")
    assert tree_hash(tree) == before
    (tree / "src/link").symlink_to("/etc/passwd")
    copy_tree(tree, tmp_path / "copy")
    assert tree_hash(tmp_path / "copy") == before
    assert (tmp_path / "copy/src/link").is_symlink()
    assert not (tmp_path / "copy/.git").exists()
    (tree / "src/one.c").write_text("int a;\nint c;\n")
    assert tree_hash(tree) != before


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("src/one.c:2:1: error: no such thing\n", ("src/one.c", 2, "no such thing")),
        ("src/one.c:7:10: fatal error: x.h: No such file\n", ("src/one.c", 7, "x.h: No such file")),
        ("/usr/include/a.h:1:2: error: bad\n", ("", 0, "bad")),
        ("/tmp/cc1.s: Assembler messages:\n/tmp/cc1.s:9: Error: what\n", ("", 0, "what")),
        (
            "gcc: error: unrecognized command-line option '-msse2'\n",
            ("", 0, "unrecognized command-line option '-msse2'"),
        ),
        ("", ("", 0, "it said nothing")),
    ],
)
def test_the_first_error_and_its_place(tree, said, expected):
    assert first_error(said, str(tree), tree) == expected


@given(st.text())
def test_no_words_of_a_compiler_are_too_strange(tmp_path_factory, said):
    path, line, message = first_error(said, "/nowhere", tmp_path_factory.getbasetemp())
    assert path == "" and line == 0 and message


@pytest.mark.skipif(
    gcc.find(Tools(Bare()), "x86_64") is None, reason="gcc is not installed under its full name"
)
def test_the_compiler_records_what_it_is_asked(tree, tmp_path):
    found = gcc.find(Tools(Bare()), "x86_64")
    found.write_commands(tmp_path / "bin", crossing=True, added=("-DADDED=1",))
    (tmp_path / "log").mkdir()
    (tree / "src/two.c").write_text("#ifdef ADDED\n#error added\n#endif\n")
    (tree / "src/three.c").write_text("int f(void) { int unused; return 0; }\n")
    environment = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "DUANBAN_LOG": str(tmp_path / "log"),
    }

    def run(*arguments):
        return subprocess.run(
            arguments, cwd=tree, env=environment, capture_output=True, text=True, check=False
        )

    assert run("cc", "-march=native", "-c", "src/one.c", "-o", "one.o").returncode == 0
    failed = run("gcc", "-c", "src/two.c")
    assert failed.returncode == 1
    assert "#error added" in failed.stderr
    assert run("cc", "-Wall", "-c", "src/three.c").returncode == 0
    assert run("cc", "--version").stdout
    log = read_log(tmp_path / "log", tree)
    assert {path: one.passed for path, one in log.items()} == {
        "src/one.c": True,
        "src/two.c": False,
        "src/three.c": True,
    }
    assert "-march=native" not in log["src/one.c"].arguments
    assert (log["src/two.c"].place, log["src/two.c"].line) == ("src/two.c", 2)
    assert log["src/three.c"].warnings == 1


def test_records_that_are_damaged_or_forged_say_nothing(tree, tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    (log / "a").write_bytes(b"")
    (log / "b").write_bytes(b"\0\0\0")
    (log / "c").write_bytes(b"/\0x\0src/one.c\0\0")
    (log / "d").symlink_to("/etc/passwd")
    (log / "e").write_bytes(str(tree).encode() + b"\x000\0-c\0../../etc/passwd\0\0")
    assert read_log(log, tree) == {}


def elf(machine: int, kind: int = 2) -> bytes:
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    return ident + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, 0, 64, 0, 0)


def test_products_are_new_files_with_code(tmp_path):
    for name, machine in (("old", 62), ("new", 258), ("text", None)):
        (tmp_path / name).write_bytes(elf(machine) if machine else b"text")
    for probe in ("CMakeFiles/3.25.1/CompilerIdC", "b/meson-private"):
        (tmp_path / probe).mkdir(parents=True)
        (tmp_path / probe / "a.out").write_bytes(elf(258))
    assert [(p.path, p.machine) for p in products(tmp_path, {"old"})] == [("new", "loongarch64")]


@given(st.binary(max_size=300))
def test_symbols_of_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "symbols"
    path.write_bytes(b"\x7fELF\x02\x01" + data)
    assert isinstance(defined_names(path), set)


@pytest.mark.parametrize(
    ("file", "name", "place"),
    [
        ("CMakeLists.txt", "cmake", "."),
        ("meson.build", "meson", "."),
        ("configure", "autotools", "."),
        ("src/Makefile", "make", "src"),
        ("Cargo.toml", "cargo", "."),
        ("go.mod", "go", "."),
    ],
)
def test_build_systems_are_told_by_their_files(tmp_path, file, name, place):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("")
    system, below = find_build(tmp_path)
    assert (system.NAME, below) == (name, place)
    recipe = system.recipe(tmp_path / below, 3, ("--option",), architecture("riscv64"))
    assert any("--option" in command for command in (*recipe.configure, *recipe.build))


def test_a_python_source_distribution_is_built_by_its_setup(tmp_path):
    (tmp_path / "Makefile").write_text("")
    (tmp_path / "setup.py").write_text("")
    assert find_build(tmp_path)[0].NAME == "make"  # a setup.py beside, but no distribution
    (tmp_path / "PKG-INFO").write_text("")
    (tmp_path / "tests").mkdir()
    system, _ = find_build(tmp_path)
    assert system.NAME == "python"
    recipe = system.recipe(tmp_path, 1, (), architecture("riscv64"))
    assert recipe.test[-1] == "tests"
    said = "tests/test_a.py::test_one PASSED [ 50%]\ntests/test_a.py::test_two[x y] FAILED [100%]\n"
    assert dict(system.results(said).tests) == {
        "tests/test_a.py::test_one": True,
        "tests/test_a.py::test_two[x y]": False,
    }


def test_no_build_system_is_none(tmp_path):
    assert find_build(tmp_path) is None
    (tmp_path / "Makefile").write_text("")
    assert find_build(tmp_path, "cmake") is None
    (tmp_path / "parser").mkdir()
    assert find_build(tmp_path, "make", "parser") == (make, "parser")  # Makefile.gcc, with -f
    assert make.recipe(tmp_path / "parser", 1, ("-fM",), architecture("riscv64")).test == ()


@pytest.mark.parametrize(
    ("text", "test"),
    [("check: all\n", "check"), ("test:\n", "test"), ("test := 1\n", ""), ("tests: x\n", "tests")],
)
def test_the_target_of_a_makefile_that_tests(tmp_path, text, test):
    (tmp_path / "Makefile").write_text(text)
    recipe = make.recipe(tmp_path, 2, (), architecture("riscv64"))
    assert recipe.test == (("make", test) if test else ())


@pytest.mark.parametrize(
    ("system", "output", "expected"),
    [
        (
            cmake,
            "1/2 Test #1: one .......   Passed    0.1 sec\n2/2 Test #2: two ....***Failed  1 sec\n",
            {"one": True, "two": False},
        ),
        (
            meson,
            "1/2 lib:one          OK      0.01s\n2/2 two   FAIL   0.1s   exit status 1\n",
            {"lib:one": True, "two": False},
        ),
        (autotools, "PASS: a.sh\nFAIL: b\nXFAIL: c\n", {"a.sh": True, "b": False, "c": True}),
        (
            go,
            "--- PASS: TestA (0.0s)\n    --- FAIL: TestA/b (0s)\n",
            {"TestA": True, "TestA/b": False},
        ),
    ],
)
def test_what_test_drivers_say(system, output, expected):
    assert dict(system.results(output).tests) == expected


def step_of(here: tuple[int, str], there: tuple[int, str], started: int = 1) -> Step:
    return compare_tests(autotools, Ran(*here, 1.0), Ran(*there, 1.0), "x86_64", started)


def test_tests_are_compared():
    passed, failed = (0, "PASS: a\nPASS: b\n"), (1, "PASS: a\nFAIL: b\n")
    assert step_of(passed, passed).state is StepState.PASSED
    assert step_of(passed, failed).state is StepState.FAILED
    assert "b first" in step_of(passed, failed).reason
    same = step_of(failed, failed)
    assert same.state is StepState.PASSED
    assert "1 fail on x86_64, too" in same.reason
    assert step_of((0, ""), (0, "")).state is StepState.PASSED
    assert step_of((0, ""), (0, ""), started=0).state is StepState.SKIPPED
    assert step_of((0, ""), (2, "")).state is StepState.FAILED
    assert step_of((2, ""), (2, "")).state is StepState.SKIPPED
    assert step_of(passed, (0, "PASS: a\n")).state is StepState.FAILED


def test_how_many_tests_passed_is_told():
    step = step_of((0, "PASS: a\nPASS: b\n"), (0, "PASS: a\nPASS: b\n"))
    assert _facts(step.facts) == "1 program of the target started, 2 of 2 tests pass there"


def test_runs_are_compared():
    def state(here: Ran, there: Ran) -> StepState:
        return compare_runs(here, there, (here.output, there.output)).state

    assert state(Ran(0, "x", 1), Ran(0, "x", 1)) is StepState.PASSED
    assert state(Ran(0, "x", 1), Ran(0, "y", 1)) is StepState.FAILED
    assert state(Ran(0, "x", 1), Ran(1, "x", 1)) is StepState.FAILED
    assert state(Ran(1, "x", 1), Ran(1, "x", 1)) is StepState.SKIPPED
    assert state(Ran(-9, "", 1, "time"), Ran(-9, "", 1, "time")) is StepState.SKIPPED


def test_the_verdict_of_the_steps():
    def verdict(**states: StepState) -> ProofVerdict:
        return verdict_of(tuple(Step(name, state) for name, state in states.items()))

    passed, failed, skipped = StepState.PASSED, StepState.FAILED, StepState.SKIPPED
    assert verdict(build=passed, products=passed, tests=passed) is ProofVerdict.PROVED
    assert verdict(build=passed, products=passed, run=passed) is ProofVerdict.PROVED
    assert verdict(build=passed, products=passed, tests=skipped) is ProofVerdict.NOT_PROVED
    assert verdict(build=skipped, tests=passed) is ProofVerdict.NOT_PROVED
    assert verdict(build=passed, products=passed, tests=passed, compile=failed) is (
        ProofVerdict.FAILED
    )
    assert verdict() is ProofVerdict.NOT_PROVED


def test_a_proof_is_told_in_words():
    steps = (
        Step("build", StepState.PASSED, facts={"units": 1, "failing": [], "builds": True}),
        Step("products", StepState.PASSED, facts={"products": 5, "missing": 1}),
    )
    subject = Subject("./p", "p", "1", "0")
    proof = Proof(
        *("debian-sid-riscv64", "as-is", subject, "", (), "none", {}, steps, ()),
        *(ProofVerdict.NOT_PROVED, "2026-11-25T00:00:00Z", "0"),
    )
    told = terminal(proof)
    assert "build      1 unit\n" in told
    assert "products   5 products, 1 name missing\n" in told
    assert told.rstrip().endswith("  not proved")


def test_what_is_done_is_not_done_again(tmp_path):
    done = []

    def make_() -> Step:
        done.append(1)
        return Step("build", StepState.PASSED, facts={"units": 3})

    memo = Memo(tmp_path, "key", fresh=False)
    assert memo.take("build", Step, make_) == memo.take("build", Step, make_)
    assert len(done) == 1
    Memo(tmp_path, "another key of the same", fresh=False).take("build", Step, make_)
    Memo(tmp_path, "key", fresh=True).take("build", Step, make_)
    assert len(done) == 3


def test_development_packages_of_a_debian_package(tmp_path):
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian/control").write_text(
        "Source: x\nBuild-Depends: debhelper (>= 9),\n zlib1g-dev | libz-dev,\n"
        " libfoo-dev:any [amd64],\n"
        " python3\nStandards-Version: 4\n\nPackage: y\nDepends: other-dev\n"
    )
    assert build_depends(tmp_path) == ("libfoo-dev", "zlib1g-dev")


def test_options_come_back():
    options = Options(configure=("--a", "--b"), run="./x")
    assert Options.of(options.as_mapping()) == options
    assert Options().as_mapping() == {}
