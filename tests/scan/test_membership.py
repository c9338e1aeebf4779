"""Which sources the build files take in on a target."""

import pytest

from duanban.model import Truth
from duanban.scan.build.membership import membership


def built(files, source="src/fast.c", machine="riscv64"):
    """Return what build files, name to text, say of a source among three plain ones."""
    plain = [f"src/{name}.c" for name in "abcd"]
    contents = {name: text.encode() for name, text in files.items()}
    return membership([source], [*plain, source, *files], contents.get, machine).get(source)


ALWAYS = "OBJS = a.o b.o c.o d.o"


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("OBJS = a.o fast.o", Truth.TRUE),
        ("OBJS = a.o \\\n\tfast.o", Truth.TRUE),
        ("ifeq ($(ARCH),x86_64)\nOBJS += fast.o\nendif", Truth.FALSE),
        ("ifeq ($(ARCH),riscv64)\nOBJS += fast.o\nendif", Truth.TRUE),
        ("if HAVE_FAST\nlib_SOURCES += fast.c\nendif", Truth.UNKNOWN),
        ("fast.o: fast.h\n\tcc -c fast.c", None),
        ("prog: a.o fast.o\n\tcc -o prog", Truth.TRUE),
        (ALWAYS, Truth.FALSE),
        (f"{ALWAYS}\nALL = $(wildcard *.c)", None),
    ],
)
def test_makefiles(text, truth):
    assert built({"src/Makefile": text}) is truth


OTHER = [
    ("CMakeLists.txt", "add_library(x a.c fast.c)", Truth.TRUE),
    (
        "CMakeLists.txt",
        'if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86")\nlist(APPEND S fast.c)\nendif()',
        Truth.FALSE,
    ),
    (
        "meson.build",
        "if host_machine.cpu_family() == 'x86_64'\n  s += files('fast.c')\nendif",
        Truth.FALSE,
    ),
]


@pytest.mark.parametrize(("name", "text", "truth"), OTHER)
def test_other_builds(name, text, truth):
    assert built({f"src/{name}": text}) is truth


def test_one_list_is_enough():
    left_out = "ifeq ($(ARCH),x86_64)\nOBJS += fast.o\nendif"
    assert built({"src/Makefile": left_out, "tools/Makefile": "OBJS = fast.o"}) is Truth.TRUE


def test_a_name_that_two_sources_share_says_nothing():
    files = {"src/Makefile": b"OBJS = fast.o"}
    paths = ["src/fast.c", "old/fast.c", *files]
    assert membership(["src/fast.c"], paths, files.get, "riscv64") == {}
