"""What a Python source distribution's build needs, for both machines the same and beforehand.

Of each requirement that has one a wheel for any machine is taken, at a version that pip chooses for
the Python that both machines have, and unpacked beside the tree. What has only wheels for some
machines is taken from Debian (`python3-NAME`), which builds it for all. Nothing of them is executed
here.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from duanban.locate import cache_directory
from duanban.locate.client import Watched, run
from duanban.locate.interface import Progress
from duanban.locate.pypi import python_with_pip
from duanban.model.errors import FetchError
from duanban.proof.debian_packages import debian_packages
from duanban.proof.interface import Tool
from duanban.targets.interface import Architecture

_LARGEST = 1 << 20
_SCRIPT = re.compile(r"(?P<name>[\w.-]+)\s*=\s*(?P<module>[\w.]+)\s*:\s*(?P<function>\w+)")
_FILE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


@dataclass(frozen=True, slots=True)
class Modules:
    """Modules besides those of the Python that builds."""

    root: Path | None = None
    """A directory for PYTHONPATH."""
    packages: tuple[Tool, ...] = ()
    debian: tuple[str, ...] = ()
    """Debian's packages of what has no wheel for any machine."""


def requirements(tree: Path, machine: Architecture) -> tuple[str, ...]:
    """Return what `tree` says that its build requires on `machine`: `build-system.requires` of
    pyproject.toml (PEP 518), and `setup_requires` where setup.py lists it in words.
    """  # noqa: D205
    found = [*_of_pyproject(tree / "pyproject.toml"), *_of_setup(tree / "setup.py")]
    surroundings = {"platform_machine": machine.names["linux"][0], "sys_platform": "linux"}
    wanted = []
    for text in found:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.url is None and (
            requirement.marker is None or requirement.marker.evaluate(surroundings)
        ):
            requirement.marker = None
            wanted.append(str(requirement))
    return tuple(sorted(set(wanted)))


@dataclass(frozen=True, slots=True)
class Backend:
    """What makes wheels of a tree, where that is not Setuptools (PEP 517)."""

    name: str
    """Module, and object behind a colon."""
    path: tuple[str, ...] = ()
    """Directories of the tree that it stands in."""


def backend_of(tree: Path) -> Backend | None:
    """Return the backend that pyproject.toml names; None for Setuptools, in whatever dress.

    One of the tree's own beside a setup.py mostly calls Setuptools, which is then called at once.
    """
    system = _build_system(tree / "pyproject.toml")
    name, path = system.get("build-backend"), system.get("backend-path")
    if not isinstance(name, str) or not name or name.partition(".")[0] == "setuptools":
        return None
    places = path if isinstance(path, list) else []
    if places and (tree / "setup.py").is_file():
        return None
    return Backend(name, tuple(one for one in places if isinstance(one, str)))


def tools_of(tree: Path) -> tuple[str, ...]:
    """Return Debian's packages of programs that the backend of a tree calls."""
    backend = backend_of(tree)
    word = backend.name.partition(":")[0].partition(".")[0] if backend else ""
    return debian_packages().backend.get(word, ())


def calls_cargo(tree: Path) -> bool:
    """Return whether the backend of a tree builds Rust."""
    return "cargo" in tools_of(tree)


def _build_system(path: Path) -> Mapping[str, object]:
    try:
        data = tomllib.loads(path.read_bytes()[:_LARGEST].decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
    system = data.get("build-system")
    return system if isinstance(system, dict) else {}


def _of_pyproject(path: Path) -> list[str]:
    requires = _build_system(path).get("requires")
    return [one for one in requires if isinstance(one, str)] if isinstance(requires, list) else []


def _of_setup(path: Path) -> list[str]:
    try:
        module = ast.parse(path.read_bytes()[:_LARGEST])
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lists = (
        keyword.value
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "setup_requires" and isinstance(keyword.value, ast.List | ast.Tuple)
    )
    return [
        item.value
        for one in lists
        for item in one.elts
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]


def modules(wanted: Sequence[str], python: str, progress: Progress) -> Modules:
    """Return the modules that meet `wanted`.

    Args:
        wanted: requirements (PEP 508).
        python: version of the Python that builds, like `3.14`.
        progress: told what is fetched.

    Raises:
        FetchError: pip is missing, or does not have one of them.
    """
    have = {canonicalize_name(name.removeprefix("python3-")) for name in debian_packages().python}
    asked = [one for one in wanted if canonicalize_name(one) not in have]  # not without a version
    if not asked:
        return Modules()
    pure = [one for one in asked if _is_pure(one, python, progress)]
    names = (canonicalize_name(Requirement(one).name) for one in asked if one not in pure)
    debian = tuple(f"python3-{name.removeprefix('python-')}" for name in names)
    if not pure:
        return Modules(debian=debian)
    root = _installed(pure, python, progress)
    found = (_FILE.fullmatch(path.name) for path in sorted(root.glob("*.dist-info")))
    packages = tuple(Tool(f"pypi:{match['name']}", match["version"]) for match in found if match)
    return Modules(root, packages, debian)


def scripts_of(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the programs of modules: name, module and function (Entry points specification)."""
    for file in sorted(root.glob("*.dist-info/entry_points.txt")):
        section = ""
        for line in file.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("["):
                section = line.strip()
            elif section == "[console_scripts]" and (match := _SCRIPT.fullmatch(line.strip())):
                yield match["name"], match["module"], match["function"]


def _is_pure(requirement: str, python: str, progress: Progress) -> bool:
    with tempfile.TemporaryDirectory() as place:
        try:
            _pip(("download", "--no-deps"), [requirement], python, Path(place), progress)
        except FetchError as error:
            if "No matching distribution" not in str(error) and "find a version" not in str(error):
                raise
            return False
        return True


def _installed(pure: Sequence[str], python: str, progress: Progress) -> Path:
    base = cache_directory() / "proof" / "modules"
    base.mkdir(parents=True, exist_ok=True, mode=0o755)
    part = Path(tempfile.mkdtemp(dir=base, prefix="."))
    part.chmod(0o755)
    _pip(("install", "--no-compile", "--target"), pure, python, part, progress)
    names = sorted(path.name for path in part.glob("*.dist-info"))
    root = base / hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
    if root.is_dir():
        shutil.rmtree(part)
    else:
        os.replace(part, root)  # noqa: PTH105 - a directory
    os.utime(root)  # when it was used last, for `duanban cache prune`
    return root


def _pip(
    how: tuple[str, ...], wanted: Sequence[str], python: str, to: Path, progress: Progress
) -> None:
    """Run pip's `how` for wheels of any machine, into the directory `to`."""
    command, *rest = how
    place = [str(to)] if "--target" in how else ["--dest", str(to)]
    only = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none")
    watched = Watched(", ".join(wanted), progress, to, client="pip")
    run(
        [
            *(python_with_pip(), "-m", "pip", "--disable-pip-version-check", "-q", command),
            *(*rest, *place, *only, f"--python-version={python}", "--", *wanted),
        ],
        watched,
    )
