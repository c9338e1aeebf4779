from __future__ import annotations

import random
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.scan.interface import Include
from duanban.scan.readers import read_source
from duanban.scan.readers.clexer import _TOKENS, _split_carefully, split


def source(text):
    return read_source("c", text.encode())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a /* b */ c", "a         c"),
        ("a // b\nc", "a     \nc"),
        ("a // b \\\n c\nd", "a       \n  \nd"),
        ('a "b//c" d', 'a "    " d'),
        (r'"a\"b" c', '"    " c'),
        ('"a\\\nb" c', '" \\\n " c'),
        ('"open\nc', '"    \nc'),
        ('\'"\' a "b"', "' ' a \" \""),
        ('don\'t "a"', 'don\'t " "'),
        ("1'000'000 + 'a'", "1'000'000 + ' '"),
        ("0xa'b /* c */", "0xa'b        "),
        ("/* open", "       "),
        ('R"(a"b)" c', 'R"(   )" c'),
        ('u8R"x(a)"\n)x" c', 'u8R"x(   \n)x" c'),
        ('ERROR"(a" b', 'ERROR"  " b'),
        ("L'a' u\"b\"", "L' ' u\" \""),
        ("/**/a/***/b/*/ */c", "    a     b      c"),
        ("'\\'' a", "'  ' a"),
    ],
)
def test_code_view(text, code):
    assert source(text).code.decode() == code


def test_strings_and_directives():
    text = (
        '#include "a.h" /* x */\n#  include <b/c.h>\n'
        'puts("#if" "x"); // "no"\n#define A "z" \\\n 2\n'
    )
    found = source(text)
    assert found.strings.split() == [b"a.h", b"#if", b"x", b"z"]
    assert found.directives.split(b"\n")[0].strip() == b'#include "a.h"'
    assert found.directives.split(b"\n")[2].strip() == b""
    assert found.directives.split(b"\n")[3:5] == [b'#define A "z" \\', b" 2"]
    assert found.includes == (Include(1, "a.h", False), Include(2, "b/c.h", True))
    (define,) = found.defines
    assert (define.line, define.name, define.params, define.body) == (4, b"A", None, b'"z"  2')


def test_defines_and_errors_have_lines():
    found = source("/*\n*/ #define F(a, b) a\n#ifdef X\n# error don't /* x */ do\n#endif\n")
    (define,) = found.defines
    assert (define.line, define.name, define.params, define.body) == (2, b"F", (b"a", b"b"), b"a")
    ((line, text),) = found.errors
    assert (line, text.split()) == (4, ["don't", "do"])


@pytest.mark.parametrize(
    ("text", "template", "operands"),
    [
        ('asm("nop");', b"nop", False),
        ('asm volatile("" ::: "memory");', b"", True),
        ('__asm__ __volatile__\n(\n "mov %0, %1" : "=r"(a) : "r"(b));', b"mov %0, %1", True),
        ('asm goto("jmp %l0" :::: label);', b"jmp %l0", True),
        ('asm inline volatile ("a\\n" /* c */ "b");', b"a\\n\nb", False),
        ('__asm volatile(R"(rdtsc)");', b"rdtsc", False),
        ('asm(LOCK "addl %0" : "+m"(x[(1)]));', b"addl %0", True),
        ("__asm { mov eax, ebx\n nop }", b"mov eax, ebx\n nop", False),
        ("__asm mov eax, ebx\nint a;", b"mov eax, ebx", False),
        ('__asm__ __const("x");', None, False),
        ("int asm_value = asmx(1); // asm(1)", None, False),
        ('"asm(1)"', None, False),
        ("asm (", None, False),
    ],
)
def test_inline_assembly(text, template, operands):
    found = source("int x;\n" + text)
    if template is None:
        assert found.asm_statements == ()
        assert found.asm.strip() == b""
        return
    (statement,) = found.asm_statements
    assert (statement.template, statement.has_operands) == (template, operands)
    assert statement.line == 2
    assert statement.end_line == 2 + text[: statement.end - 7].count("\n")
    view = found.asm
    assert view.split() == template.split()
    assert b"=r" not in view


def fragments():
    return st.sampled_from(
        [b"/*", b"*/", b"//", b'"', b"'", b"\\", b"\n", b"\r", b'R"(', b')"', b'R"x(', b"a", b"1'0",
         b"#", b"asm", b"(", b")", b":", b"{", b"}", b"\v", b" ", b"\xff", b"u8", b"ERR"]
    )  # fmt: skip


@given(st.one_of(st.binary(), st.lists(fragments(), max_size=40).map(b"".join)))
def test_views_keep_length_and_line_ends(data):
    found = read_source("c", data)
    assert b"".join(split(data)) == data
    for view in (found.code, found.strings, found.directives, found.asm):
        if view:
            assert len(view) == len(data)
            assert [i for i, c in enumerate(view) if c == 10] == [
                i for i, c in enumerate(data) if c == 10
            ]
    for statement in found.asm_statements:
        assert 0 <= statement.start < statement.end <= len(data)


@given(
    st.lists(fragments(), max_size=40).map(b"".join).filter(lambda d: not re.search(rb"R\"|\d", d))
)
def test_quick_and_careful_lexers_agree(data):
    assert _split_carefully(data) == _TOKENS.split(data)


PIECES = (
    "a ", "b+c ", '"s//t" ', '"/*" ', "/* x ' \" */ ", "/* l\n m */ ", "// y ' \"\n", "'\"' ",
    "'\\'' ", '"q\\"r" ', "\n", "1.5e+3 ", "// z \\\n w\n", 'R"(" /* )" ', "/ ", "* ",
)  # fmt: skip


def _random_c(rng):
    return "".join(rng.choice(PIECES) for _ in range(40)) + "\n"


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_comments_end_where_gcc_says():
    rng = random.Random(7)
    texts = ["".join(f"{_random_c(rng)}\nEND_{n}\n" for n in range(300))]
    command = ["gcc", "-E", "-P", "-w", "-xc", "-std=gnu17", "-"]
    for text in texts:
        result = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        # Blank our comments in the text with strings, and compare without white space.
        found = source(text)
        ours = found._full_text.decode()
        assert re.sub(r"\s|\\\n", "", ours.replace("\v", "")) == re.sub(r"\s", "", result.stdout)
        assert len(found.code) == len(text)
