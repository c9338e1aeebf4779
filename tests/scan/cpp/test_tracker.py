from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.readers import read_source

ENVIRONMENT = MacroEnvironment(
    {b"__aarch64__": b"1", b"__GNUC__": b"14", b"__GNUC_MINOR__": b"2", b"__LP64__": b"1"},
    frozenset((b"__x86_64__", b"__i386__")),
    lambda name: Truth.of({b"stdio.h": True, b"immintrin.h": False}.get(name)),
)


def regions(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_source("c", data).regions(ENVIRONMENT)


def state_of(text, line_text="HERE"):
    """Return the state of the only line that holds `line_text`."""
    lines = text.split("\n")
    (number,) = [n for n, line in enumerate(lines, 1) if line_text in line]
    (region,) = [r for r in regions(text) if r.line <= number <= r.end_line]
    return region.state


T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("0", F),
        ("1", T),
        ("defined(__aarch64__)", T),
        ("defined __x86_64__", F),
        ("defined(X)", U),
        ("X", U),
        ("X && 0", F),
        ("0 && X", F),
        ("X || 1", T),
        ("__x86_64__", F),
        ("!__x86_64__ && __GNUC__ >= 4", T),
        ("__GNUC__ > 14 || (__GNUC__ == 14 && __GNUC_MINOR__ >= 3)", F),
        ("defined(__GNUC_PREREQ) && __GNUC_PREREQ(4, 3)", U),
        ("__has_include(<stdio.h>)", T),
        ("__has_include(<immintrin.h>)", F),
        ('__has_include("immintrin.h")', U),
        ("__has_include(<other.h>)", U),
        ("defined(__has_include) && __has_include(<stdio.h>)", T),
        ("__has_builtin(__builtin_x)", U),
        ("-1 > 0u", T),
        ("(2 || 3) != 1", F),
        ("1 ? 2 : X", T),
        ("X ? 2 : 2", T),
        ("1 / 0", U),
        ("0xffffffffffffffff == -1", T),
        ("1'000 == 1000", T),
        ("'A' == 65", T),
        ("L'A' == 65", U),
        ("'\\377' > 0", U),
        ("0b101 == 5 && 010 == 8", T),
        ("1 << 63 < 0", T),
        ("not defined(__x86_64__) and defined(__aarch64__)", T),
        ("true", U),
        ("1.5", U),
        ("(", U),
        ("", U),
        ("defined", U),
        ('"text"', U),
        ("1, 0", F),
        ("~0 == -1", T),
        ("-7 / 2 == -3 && -7 % 2 == -1", T),
    ],
)
def test_conditions(condition, state):
    assert state_of(f"#if {condition}\nHERE\n#endif\n") is state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("#ifdef X\n#ifdef X\nHERE\n#else\n#endif\n#endif", U),
        ("#ifdef X\n#ifndef X\nHERE\n#endif\n#endif", F),
        ("#ifndef X\n#else\n#ifndef X\nHERE\n#endif\n#endif", F),
        ("#if defined(X) && Y\n#ifndef X\nHERE\n#endif\n#endif", F),
        ("#if X >= 3\n#ifndef X\nHERE\n#endif\n#endif", F),
        ("#if defined(X) || defined(Y)\n#else\n#ifdef Y\nHERE\n#endif\n#endif", F),
        ("#ifdef X\n#undef X\n#ifdef X\nHERE\n#endif\n#endif", F),
        ("#define X 3\n#if X == 3\nHERE\n#endif", T),
        ("#define X Y\n#define Y 2\n#if X == 2\nHERE\n#endif", T),
        ("#define X 1 + 2\n#if X * 2 == 5\nHERE\n#endif", T),
        ("#define X X\n#if X\nHERE\n#endif", U),
        ("#define F(a, b) ((a) * (b))\n#if F(2, F(2, 2)) == 8\nHERE\n#endif", T),
        ("#define F(a) a ## 1\n#if F(2) == 21\nHERE\n#endif", T),
        # One file alone is followed for the names that stand in it only, not for pasted ones.
        ("#define F(a) a ## 1\n#define N 2\n#define N1 5\n#if F(N) == 5\nHERE\n#endif", U),
        (
            "#define P(a, b) a##b\n#define C(a, b) P(a, b)\n#define NAME AVX\n#define T_AVX 4\n"
            "#define T C(T_, NAME)\n#if T == T_AVX\nHERE\n#endif",
            T,
        ),
        ("#define F(a) a ## 1\n#if F() == 1\nHERE\n#endif", U),
        ("#define F(a) + ## a\n#if F(1) == 1\nHERE\n#endif", U),
        ("#ifdef Y\n#define X 1\n#endif\n#ifdef X\nHERE\n#endif", U),
        ("#ifdef Y\n#define X 1\n#else\n#define X 2\n#endif\n#ifdef X\nHERE\n#endif", T),
        ("#ifdef Y\n#define X 1\n#else\n#define X 2\n#endif\n#if X == 1\nHERE\n#endif", U),
        ("#ifdef __x86_64__\n#define X\n#endif\n#undef Z\n#ifdef Z\nHERE\n#endif", F),
        ("#undef __aarch64__\n#ifdef __aarch64__\nHERE\n#endif", F),
        ("#define __x86_64__ 1\n#ifdef __x86_64__\nHERE\n#endif", T),
        # Headers may define what was absent, but not the reserved names of other architectures.
        ("#undef X\n#include <a.h>\n#ifdef X\nHERE\n#endif", U),
        ("#include <a.h>\n#ifdef __x86_64__\nHERE\n#endif", F),
        ("#ifndef X\n#include <a.h>\n#ifdef X\nHERE\n#endif\n#endif", U),
        ('#define X 1\n#include "a.h"\n#ifdef X\nHERE\n#endif', T),
        ('#define X 1\n#include "list.def"\n#ifdef X\nHERE\n#endif', U),
        ("#define X 1\n#include MACRO\n#ifdef X\nHERE\n#endif", U),
        ("#ifdef __x86_64__\n#include <a.h>\n#endif\n#undef X\n#ifdef X\nHERE\n#endif", F),
        ("#elifdef X\n#endif\nHERE", T),
        ("#ifdef X\n#elifdef __aarch64__\n#elifndef Z\nHERE\n#endif", F),
        ("#ifdef X\n#elifdef __aarch64__\nHERE\n#endif", U),
        ("#ifdef __x86_64__\n#elifdef __aarch64__\nHERE\n#endif", T),
        ("#ifdef __aarch64__\n#elif 1\nHERE\n#endif", F),
        ("#if 1\n#else\n#else\nHERE\n#endif", F),
        # Not directives: in strings, in comments, on lines that continue others.
        ('char *s = R"(\n#if 0\n)";\nHERE', T),
        ("/*\n#if 0\n*/\nHERE", T),
        ("#define M \\\n#if 0\nHERE", T),
        ("// \\\n#if 0\nHERE", T),
        ("#if 0 // \\\n#endif\nHERE\n", F),
        ("#if 0 /*\n*/ + 1\nHERE\n#endif", T),
        ("/* */ # /* */ if 0 /* */\nHERE\n#endif", F),
        ("#if \\\n 0\nHERE\n#endif", F),
        ("#if defined(X) \\\r\n && 0\r\nHERE\r\n#endif", F),
        ("#iff 0\nHERE", T),
        ("#error don't\n#if 0 /* it's */\nHERE\n#endif", F),
    ],
)
def test_what_is_known_of_macros(text, state):
    assert state_of(text) is state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("#ifndef X_H\n#define X_H\nHERE\n#endif\n", T),
        ("/* licence */\n#pragma once\n#ifndef X_H\n#define X_H\nHERE\n#endif /* X_H */\n", T),
        ("#if !defined(X_H)\n#define X_H 1\nHERE\n#endif\n", T),
        ("#ifndef X_H\nint a;\n#ifdef Y\n#endif\n#define X_H\nHERE\n#endif\n", T),
        ("#ifndef X_H\n#define X_H\nHERE\n#endif\nint after;\n", U),
        ("#include <a.h>\n#ifndef X_H\n#define X_H\nHERE\n#endif\n", U),
        ("int before;\n#ifndef X_H\n#define X_H\nHERE\n#endif\n", U),
        ("#ifndef X_H\n#define X_H\nHERE\n#else\n#endif\n", U),
        ("#ifndef X_H\nHERE\n#endif\n", U),
        ("#ifndef __aarch64__\n#define __aarch64__\nHERE\n#endif\n", F),
        ("#ifndef X\n#define X\n#endif\n#ifndef Y\nHERE\n#endif\n", U),
    ],
)
def test_include_guards(text, state):
    assert state_of(text) is state


def test_guards_name_the_conditions_around():
    text = (
        "#ifndef G\n#define G\n#ifdef A\na\n#if B || C\nb\n#elif D\nd\n#else\ne\n#endif\n"
        "#else\nf\n#endif\n#endif\n"
    )
    found = {r.line: (r.guard, set(r.macros)) for r in regions(text)}
    assert found[1] == ("", set())
    assert found[4] == ("defined(A)", {"A"})
    assert found[6] == ("defined(A) && (B || C)", {"A", "B", "C"})
    assert found[8] == ("defined(A) && !(B || C) && D", {"A", "B", "C", "D"})
    assert found[10] == ("defined(A) && !(B || C) && !(D)", {"A", "B", "C", "D"})
    assert found[13] == ("!(defined(A))", {"A"})


def check_cover(data):
    found = regions(data)
    lines = (data.count(b"\n") + (not data.endswith(b"\n"))) if data else 1
    assert found[0].line == 1
    assert found[-1].end_line == lines
    for before, after in pairwise(found):
        assert after.line == before.end_line + 1
        assert (before.state, before.guard) != (after.state, after.guard)


PIECES = st.sampled_from(
    [
        b"#if ", b"#ifdef X", b"#else", b"#elif ", b"#endif", b"\n", b"\n", b"\\\n",
        b"#define X ",
        b"#define F(a,b) a b", b"#undef X", b"X", b"F(", b"(", b")", b"1", b"&&", b"||", b"!",
        b"/*", b"*/", b"//", b'"', b"'", b'R"(', b')"', b"defined", b"#include <a.h>", b",",
        b"?", b":", b"__has_include(", b"#error ", b"asm(", b"\r\n", b"\v", b"\x00\xff", b" ",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=60).map(b"".join)))
def test_anything_is_read_and_every_line_has_one_state(data):
    check_cover(data)


@pytest.mark.parametrize(
    "data",
    [
        b"#if X\n" * 8_000,
        b"#ifdef X\n" + b"#elif Y == 1\n" * 8_000 + b"#endif\n",
        b"#if " + b"(" * 100_000 + b"\n#endif\n",
        b"#if " + b"!" * 400 + b"X\n#endif\n",
        b"#if " + b"1 + " * 8_000 + b"1\n#endif\n",
        b"".join(b"#define A%d A%d A%d\n" % (n, n + 1, n + 1) for n in range(60))
        + b"#if A0\n#endif\n",
        b"".join(b"#define F%d(x) F%d(x x)\n" % (n, n + 1) for n in range(60))
        + b"#if F0(1)\n#endif\n",
        b"".join(b"#ifdef A%d\n#include <a.h>\n#define B%d\n" % (n, n) for n in range(3000)),
        b"".join(b"#ifndef A%d\n#include <a>\n#endif\n#define A%d\n" % (n, n) for n in range(3000)),
        b"".join(
            b"#ifdef U%d\n#define A%d 1\n#elif defined(W%d)\n#endif\n#if A%d\n#endif\n" % ((n,) * 4)
            for n in range(2000)
        ),
        b"'" + b"\\'" * 40_000,
        b"/*" * 40_000,
        b'"\\' * 40_000,
        b"#" * 200_000,
        b"asm(" * 50_000,
        b"asm(:" * 50_000,
        b"\n" * 300_000 + b"#if 0",
        b"#include <" * 30_000,
        b" \\\n" * 60_000 + b"#if 0\n",
        b"/*\n*/" * 60_000 + b"#if 0\n",
        b"R\"" * 60_000,
    ],
    ids=range(21),
)  # fmt: skip
def test_hostile_input_takes_bounded_work(data):
    start = time.process_time()
    check_cover(data)
    source = read_source("c", data)
    assert all(
        len(view) == len(data)
        for view in (source.code, source.strings, source.directives, source.asm or data)
    )
    assert time.process_time() - start < 3
