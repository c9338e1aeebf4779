"""Python trees that something else than Setuptools builds (PEP 517)."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.proof.build import python
from duanban.proof.requirements import Backend, backend_of, scripts_of, tools_of
from duanban.proof.workshop import STARTED
from duanban.targets.architectures import architecture

RISCV = architecture("riscv64")
OWN = """
import zipfile

class Inner:
    @staticmethod
    def build_wheel(directory, config_settings=None, metadata_directory=None):
        with zipfile.ZipFile(f"{directory}/own-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("own.py", "ANSWER = 42\\n")
        return "own-1-py3-none-any.whl"
"""


def write(tree, system, *files):
    lines = "".join(f"{key} = {value!r}\n" for key, value in system.items())
    (tree / "pyproject.toml").write_text(f"[build-system]\n{lines}")
    for name in files:
        (tree / name).write_text("")


@pytest.mark.parametrize(
    ("system", "files", "backend"),
    [
        ({"build-backend": "hatchling.build"}, (), Backend("hatchling.build")),
        ({"build-backend": "mesonpy"}, ("setup.py",), Backend("mesonpy")),
        ({"build-backend": "setuptools.build_meta"}, (), None),
        ({"build-backend": "setuptools.build_meta:__legacy__"}, ("setup.py",), None),
        ({"requires": ["setuptools"]}, (), None),
        ({"build-backend": "own", "backend-path": ["b"]}, (), Backend("own", ("b",))),
        # It mostly wraps that of Setuptools, which is called at once.
        ({"build-backend": "own", "backend-path": ["b"]}, ("setup.py",), None),
        ({"build-backend": 3}, (), None),
    ],
)
def test_what_makes_the_wheel(tmp_path, system, files, backend):
    write(tmp_path, system, *files)
    assert backend_of(tmp_path) == backend


@given(st.binary(max_size=200))
def test_any_file_is_read(tmp_path_factory, data):
    tree = tmp_path_factory.mktemp("tree")
    (tree / "pyproject.toml").write_bytes(data)
    backend_of(tree)


@pytest.mark.parametrize(
    ("backend", "program"),
    [
        ("scikit_build_core.build", "cmake"),
        ("mesonpy", "meson"),
        ("maturin", "cargo"),
        ("poetry.core.masonry.api", ""),
        ("flit_core.buildapi", ""),
    ],
)
def test_programs_that_a_backend_calls(tmp_path, backend, program):
    write(tmp_path, {"build-backend": backend})
    tools = tools_of(tmp_path)
    assert program in tools if program else tools == ()


def test_programs_of_modules(tmp_path):
    info = tmp_path / "cython-3.1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        "[console_scripts]\ncython = Cython.Compiler.Main:setuptools_main\n"
        "bad name = a:b\nevil = os:system('x')\n[gui_scripts]\ngui = a:b\n"
    )
    assert list(scripts_of(tmp_path)) == [("cython", "Cython.Compiler.Main", "setuptools_main")]


def test_the_hook_of_a_backend_is_called_and_its_wheel_unpacked(tmp_path):
    write(tmp_path, {"build-backend": "own:Inner", "backend-path": ["b"]}, "PKG-INFO")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/own.py").write_text(OWN)
    recipe = python.recipe(tmp_path, 1, (), RISCV)
    for command in recipe.build:
        here = [sys.executable if word == "python3" else word for word in command]
        subprocess.run(here, cwd=tmp_path, check=True)
    assert (tmp_path / python.DIRECTORY / "own.py").read_text() == "ANSWER = 42\n"
    assert recipe.environment["PYTHONPATH"] == python.DIRECTORY


def test_what_the_emulated_python_starts_finds_the_emulator(tmp_path):
    multiarch = getattr(sys.implementation, "_multiarch", "")
    for own, wanted in ((multiarch or "none", "['/bin/wrapper', '/hook.so']"), ("another", "None")):
        values = map(repr, (own, "/bin/wrapper", "/hook.so"))
        (tmp_path / "sitecustomize.py").write_text(STARTED.format(*values))
        code = "import os, sys; p = os.environ.get('LD_PRELOAD'); print(p and [sys.executable, p])"
        command = [sys.executable, "-c", code]
        environment = {"PYTHONPATH": str(tmp_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == (wanted if multiarch else "None")


@pytest.mark.parametrize("machine", ["riscv64", "loongarch64"])
def test_build_scripts_of_rust_are_linked_for_this_machine(tmp_path, machine, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    write(tmp_path, {"build-backend": "maturin"})
    environment = python.recipe(tmp_path, 1, (), architecture(machine)).environment
    prefix = {"riscv64": "RISCV64GC", "loongarch64": "LOONGARCH64"}[machine]
    assert environment[f"CARGO_TARGET_{prefix}_UNKNOWN_LINUX_GNU_LINKER"] == "cc"
    assert environment["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "own-cc"
    own = python.recipe(tmp_path, 1, (), architecture("x86_64")).environment
    assert own["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "cc"
    assert own["CARGO_BUILD_TARGET"] == "x86_64-unknown-linux-gnu"
