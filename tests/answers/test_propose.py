"""What a proposal is made of, and the command around it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from example import EXAMPLES, OPTIONS, read

from duanban.answers import How, propose
from duanban.answers.fixers import simde
from duanban.cli.main import cli
from duanban.targets.loader import load_target

RISCV = "debian-sid-riscv64"
TIMER = read(EXAMPLES / "inline-asm" / "bolt-lmm.toml")


def run(*arguments):
    return CliRunner().invoke(cli, ["fix", *arguments, "--no-cache", "--offline"])


def test_the_command_prints_what_git_applies_and_tells_the_rest_apart(tmp_path):
    TIMER.write_tree(tmp_path)
    done = run(str(tmp_path), "-t", RISCV)
    assert done.exit_code == 0
    assert done.stdout.startswith("diff --git a/src/Timer.cpp b/src/Timer.cpp\n")
    assert "assumes the time stamp counter is used to measure time" in done.stderr
    subprocess.run(["git", "apply"], input=done.stdout.encode(), cwd=tmp_path, check=True)
    assert run(str(tmp_path), "-t", RISCV).stdout == ""


def test_write_changes_the_directory(tmp_path):
    TIMER.write_tree(tmp_path)
    done = run(str(tmp_path), "-t", RISCV, "--write")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "clock_gettime" in (tmp_path / "src/Timer.cpp").read_text()


def test_write_refuses_what_is_no_directory(tmp_path):
    (tmp_path / "x.c").write_text("int x;\n")
    done = run(str(tmp_path / "x.c"), "-t", RISCV, "--write")
    assert done.exit_code != 0
    assert "--write" in str(done.exception)


def test_rules_and_fixers_can_be_chosen(tmp_path):
    TIMER.write_tree(tmp_path)
    assert run(str(tmp_path), "-t", RISCV, "--rule", "toolchain.*").stdout == ""
    assert run(str(tmp_path), "-t", RISCV, "--fixer", "simde").stdout == ""
    wrong = run(str(tmp_path), "-t", RISCV, "--fixer", "inline-asn")
    assert "did you mean inline-asm?" in str(wrong.exception)


def test_what_is_left_has_a_reason(tmp_path):
    (tmp_path / "count.c").write_text(
        'unsigned count(void) { unsigned a; __asm__ ("rdpmc" : "=a"(a) : "c"(0)); return a; }\n'
    )
    proposal = propose(tmp_path, load_target(RISCV), how=How(options=OPTIONS))
    reasons = [one.reason for one in proposal.unanswered]
    assert reasons
    assert all("inline-asm: no portable form is known of `rdpmc`" in reason for reason in reasons)
    done = run(str(tmp_path), "-t", RISCV, "--fail-on-left")
    assert done.exit_code == 3


def test_what_is_left_is_told_once_a_rule_what_blocks_first(tmp_path):
    chain = "#if defined(__powerpc__)\n#elif defined(__mips__)\n#endif\n"
    (tmp_path / "a.c").write_text(chain + 'void f(void) { __asm__("wbinvd"); }\n')
    (tmp_path / "b.c").write_text(f"int x;\n{chain}{chain}")
    (tmp_path / "c.so").write_bytes(Path(sys.executable).resolve().read_bytes()[:4096])
    told = run(str(tmp_path), "-t", RISCV).stderr.splitlines()
    heads = [line for line in told if line.startswith("left")]
    assert heads[0].startswith("left    blocks: ")
    places = [line for line in told if line.startswith("          ")]
    assert "          b.c:2, 5" in places
    assert "          c.so" in places
    binary = next(head for head in heads if "chip.payload.elf" in head)
    assert "no fixer answers this: Rebuild it from its source" in binary


def test_line_ends_bytes_and_a_missing_line_end_stay(tmp_path):
    before = b"/* \xe9 */\r\n#include <emmintrin.h>\r\n__m128i x;\r\n__m128i y = { 0 };"
    (tmp_path / "x.c").write_bytes(before)
    proposal = propose(tmp_path, load_target(RISCV), how=How(options=OPTIONS))
    after = proposal.files["x.c"]
    assert after.count(b"\n") == after.count(b"\r\n")
    assert after.startswith(b"/* \xe9 */\r\n#if")
    assert after.endswith(b"= { 0 };")
    subprocess.run(["git", "apply"], input=proposal.diff, cwd=tmp_path, check=True)
    assert (tmp_path / "x.c").read_bytes() == after


def test_options_of_arm_are_for_arm_only(tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        'project(sum C)\nset(CMAKE_C_FLAGS "-O2 -march=armv8-a+crc")\nadd_library(sum sum.c)\n'
    )
    files = propose(tmp_path, load_target(RISCV), how=How(options=OPTIONS)).files
    assert files["CMakeLists.txt"].decode() == (
        'project(sum C)\nif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm.*)$")\n'
        '  set(ARM_FLAGS "-march=armv8-a+crc")\nendif()\n'
        'set(CMAKE_C_FLAGS "-O2 ${ARM_FLAGS}")\nadd_library(sum sum.c)\n'
    )


def test_options_of_cgo_and_cargo_are_for_x86_only(tmp_path):
    (tmp_path / "sum.go").write_text('package sum\n\n// #cgo CFLAGS: -O3 -msse4.2\nimport "C"\n')
    (tmp_path / ".cargo").mkdir()
    flags = '["-C", "link-arg=-s", "-C", "target-cpu=haswell"]'
    config = f'[build]\ntarget-dir = "out"\nrustflags = {flags}\n'
    (tmp_path / ".cargo/config.toml").write_text(config)
    rules = ("toolchain.flags.*",)
    files = propose(tmp_path, load_target(RISCV), rules, How(options=OPTIONS)).files
    assert files["sum.go"].decode() == (
        'package sum\n\n// #cgo CFLAGS: -O3\n// #cgo amd64 CFLAGS: -msse4.2\nimport "C"\n'
    )
    assert tomllib.loads(files[".cargo/config.toml"].decode()) == {
        "build": {"target-dir": "out", "rustflags": ["-C", "link-arg=-s"]},
        "target": {
            'cfg(any(target_arch = "x86", target_arch = "x86_64"))': {
                "rustflags": ["-C", "target-cpu=haswell"]
            }
        },
    }


@pytest.mark.parametrize("target", [RISCV, "debian-sid-loong64", "eu-csf-debian-sid-amd64"])
def test_neon_comes_from_simde_where_there_is_none(tmp_path, target):
    code = "#include <arm_neon.h>\nfloat32x4_t two(void) { return vdupq_n_f32(2.0f); }\n"
    (tmp_path / "two.c").write_text(code)
    after = propose(tmp_path, load_target(target), how=How(options=OPTIONS)).files["two.c"]
    assert after.startswith(b"#if defined(__ARM_NEON)\n#include <arm_neon.h>\n#else\n")
    assert b"#include <simde/arm/neon.h>\n#endif\n" in after
    (tmp_path / "two.c").write_text(code)
    arm = propose(tmp_path, load_target("debian-sid-arm64"), how=How(options=OPTIONS))
    assert arm.diff == b""


def test_a_copy_of_simde_is_made_on_request(tmp_path, monkeypatch):
    installed = tmp_path / "usr"
    (installed / "simde/x86").mkdir(parents=True)
    (installed / "simde/x86/sse2.h").write_text('#include "sse.h"\n#include "../common.h"\n')
    (installed / "simde/x86/sse.h").write_text("// sse\n")
    (installed / "simde/common.h").write_text("// common\n")
    monkeypatch.setattr(simde, "simde_directory", lambda: installed)
    root = tmp_path / "tree"
    (root / "src/deep").mkdir(parents=True)
    (root / "src/deep/x.c").write_text("#include <emmintrin.h>\n__m128i x;\n")
    how = How(vendor="third_party", options=OPTIONS)
    files = propose(root, load_target(RISCV), how=how).files
    assert b'#include "../../third_party/simde/x86/sse2.h"' in files["src/deep/x.c"]
    assert sorted(set(files) - {"src/deep/x.c"}) == [
        "third_party/simde/common.h",
        "third_party/simde/x86/sse.h",
        "third_party/simde/x86/sse2.h",
    ]


def test_a_link_out_of_the_tree_is_not_followed(tmp_path):
    outside = tmp_path / "outside.c"
    outside.write_text('void f(void) { __asm__ volatile ("mfence"); }\n')
    root = tmp_path / "tree"
    root.mkdir()
    os.symlink(outside, root / "x.c")
    (root / "y.c").write_text("int y;\n")
    assert propose(root, load_target(RISCV), how=How(options=OPTIONS)).diff == b""


@pytest.mark.parametrize(
    "bytes_", [b"\xff" * 9 + b"asm(", b'asm("%0"', b'#if\n#elif x\n asm("mfence")', b""]
)
def test_odd_files_do_no_harm(bytes_, tmp_path):
    (tmp_path / "x.c").write_bytes(b"#include <emmintrin.h>\n" + bytes_)
    proposal = propose(tmp_path, load_target(RISCV), how=How(options=OPTIONS))
    subprocess.run(["git", "apply"], input=proposal.diff, cwd=tmp_path, check=True)


def test_list_names_every_fixer():
    listed = CliRunner().invoke(cli, ["fix", "--list"]).stdout
    assert "inline-asm" in listed
    assert json.dumps(listed).count("answers") >= 10
