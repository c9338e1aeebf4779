"""What a Python build requires, as its files say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.model.errors import FetchError
from duanban.proof import requirements as module
from duanban.proof.requirements import modules, requirements
from duanban.targets.architectures import architecture

RISCV = architecture("riscv64")


def test_build_system_requires_and_setup_requires(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['setuptools>=61', \"numpy<2; platform_machine == 'riscv64'\","
        " \"tomli; python_version < '3'\", 'own @ file:///x', '???']\n"
    )
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\n"
        "setup(setup_requires=['cython', name], install_requires=['x'])\n"
    )
    assert requirements(tmp_path, RISCV) == ("cython", "numpy<2", "setuptools>=61")


@pytest.mark.parametrize(
    "text", ["", "[build-system]", "[build-system]\nrequires = 3", "build-system = 1", "["]
)
def test_without_requires_there_are_none(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    assert requirements(tmp_path, RISCV) == ()


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_files_are_read(tmp_path_factory, pyproject, setup):
    tree = tmp_path_factory.mktemp("tree")
    (tree / "pyproject.toml").write_bytes(pyproject)
    (tree / "setup.py").write_bytes(setup)
    requirements(tree, RISCV)


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """A pip that has wheels for any machine of Cython only."""
    asked = []

    def stand_in(how, wanted, _python, to, _progress):
        asked.append((how[0], *wanted))
        if how[0] == "download" and not wanted[0].startswith("cython"):
            raise FetchError("pip failed: No matching distribution found for it")
        if how[0] == "install":
            (to / "cython-3.1.dist-info").mkdir()

    monkeypatch.setattr(module, "_pip", stand_in)
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path))
    return asked


def test_what_has_no_wheel_for_any_machine_is_debians(pip):
    found = modules(("cython<4", "numpy>=1", "setuptools"), "3.14", lambda *_: None)
    assert found.debian == ("python3-numpy",)
    assert [(tool.name, tool.version) for tool in found.packages] == [("pypi:cython", "3.1")]
    assert (found.root / "cython-3.1.dist-info").is_dir()
    assert pip == [("download", "cython<4"), ("download", "numpy>=1"), ("install", "cython<4")]


def test_what_debians_python_brings_is_not_asked_for(pip):
    assert modules(("setuptools", "wheel"), "3.14", lambda *_: None).root is None
    assert pip == []


def test_a_pip_that_cannot_ask_is_an_error(monkeypatch):
    def fails(*_):
        raise FetchError("pip failed: no network")

    monkeypatch.setattr(module, "_pip", fails)
    with pytest.raises(FetchError):
        modules(("cython",), "3.14", lambda *_: None)
