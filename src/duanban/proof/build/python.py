"""A Python source distribution with native extensions, under the Python of each machine.

Setuptools is called as it is, with a setup.py or from pyproject.toml alone: built beside the
sources, too, its tests find it. Any other backend (hatchling, poetry-core, flit, scikit-build-core,
meson-python, maturin) makes a wheel through its hook (PEP 517), which is unpacked.
"""

from __future__ import annotations

import re
from pathlib import Path

from duanban.proof.build import cargo
from duanban.proof.build.interface import Command, Recipe, Results
from duanban.proof.requirements import Backend, backend_of, calls_cargo
from duanban.targets.interface import Architecture

NAME = "python"
DIRECTORY = "duanban-build"
_TEST = re.compile(r"^(\S+::\S+(?: \S+)*?) (PASSED|FAILED|ERROR|XFAIL|XPASS)\b", re.MULTILINE)
_TESTS = ("tests", "test")
_HOOK = """
import functools, glob, importlib, sys, zipfile
name, whole, *places = sys.argv[1:]
sys.path[:0] = places
module, _, inner = name.partition(":")
found = importlib.import_module(module)
backend = functools.reduce(getattr, inner.split(".") if inner else (), found)
made = backend.build_wheel(whole)
zipfile.ZipFile(whole + "/" + made).extractall(whole)
"""
"""Calls a backend as its specification says, and unpacks what it made."""


def claims(tree: Path) -> bool:
    """Return whether there are build files beside a source distribution's metadata."""
    files = ("setup.py", "pyproject.toml")
    return (tree / "PKG-INFO").is_file() and any((tree / name).is_file() for name in files)


def recipe(tree: Path, jobs: int, options: tuple[str, ...], machine: Architecture) -> Recipe:
    """Return the commands: what they build stands in a directory of its own at last."""
    backend = backend_of(tree)
    build = _by_hook(backend) if backend else _by_setuptools(tree, options)
    places = [name for name in _TESTS if (tree / name).is_dir()]
    test = ("python3", "-m", "pytest", "-v", "-p", "no:cacheprovider", *places) if places else ()
    environment = {"PYTHONPATH": DIRECTORY, "PYTHONHASHSEED": "0"}
    if backend and calls_cargo(tree):
        target = cargo.target_of(machine)
        environment |= {"CARGO_BUILD_TARGET": target, "CARGO_NET_OFFLINE": "true"}
        environment |= cargo.linking(target)
    return Recipe(NAME, (), build, test, (), environment)


def _by_setuptools(tree: Path, options: tuple[str, ...]) -> tuple[Command, ...]:
    setup: tuple[str, ...] = ("setup.py",)
    if not (tree / "setup.py").is_file():
        setup = ("-c", "import setuptools; setuptools.setup()")
    beside = ("python3", *setup, "build_ext", "--inplace", *options)
    return beside, ("python3", *setup, "build", "--build-lib", DIRECTORY)


def _by_hook(backend: Backend) -> tuple[Command, ...]:
    makes = ("mkdir", "-p", DIRECTORY)
    return makes, ("python3", "-c", _HOOK, backend.name, DIRECTORY, *backend.path)


def results(output: str) -> Results:
    """Return pytest's lines."""
    found = _TEST.findall(output)
    return Results({name: word in ("PASSED", "XFAIL", "XPASS") for name, word in found})
