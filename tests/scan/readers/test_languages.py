from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.model import Truth
from duanban.scan.interface import MacroEnvironment
from duanban.scan.languages import language_of, language_table
from duanban.scan.readers import read_source

ENVIRONMENT = MacroEnvironment(
    {b"__aarch64__": b"1"}, frozenset((b"__x86_64__",)), lambda _: Truth.UNKNOWN
)


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("a/b.c", b"", "c"), ("x.CPP", b"", "c"), ("x.C", b"", "c"), ("config.h.in", b"", "c"),
        ("a.S", b"", "asm"), ("a.s", b"", "asm"), ("a.asm", b"", "nasm"), ("a.F90", b"", "fortran"),
        ("Makefile.am", b"", "make"), ("GNUmakefile", b"", "make"), ("Kbuild", b"", "make"),
        ("x.mk", b"", "make"), ("CMakeLists.txt", b"", "cmake"), ("meson.build", b"", "meson"),
        ("configure.ac", b"", "autoconf"), ("build-aux/config.guess", b"#!/bin/sh\n", "autoconf"),
        ("acinclude.m4", b"", "autoconf"), ("run", b"#!/usr/bin/env python3.11\n", "python"),
        ("run", b"#! /bin/bash -e\n", "shell"), ("run", b"#!/usr/bin/env -S node\n", "javascript"),
        ("configure", b"", "autoconf"), ("x.inc", b"%include \"a\"\n", "nasm"),
        ("x.inc", b"#include <a>\n", "c"), ("x.inc", b"<?php\n", "php"), ("README", b"hi", "text"),
        ("package.json", b"", "json"), (".py", b"", "text"), ("a.unknown", b"", "text"),
        ("go.mod", b"", "text"), ("a.rs", b"", "rust"),
    ],
)  # fmt: skip
def test_language_of(path, head, language):
    assert language_of(path, head) == language


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("python", "a = 'x' # c\n", "a = ' '    \n"),
        ("python", '"""d\n# no"""; b', '"   \n      "; b'),
        ("python", "'it\\'s' # c", "'     '    "),
        ("make", "A = x\\#y # c\n", "A = x\\#y    \n"),
        ("make", "A = -march='x'\n", "A = -march='x'\n"),
        ("shell", "a $# ${#b} '#c' # d", "a $# ${#b} '#c'    "),
        ("autoconf", "dnl x\nAC_FOO # y\ndnlx", "     \nAC_FOO    \ndnlx"),
        ("cmake", "set(A \"-m # x\") # c\n#[[ d\n ]] e", 'set(A "-m # x")    \n     \n    e'),
        ("meson", "a = '''x\n#''' # c", "a = '   \n   '    "),
        ("javascript", "a = /\"x/; b = `c\n//`; // d", "a ='    '; b = `"),
        ("go", "a := `\\` // b", "a := ` `     "),
        ("rust", "let a: &'b str = r#\"\"x\"#; '\"' // c", None),
        ("java", '"a//b" /* c */', '"    "        '),
        ("json", '{"a": "//b"}', '{"a": "//b"}'),
        ("sql", "'it''s' -- c", "'     '     "),
        ("text", "# all // stays", "# all // stays"),
        ("asm", "  mov x0, #16 // c\n# comment\n#ifdef A\n addl $1, %eax # c\n",
         "  mov x0, #16     \n         \n#ifdef A\n addl $1, %eax    \n"),
        ("asm", "#define A(x) # x \n .string \"a\" @ c\n",
         "#define A(x) # x \n .string \" \"    \n"),
        ("nasm", "mov eax, ';' ; c\n%if 0\nx\n%endif", "mov eax, ' '    \n%if 0\nx\n%endif"),
        ("fortran", "      print *, 'it''s' ! c\nC old\n#ifdef A\n",
         "      print *, '     '    \n     \n#ifdef A\n"),
        ("fortran", "call x('a') ! b\n", "call x(' ')    \n"),
    ],
)  # fmt: skip
def test_comments_and_strings(language, text, code):
    found = read_source(language, text.encode())
    if language == "javascript":
        assert b'"' not in found.code and b"d" not in found.code and b"b" in found.code
    elif language == "rust":
        assert b"// c" not in found.code and b"'b str" in found.code and b"x" not in found.code
    else:
        assert found.code.decode() == code


def test_conditions_of_other_preprocessed_languages():
    def states(language, text):
        return {r.line: r.state for r in read_source(language, text).regions(ENVIRONMENT)}

    assert states("asm", b"#ifdef __x86_64__\nmov\n#endif\n")[2] is Truth.FALSE
    assert states("fortran", b"#ifdef __x86_64__ /* x */\n x\n#endif\n")[2] is Truth.FALSE
    nasm = b"%ifidn __OUTPUT_FORMAT__,elf64\nx\n%elifdef Y\ny\n%else\n%if 0\nz\n%endif\n%endif\n"
    found = read_source("nasm", nasm).regions(ENVIRONMENT)
    assert {r.line: r.state for r in found if r.line in (2, 4, 7)} == {
        2: Truth.UNKNOWN, 4: Truth.UNKNOWN, 7: Truth.FALSE
    }  # fmt: skip
    assert "__OUTPUT_FORMAT__" in found[1].macros


def test_assembler_is_all_assembly():
    assert read_source("asm", b"nop # c\n").asm == b"nop    \n"
    assert read_source("nasm", b"nop ; c\n").asm == b"nop    \n"


@given(st.sampled_from(sorted(language_table())), st.one_of(
    st.binary(max_size=100),
    st.text("'\"`#/*\\!;%[]-=\nr ab", max_size=60).map(str.encode),
))  # fmt: skip
def test_views_keep_length_and_line_ends(language, data):
    found = read_source(language, data)
    for view in (found.code, found.strings, found.directives, found.asm):
        if view:
            assert len(view) == len(data)
            assert [c == 10 for c in view] == [c == 10 for c in data]
    assert found.regions(ENVIRONMENT)[-1].end_line >= 1
    assert isinstance(found.includes, tuple)
