"""What stands in place of assembly does what the assembly does: both run here, on x86-64.

The fixed file is compiled twice, as it is and with the macro for x86-64 taken away.
"""

import ctypes
import platform
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from duanban.answers import How, propose
from duanban.answers.definitions import definition_lines
from duanban.answers.x86_names import definitions_for
from duanban.check.core import CheckOptions
from duanban.targets.loader import load_target

SOURCE = r"""
typedef unsigned int u32;
typedef unsigned long long u64;

u64 bswap32(u64 a, u64 b) { u32 x = a; __asm__("bswapl %0" : "+r"(x)); return x; }
u64 bswap64(u64 a, u64 b) { u64 r; __asm__("bswapq %0" : "=r"(r) : "0"(a)); return r; }
u64 lowest(u64 a, u64 b) { u64 r; a |= 1ULL << 63; __asm__("bsfq %1, %0" : "=r"(r) : "r"(a)); return r; }
u64 highest(u64 a, u64 b) { u32 r, x = a | 1; __asm__("bsrl %1,%0" : "=r"(r) : "rm"(x)); return r; }
u64 left(u64 a, u64 b) { u32 x = a; unsigned char n = b & 31; __asm__("roll %1,%0" : "+r"(x) : "cI"(n)); return x; }
u64 right(u64 a, u64 b) { u64 x = a; unsigned char n = b & 63; __asm__("rorq %%cl,%0" : "+r"(x) : "c"(n)); return x; }
u64 high(u64 a, u64 b) { u64 lo, hi; __asm__("mulq %3" : "=a"(lo), "=d"(hi) : "a"(a), "rm"(b)); return hi ^ lo; }
u64 quotient(u64 a, u64 b) {
  u64 q, r;
  b |= 1ULL << 63;
  __asm__("divq %4" : "=a"(q), "=d"(r) : "0"(a), "1"(b >> 1), "r"(b) : "cc");
  return q ^ (r << 1);
}
u64 sum_two(u64 a, u64 b) {
  u64 hi, lo;
  __asm__("addq %5,%q1\n\tadcq %3,%q0" : "=r"(hi), "=&r"(lo) : "0"(a), "rme"(b), "%1"(a << 1 | b), "rme"(b | 1ULL << 63));
  return hi ^ lo << 1;
}
u64 difference_two(u64 a, u64 b) {
  u32 hi, lo;
  __asm__("subl %5,%k1\n\tsbbl %3,%k0" : "=r"(hi), "=&r"(lo) : "0"((u32)a), "g"((u32)b), "1"((u32)b), "g"((u32)a));
  return (u64)hi << 32 | lo;
}
u64 sum_low_first(u64 a, u64 b) { u64 lo = a, hi = b; __asm__("addq %2,%0; adcq %3,%1" : "+&r"(lo), "+r"(hi) : "r"(b << 2), "r"(a) : "cc"); return lo ^ hi; }
u64 carried(u64 a, u64 b) { u64 lo = a, hi = b; __asm__("addq %2,%0; adcq $0,%1" : "+&r"(lo), "+r"(hi) : "r"(~b) : "cc"); return lo ^ hi; }
u64 end_around(u64 a, u64 b) { u32 sum = a; __asm__("addl %1,%0; adcl $0,%0" : "+r"(sum) : "r"((u32)b) : "cc"); return sum; }
u64 add_(u64 a, u64 b) { u64 m = a; __asm__ volatile("lock; xaddq %0, %1" : "+r"(b), "+m"(m) : : "memory"); return m ^ b; }
u64 swap(u64 a, u64 b) { u32 m = a, x = b; __asm__ volatile("xchgl %0,%1" : "=r"(x), "+m"(m) : "0"(x)); return (u64)m << 32 | x; }
u64 swap_at(u64 a, u64 b) { u32 m = a, *p = &m, x = b; __asm__ volatile("xchgl %0,(%1)" : "+r"(x) : "r"(p) : "memory"); return (u64)m << 32 | x; }
u64 cas(u64 a, u64 b) {
  u64 m = a, old = b & 1 ? a : b, new = 7, prev;
  __asm__ volatile("lock; cmpxchgq %2,%1" : "=a"(prev), "+m"(m) : "r"(new), "0"(old) : "memory");
  return m ^ prev << 1;
}
struct dummy { unsigned long a[100]; };
u64 cas_of_size(u64 a, u64 b) {
  u32 m = a, old = b & 1 ? a : b, new = 9;
  unsigned long prev;
  __asm__ volatile("lock; cmpxchgl %k1,%2" : "=a"(prev) : "r"(new), "m"(*(struct dummy *)(&m)), "0"((unsigned long)old) : "memory");
  return (u64)m << 32 | (u32)prev;
}
u64 cas_tells(u64 a, u64 b) {
  u32 m = a, old = b & 1 ? a : b, new = 5; unsigned char done;
  __asm__ volatile("lock cmpxchgl %2, %1; sete %0" : "=q"(done), "+m"(m) : "r"(new), "a"(old) : "memory");
  return (u64)m << 1 | done;
}
u64 last(u64 a, u64 b) {
  u32 m = b & 1 ? 1 : a; unsigned char zero;
  __asm__ volatile("lock; decl %0; sete %1" : "+m"(m), "=qm"(zero) : : "memory");
  return (u64)m << 1 | zero;
}
u64 raise_(u64 a, u64 b) { u32 m = a; __asm__ volatile("lock; incl %0" : "+m"(m)); return m; }
u64 set_(u64 a, u64 b) { u64 m = a; __asm__ volatile("lock; orq %1,%0" : "+m"(m) : "r"(b) : "memory"); return m; }
u64 set_bit(u64 a, u64 b) { u64 m[2] = { a, b }; u32 n = a & 127; __asm__ volatile("lock; btsl %1,%0" : "+m"(m) : "r"(n) : "memory"); return m[0] ^ m[1] << 1; }
u64 clear_bit(u64 a, u64 b) { u64 m = a; u32 n = b & 63; __asm__ volatile("btrl %1,%0" : "+m"(m) : "r"(n) : "memory"); return m; }
u64 test_and_change(u64 a, u64 b) {
  u64 m = a; u32 n = b & 63; int was;
  __asm__ volatile("lock; btcl %2,%1\n\tsbbl %0,%0" : "=r"(was), "+m"(m) : "r"(n) : "memory");
  return m ^ was;
}
u64 test_and_set(u64 a, u64 b) {
  u64 m = a; u32 n = b & 63; unsigned char was;
  __asm__ volatile("lock btsl %2,%1; setc %0" : "=qm"(was), "+m"(m) : "r"(n) : "memory");
  return m << 1 | was;
}
u64 rounded(u64 a, u64 b) { double d = (double)(long long)(a >> 12) / 3; long long r; __asm__("cvtsd2siq %1, %0" : "=r"(r) : "x"(d)); return r; }
u64 root(u64 a, u64 b) { double d = (double)(a >> 11), r; __asm__("sqrtsd %1, %0" : "=x"(r) : "x"(d)); return (u64)(r * 1024); }
u64 bmi2_take(u64 a, u64 b) { u64 r; __asm__("pextq %2, %1, %0" : "=r"(r) : "r"(a), "r"(b)); return r; }
u64 bmi2_put(u64 a, u64 b) { u32 r; __asm__("pdepl %2, %1, %0" : "=r"(r) : "r"((u32)a), "r"((u32)b)); return r; }
"""  # noqa: E501
NAMES = [line.split("(")[0].split()[-1] for line in SOURCE.splitlines() if line.startswith("u64 ")]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return the file compiled as it is, and compiled as if for another machine."""
    if platform.machine() != "x86_64" or shutil.which("gcc") is None:
        pytest.skip("needs gcc on x86-64")
    root = tmp_path_factory.mktemp("idioms")
    (root / "f.c").write_text(SOURCE)
    options = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)
    how = How(("inline-asm",), options=options)
    proposal = propose(root, load_target("debian-sid-riscv64"), how=how)
    assert [one.reason for one in proposal.unanswered] == []
    (root / "fixed.c").write_bytes(proposal.files["f.c"])
    libraries = []
    for name, flags in (("native", []), ("portable", ["-U__x86_64__"])):
        command = ["gcc", "-O1", "-w", "-shared", "-fPIC", *flags, "fixed.c", "-o", f"{name}.so"]
        subprocess.run([*command, "-lm"], cwd=root, check=True)
        libraries.append(ctypes.CDLL(str(root / f"{name}.so")))
    command = ["gcc", "-E", "-P", "-U__x86_64__", "fixed.c"]
    seen = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    assert b"asm" not in seen.replace(b'__asm__ __volatile__("" ', b"")
    return libraries


@pytest.mark.parametrize("name", NAMES)
def test_the_portable_form_does_the_same(name, both):
    if name.startswith("bmi2") and "bmi2" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("needs a processor with BMI2")
    values = random.Random(name)
    native, portable = (getattr(library, name) for library in both)
    for function in (native, portable):
        function.argtypes, function.restype = [ctypes.c_uint64] * 2, ctypes.c_uint64
    for _ in range(300):
        a, b = (values.getrandbits(64) >> values.choice((0, 0, 16, 32)) for _ in range(2))
        assert native(a, b) == portable(a, b), (a, b)


CALLS = {
    "_pdep_u64": "_pdep_u64(a, b)",
    "_pext_u64": "_pext_u64(a, b)",
    "_pdep_u32": "_pdep_u32(a, b)",
    "_bzhi_u64": "_bzhi_u64(a, b & 127)",
    "_andn_u64": "_andn_u64(a, b)",
    "_blsr_u64": "_blsr_u64(a)",
    "_blsi_u64": "_blsi_u64(a)",
    "_tzcnt_u64": "_tzcnt_u64(b & 1 ? 0 : a)",
    "_lzcnt_u32": "_lzcnt_u32(b & 1 ? 0 : a)",
    "_mm_popcnt_u64": "_mm_popcnt_u64(a)",
    "_bswap64": "_bswap64(a)",
    "_mulx_u64": "({ u64 h, l = _mulx_u64(a, b, &h); h ^ l; })",
    "_addcarry_u64": "({ u64 s; unsigned char c = _addcarry_u64(a & 1, a, b, &s); s ^ c; })",
    "_subborrow_u64": "({ u64 s; unsigned char c = _subborrow_u64(a & 1, a, b, &s); s ^ c; })",
    "_addcarry_u32": "({ unsigned s; unsigned char c = _addcarry_u32(1, a, b, &s); s ^ c; })",
}


@pytest.fixture(scope="module")
def intrinsics(tmp_path_factory):
    """Return the intrinsics of the compiler, and those of the table, as functions of two words."""
    if platform.machine() != "x86_64" or shutil.which("gcc") is None:
        pytest.skip("needs gcc on x86-64")
    flags = set(Path("/proc/cpuinfo").read_text().split())
    if not {"bmi1", "bmi2", "adx", "abm"} <= flags:
        pytest.skip("needs a processor with BMI2 and ADX")
    root = tmp_path_factory.mktemp("intrinsics")
    table = "\n".join(
        line for one in definitions_for(CALLS) for line in definition_lines(one, CALLS)
    )
    libraries = []
    for kind, head in (("native", "#include <x86intrin.h>"), ("portable", table)):
        functions = "".join(
            f"u64 f{name}(u64 a, u64 b) {{ return {call}; }}\n" for name, call in CALLS.items()
        )
        text = f"{head}\ntypedef unsigned long long u64;\n{functions}"
        (root / f"{kind}.c").write_text(text)
        options = ["-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt", "-madx"] if kind == "native" else []
        command = ["gcc", "-O1", "-w", "-shared", "-fPIC", *options, f"{kind}.c"]
        subprocess.run([*command, "-o", f"{kind}.so"], cwd=root, check=True)
        libraries.append(ctypes.CDLL(str(root / f"{kind}.so")))
    return libraries


@pytest.mark.parametrize("name", CALLS)
def test_the_table_gives_what_the_intrinsic_gives(name, intrinsics):
    test_the_portable_form_does_the_same(f"f{name}", intrinsics)
