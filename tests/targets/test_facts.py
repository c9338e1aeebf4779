"""The facts about architectures, against the ABI documents and this machine's own compiler."""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from duanban.model.errors import TargetError
from duanban.targets import architectures
from duanban.targets.architectures import (
    ARCHITECTURES,
    architecture,
    elsewhere,
    headers_absent_on,
    macros_undefined_on,
)

ROOT = Path(__file__).resolve().parents[2]
HOST = platform.machine()
needs_host_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None or HOST not in ARCHITECTURES or sys.platform != "linux",
    reason="needs gcc on one of the four architectures",
)


def host_gcc(text: str, *flags: str) -> str:
    command = ["gcc", "-E", *flags, "-x", "c", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None or HOST != "x86_64",
    reason="ziglang (extra `facts`) is not installed",
)
def test_the_files_are_what_the_compilers_say():
    script = ROOT / "scripts" / "generate_facts.py"
    run = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None,
    reason="ziglang (extra `facts`) is not installed",
)
@pytest.mark.parametrize("language", ["c", "c++"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_clang_and_the_c_library_define_nothing_that_is_said_to_be_undefined(
    name, language, monkeypatch
):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    compiler = importlib.import_module("facts_compiler")
    headers = "stdio stdlib unistd signal pthread math fenv elf endian byteswap ucontext limits"
    text = "".join(f"#include <{header}.h>\n" for header in headers.split())
    text += "#include <sys/syscall.h>\n#include <sys/ptrace.h>\n#include <linux/io_uring.h>\n"
    flags = [*compiler.header_flags(name), "-x", language, "-D_GNU_SOURCE", "-dM", "-O2", "-fPIE"]
    listed = compiler.preprocess(f"{name}-linux-gnu", flags, text)
    defined = {match[1] for match in map(compiler.MACRO.match, listed.splitlines()) if match}
    assert f"__{name}__" in defined or name in {"riscv64", "loongarch64"}
    assert len(defined) > 2000
    assert not {macro.encode() for macro in defined} & macros_undefined_on(name)
    assert set(architecture(name).macros) <= defined


# System V psABI of each architecture; https://www.sco.com/developers/gabi/latest/ch4.eheader.html
@pytest.mark.parametrize(
    ("name", "elf", "char_signed", "long_double", "order"),
    [
        ("x86_64", 62, True, "x87-80", "tso"),
        ("aarch64", 183, False, "ieee-128", "weak"),
        ("riscv64", 243, False, "ieee-128", "weak"),
        ("loongarch64", 258, True, "ieee-128", "weak"),
    ],
)
def test_the_abi_documents_agree(name, elf, char_signed, long_double, order):
    facts = architecture(name)
    assert facts.elf_machine == elf
    assert facts.char_signed is char_signed
    assert facts.long_double == long_double
    assert facts.memory_order == order
    assert facts.bits == 64
    assert facts.little_endian


@pytest.mark.parametrize(
    ("header", "on"),
    [
        ("immintrin.h", {"x86_64"}),
        ("cpuid.h", {"x86_64"}),
        ("mm_malloc.h", {"x86_64"}),
        ("quadmath.h", {"x86_64"}),
        ("sys/io.h", {"x86_64"}),
        ("sys/reg.h", {"x86_64"}),
        ("sys/vm86.h", {"x86_64"}),
        ("asm/ldt.h", {"x86_64"}),
        ("arm_neon.h", {"aarch64"}),
        ("sys/ifunc.h", {"aarch64"}),
        ("riscv_vector.h", {"riscv64"}),
        ("sys/hwprobe.h", {"riscv64"}),
        ("lsxintrin.h", {"loongarch64"}),
        ("sys/sysmips.h", set()),
        ("regdef.h", set()),
        ("windows.h", set()),
        ("sys/sysctl.h", set()),
        ("stdio.h", set(ARCHITECTURES)),
        ("sys/auxv.h", set(ARCHITECTURES)),
        ("linux/io_uring.h", set(ARCHITECTURES)),
    ],
)
def test_headers_are_where_debian_has_them(header, on):
    assert {name for name in ARCHITECTURES if header in architecture(name).headers} == on
    assert {name for name in ARCHITECTURES if header in headers_absent_on(name)} == (
        set(ARCHITECTURES) - on
    )


def test_system_calls_differ_where_the_kernel_says_so():
    legacy = {"open", "stat", "fork", "select", "epoll_wait", "dup2"}
    for name in ARCHITECTURES:
        calls = architecture(name).syscalls
        assert legacy <= calls.keys() if name == "x86_64" else not legacy & calls.keys()
        assert len(set(calls.values())) == len(calls)
    assert architecture("x86_64").syscalls["openat"] == 257
    assert {architecture(name).syscalls["openat"] for name in ARCHITECTURES[1:]} == {56}
    assert "riscv_hwprobe" in architecture("riscv64").syscalls
    assert "renameat" not in architecture("loongarch64").syscalls


@pytest.mark.parametrize(
    ("builtin", "name"),
    [
        ("__builtin_ia32_pause", "x86_64"),
        ("__builtin_aarch64_get_fpcr", "aarch64"),
        ("__builtin_riscv_orc_b_64", "riscv64"),
        ("__builtin_lsx_vadd_b", "loongarch64"),
    ],
)
def test_builtins_belong_to_one_architecture(builtin, name):
    assert {other for other in ARCHITECTURES if builtin in architecture(other).builtins} == {name}


def test_register_names_of_signal_contexts():
    assert {"REG_RIP", "gregs", "rip"} <= architecture("x86_64").ucontext
    assert {"pc", "pstate"} <= architecture("aarch64").ucontext
    assert {"__gregs", "REG_PC"} <= architecture("riscv64").ucontext
    assert {"__pc", "__gregs"} <= architecture("loongarch64").ucontext
    assert "REG_RIP" not in architecture("aarch64").ucontext


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_macro_is_both_defined_and_undefined(name):
    facts = architecture(name)
    undefined = macros_undefined_on(name)
    assert not undefined & {macro.encode() for macro in facts.macros}
    assert not undefined & {macro.encode() for macro in facts.macros_optional}
    assert not undefined & {macro.encode() for macro in elsewhere().flags}
    assert not headers_absent_on(name) & facts.headers


@pytest.mark.parametrize(
    ("macro", "own"),
    [
        ("__x86_64__", "x86_64"),
        ("__SSE2__", "x86_64"),
        ("__AVX2__", "x86_64"),
        ("__AVX512F__", "x86_64"),
        ("__aarch64__", "aarch64"),
        ("__ARM_FEATURE_SVE", "aarch64"),
        ("__riscv", "riscv64"),
        ("__riscv_vector", "riscv64"),
        ("__loongarch__", "loongarch64"),
        ("__loongarch_asx", "loongarch64"),
    ],
)
def test_what_one_architecture_may_define_the_others_do_not(macro, own):
    undefined = {name for name in ARCHITECTURES if macro.encode() in macros_undefined_on(name)}
    assert undefined == set(ARCHITECTURES) - {own}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize(
    "macro",
    [
        "__arm__",
        "__i386__",
        "__powerpc64__",
        "__PPC64__",
        "__mips__",
        "__s390x__",
        "__sparc__",
        "__alpha__",
        "__ia64__",
        "_M_X64",
        "_MSC_VER",
        "_WIN32",
        "__APPLE__",
        "__FreeBSD__",
        "__ICC",
        "__wasm__",
        "__ANDROID__",
        "__CYGWIN__",
        "__sun",
        "__BIG_ENDIAN__",
        "__ILP32__",
        "__i686__",
    ],
)
def test_other_machines_and_systems_are_surely_not_there(macro, name):
    assert macro.encode() in macros_undefined_on(name)


@pytest.mark.parametrize(
    "macro",
    [
        "__clang__",
        "__GNUC__",
        "__OPTIMIZE__",
        "__cplusplus",
        "NDEBUG",
        "_OPENMP",
        "__linux__",
        "linux",
    ],
)
def test_what_depends_on_flags_or_is_shared_is_not_undefined(macro):
    assert not [name for name in ARCHITECTURES if macro.encode() in macros_undefined_on(name)]


@needs_host_gcc
def test_this_machines_gcc_contradicts_nothing():
    text = "".join(
        f"#include <{name}.h>\n"
        for name in [
            "stdio",
            "stdlib",
            "unistd",
            "signal",
            "ucontext",
            "pthread",
            "math",
            "fenv",
            "sys/mman",
            "sys/syscall",
            "sys/user",
            "sys/ptrace",
            "elf",
            "endian",
            "byteswap",
            "netinet/in",
            "linux/futex",
        ]
    )
    lines = host_gcc(text, "-dM", "-D_GNU_SOURCE").splitlines()
    defined = {
        match[1]: match[3] or ""
        for line in lines
        if (match := re.match(r"#define (\w+)(\([^)]*\))?(?: (.*))?", line))
    }
    assert not {name.encode() for name in defined} & macros_undefined_on(HOST)
    facts = architecture(HOST).macros
    wrong = {
        name: (value, defined.get(name))
        for name, value in facts.items()
        if value.isdigit() and defined.get(name, "").isdigit() and defined[name] != value
    }
    assert not wrong
    assert len(facts.keys() & defined.keys()) > 0.9 * len(facts)


@needs_host_gcc
def test_this_machine_has_the_headers_that_the_facts_name():
    facts = architecture(HOST)
    asked = sorted(facts.headers | headers_absent_on(HOST))
    text = "".join(f"#if __has_include(<{name}>)\n@{name}\n#endif\n" for name in asked)
    there = {line[1:] for line in host_gcc(text, "-P").splitlines() if line.startswith("@")}
    generic = {name for name in facts.headers if name.startswith(("bits/", "sys/", "asm/", "net"))}
    assert len(generic & there) > 0.95 * len(generic)
    assert not {name for name in headers_absent_on(HOST) if name.startswith(("sys/", "asm/"))} & (
        there
    )


def test_every_name_in_use_leads_to_its_architecture():
    for alias, name in {
        "amd64": "x86_64",
        "x64": "x86_64",
        "arm64": "aarch64",
        "ARM64": "aarch64",
        "riscv64gc": "riscv64",
        "riscv": "riscv64",
        "loong64": "loongarch64",
        "loongarch": "loongarch64",
    }.items():
        assert architecture(alias).name == name
    with pytest.raises(TargetError, match="sparc"):
        architecture("sparc")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_fact_has_a_source(name):
    facts = architecture(name)
    without = {"name", "sources", "macros_optional", "headers_foreign"}
    fields = {field for field in type(facts).__dataclass_fields__ if field not in without}
    assert fields <= facts.sources.keys()
    assert all(facts.sources.values())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_reading_one_architecture_is_quick(name):
    best = 1.0
    for _ in range(10):
        architectures._facts.cache_clear()
        start = time.perf_counter()
        architecture(name)
        best = min(best, time.perf_counter() - start)
    assert best < 0.005
