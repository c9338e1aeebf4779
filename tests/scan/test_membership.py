"""Which sources the build files take in on a target."""

import pytest

from duanban.model import Truth
from duanban.scan.build.membership import BuildFiles


def built(files, source="src/fast.c", machine="riscv64"):
    """Return what build files, name to text, say of a source among three plain ones."""
    plain = [f"src/{name}.c" for name in "abcd"]
    contents = {name: text.encode() for name, text in files.items()}
    builds = BuildFiles([*plain, source, *files], contents.get)
    return builds.membership([source], machine).get(source)


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
    assert BuildFiles(paths, files.get).membership(["src/fast.c"], "riscv64") == {}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("EXTRA_DIST = win.h \\\n\tfast.c", Truth.FALSE),
        ("lsrc_x86_64 = fast.c\nif X86\nlib_SOURCES = ${lsrc_x86_64}\nendif", Truth.UNKNOWN),
        ("lsrc_x86_64 = fast.c\nlib_SOURCES = $(lsrc_$(ARCH))", Truth.FALSE),
        ("X86_SRC = fast.c\nOBJS = $(X86_SRC)", Truth.TRUE),
        ("obj-$(CONFIG_FAST) += fast.o", Truth.UNKNOWN),
        (
            "ifeq ($(ARCH),x86_64)\nFAST ?= 1\nendif\nifeq ($(FAST),1)\nO = fast.o\nendif",
            Truth.FALSE,
        ),
        ("FAST ?= 1\nifeq ($(FAST),1)\nO = fast.o\nendif", Truth.TRUE),
    ],
)
def test_what_a_variable_is_for(text, truth):
    assert built({"Makefile": "all: src", "src/Makefile": text}) is truth


OPTION = 'option(WITH_FAST "faster" {})\n'
IN_IT = "if(WITH_FAST)\n  add_subdirectory(src)\nendif()\n"


@pytest.mark.parametrize(
    ("top", "below", "truth"),
    [
        (OPTION.format("OFF") + IN_IT, "add_library(x fast.c)", Truth.FALSE),
        (OPTION.format("OFF") + IN_IT, "file(GLOB ALL *.c)", Truth.FALSE),
        (OPTION.format("ON") + IN_IT, "add_library(x fast.c)", Truth.TRUE),
        (IN_IT, "add_library(x fast.c)", Truth.FALSE),
        ("find(WITH_FAST)\n" + IN_IT, "add_library(x fast.c)", Truth.UNKNOWN),
        ("if(X_FOUND)\nadd_subdirectory(src)\nendif()", "add_library(x fast.c)", Truth.UNKNOWN),
        (
            "add_subdirectory(src)",
            "if(NOT WITH_FAST)\nreturn()\nendif()\nset(S fast.c)",
            Truth.FALSE,
        ),
    ],
)
def test_directories_that_an_option_enters(top, below, truth):
    assert built({"CMakeLists.txt": top, "src/CMakeLists.txt": below}) is truth


@pytest.mark.parametrize(
    ("value", "truth"), [("true", Truth.TRUE), ("false", Truth.FALSE), ("get()", Truth.TRUE)]
)
def test_options_of_meson(value, truth):
    files = {
        "meson_options.txt": f"option('fast', type: 'boolean', value: {value})",
        "meson.build": "if get_option('fast')\n  subdir('src')\nendif",
        "src/meson.build": "s = files('fast.c')",
    }
    assert built(files) is truth


def test_a_directory_that_make_enters_under_a_condition():
    top = "ifneq (,$(findstring $(ARCH), i686 x86_64))\nSRCDIRS += src\nendif"
    files = {"Makefile": top, "src/Module.mk": "OBJS = fast.o", "all.mk": "include src/Module.mk"}
    assert built({**files, "Makefile": f"{top}\ninclude all.mk\n"}) is Truth.FALSE


def test_assembler_that_nothing_names_is_not_built():
    assert built({"src/Makefile": ALWAYS}, "src/fast.asm") is Truth.FALSE
    assert built({"src/Makefile": f"{ALWAYS}\nX = $(wildcard *.asm)"}, "src/fast.asm") is None
    assert built({"src/Makefile": f"{ALWAYS}\n\trm -f *.asm"}, "src/fast.asm") is Truth.FALSE
    aside = {"src/Makefile": ALWAYS, "src/odd/Makefile": "X = $(wildcard ../*.asm)"}
    assert built(aside, "src/fast.asm") is Truth.FALSE


@pytest.mark.parametrize(
    ("pattern", "truth"),
    [
        ("${DIR}/*.S", None),
        ("${DIR}/src/*.S", None),
        ("other/*.S ../src/*.S", None),
        ("${DIR}/other/*.S", Truth.FALSE),
    ],
)
def test_a_pattern_takes_assembler_from_the_directory_it_names(pattern, truth):
    files = {"CMakeLists.txt": f"file(GLOB X {pattern})\nadd_library(x a.c b.c c.c d.c)"}
    assert built(files, "src/fast.S") is truth


def test_a_makefile_for_another_system_lists_nothing():
    assert built({"src/Makefile.vc": "OBJS = fast.obj", "src/Makefile": ALWAYS}) is Truth.FALSE


ENTERED = [
    ("Makefile", True),
    ("lib/Makefile", True),
    ("odd/Makefile", False),
    ("conf/unix.mk", True),
    ("conf/samd20.mk", False),
    ("configure.ac", True),
    ("build.sh", True),
    ("release.sh", False),
    ("cmake/simd.cmake", False),
    ("setup.py", True),
]


@pytest.mark.parametrize(("path", "is_entered"), ENTERED)
def test_build_files_that_nobody_needs_to_ask_for(path, is_entered):
    texts = {path: b"" for path, _ in ENTERED} | {"Makefile": b"include conf/unix.mk\nS = lib\n"}
    assert BuildFiles([*texts], texts.get).is_entered(path, "riscv64") is is_entered


@pytest.mark.parametrize(
    ("path", "files", "is_entered"),
    [
        ("lib/CMakeLists.txt", {"CMakeLists.txt": "project(x)"}, True),
        ("lib/CMakeLists.txt", {"Makefile": "S = lib/a.c"}, False),
        ("lib/CMakeLists.txt", {"Makefile": "all:\n\tcmake -S lib"}, True),
        ("lib/CMakeLists.txt", {"setup.py": "setup(sources=['lib/a.c'])"}, True),
        ("lib/CMakeLists.txt", {"Makefile": "", "setup.py": "from skbuild import setup"}, True),
        ("lib/meson.build", {"Makefile": "", "pyproject.toml": "requires = ['mesonpy']"}, True),
        ("new/lib/meson.build", {"new/Makefile": ""}, True),
        ("lib/Makefile", {"CMakeLists.txt": "add_subdirectory(lib)"}, False),
        ("lib/Makefile", {"CMakeLists.txt": "execute_process(COMMAND make -C lib)"}, True),
        ("lib/Makefile", {"configure.ac": "AC_CONFIG_FILES([lib/Makefile])"}, True),
    ],
)
def test_build_files_of_one_tool_come_to_those_of_another_if_they_call_it(path, files, is_entered):
    texts = {name: text.encode() for name, text in files.items()} | {path: b""}
    assert BuildFiles([*texts], texts.get).is_entered(path, "riscv64") is is_entered
