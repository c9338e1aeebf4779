"""Options in setup.py: what the calls get then, and that they get it on the target only."""

import ast

import pytest
from example import OPTIONS

from duanban.answers import How, propose
from duanban.answers.patch import apply
from duanban.answers.python_option import extension_edits
from duanban.answers.work import Text
from duanban.scan.setup import environment_of
from duanban.targets.loader import load_target

ENVIRONMENT = environment_of(load_target("debian-sid-riscv64"))
CALLS = {
    'Extension("x", ["x.c"])': ["-fsigned-char"],
    'Extension("x", ["x.c"],)': ["-fsigned-char"],
    'Extension("x", ["x.c"], extra_compile_args=[])': ["-fsigned-char"],
    'Extension("x", ["x.c"], extra_compile_args=["-O2"])': ["-O2", "-fsigned-char"],
    'Extension("x", extra_compile_args = FLAGS, sources=["x.c"])': ["-O3", "-fsigned-char"],
    'core.Extension("x", [], extra_compile_args=FLAGS + ["-g"] if 1 else [])': [
        "-O3", "-g", "-fsigned-char",
    ],
    """Extension(
    "x, (y",  # the name, (really)
    sources=["x.c"],  # one
)""": ["-fsigned-char"],
}  # fmt: skip
HEAD = '''"""Extension("not", "this")"""
import sys
import types

FLAGS = ["-O3"]
core = types.SimpleNamespace(Extension=lambda *a, **k: k)
Extension = core.Extension
made = '''


def edited(data, machine="riscv64"):
    text = Text("setup.py", data.encode(), ENVIRONMENT)
    edits = extension_edits(
        text, machine, "extra_compile_args", "-fsigned-char", "COMPILE_ARGS"
    )  # fmt: skip
    return apply(text.data, edits).decode()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("platform", ["linux-riscv64", "linux-x86_64"])
def test_every_extension_module_gets_the_option_on_the_target(call, platform, monkeypatch):
    monkeypatch.setattr("sysconfig.get_platform", lambda: platform)
    names = {}
    exec(compile(edited(HEAD + call + "\n"), "setup.py", "exec"), names)
    wanted = [one for one in CALLS[call] if one != "-fsigned-char" or "riscv" in platform]
    assert names["made"]["extra_compile_args"] == wanted


@pytest.mark.parametrize(
    "call",
    [
        "Extension(**arguments)",
        'CMakeExtension("x", sourcedir="")',
        'class Extension(Base): "..."',
        "# Extension('x')",
        "Extension('x', ['x.c'",
    ],
)
def test_what_is_no_call_that_takes_it_is_left(call):
    data = "from setuptools import Extension\n" + call + "\n"
    assert edited(data) == data


def test_a_name_in_use_is_not_taken():
    data = "COMPILE_ARGS = 1\nExtension('x')\n"
    assert "DUANBAN_COMPILE_ARGS = [" in edited(data)
    ast.parse(edited(data))


@pytest.mark.parametrize(
    ("source", "fixer", "target", "given"),
    [
        (
            "static const char step[2] = { -1, 1 };\n",
            "signed-char",
            "debian-sid-riscv64",
            "-fsigned",
        ),
        ("static atomic_bool on;\n", "libatomic", "openeuler-24.03-riscv64", "-latomic"),
    ],
)
def test_fixers_give_options_in_setup_py(tmp_path, source, fixer, target, given):
    setup = "from setuptools import Extension, setup\n\nsetup(ext_modules=[{}])\n"
    (tmp_path / "setup.py").write_text(setup.format('Extension("a", ["a.c"])'))
    (tmp_path / "a.c").write_text(source)
    proposal = propose(tmp_path, load_target(target), how=How((fixer,), options=OPTIONS))
    assert given in proposal.files["setup.py"].decode()
    (tmp_path / "setup.py").write_text(setup.format(""))
    proposal = propose(tmp_path, load_target(target), how=How((fixer,), options=OPTIONS))
    assert proposal.diff == b""
