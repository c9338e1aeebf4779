"""One copy of the tree with the compiler of one machine, and the sandbox that it is built in."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from duanban.proof.build.interface import OWN_COMPILER
from duanban.proof.compile_log import Compiled, read_log
from duanban.proof.packages import Libraries
from duanban.proof.requirements import scripts_of
from duanban.proof.runtime import Runtime
from duanban.proof.sandbox import Job, Limits, Ran
from duanban.proof.sandbox.limited import SYSTEM_PATH
from duanban.proof.toolchain import zig
from duanban.proof.toolchain.emulator import Emulator, disguise, hook
from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import Tools
from duanban.proof.worktree import copy_tree
from duanban.targets.interface import Architecture

STARTED = """import os, sys
if getattr(sys.implementation, "_multiarch", "") == {0}:
    sys.executable = {1}
    os.environ["LD_PRELOAD"] = {2}
"""
"""What the emulated Python does first: what it starts, and what that starts, finds the emulator."""


@dataclass(frozen=True)
class Workshop:
    """A tree, the commands to build it for one machine, and where they may write."""

    directory: Path
    """Of ours; the tree stands in `tree/`."""
    tools: Tools
    limits: Limits
    compiler: Compiler
    architecture: Architecture
    emulator: Emulator | None
    """None where the programs run by themselves, or cannot be run."""
    crossing: bool
    libraries: Libraries = field(default_factory=Libraries)
    """Headers and libraries besides the compiler's own."""
    runtime: Runtime | None = None
    """The target's own Python, where the tree needs one."""
    modules: Path | None = None
    """Python modules that the build needs."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def tree(self) -> Path:
        """The tree, which the build writes into."""
        return self.directory / "tree"

    def prepare(self, source: Path) -> None:
        """Make a fresh copy of `source`, and the commands.

        Raises:
            ProofError: the compiler does not work.
        """
        shutil.rmtree(self.directory, ignore_errors=True)
        for name in ("home", "log", "cache"):
            (self.directory / name).mkdir(parents=True)
        copy_tree(source, self.tree)
        if self.compiler.cache is not None:
            zig.share(zig.warm(self.compiler), self.directory / "cache")
        includes = tuple(f"-idirafter{path}" for path in self.libraries.includes)
        if self.runtime is not None:
            includes = (*includes, *(f"-idirafter{path}" for path in self.runtime.includes))
        added = (*includes, *(f"-L{path}" for path in self.libraries.directories))
        self.compiler.write_commands(self.directory / "bin", crossing=self.crossing, added=added)
        self._write_own_compiler()
        self._write_python()
        self._write_scripts()

    def _write_own_compiler(self) -> None:
        """Let what is built for this machine, such as build scripts of Rust, be built there."""
        path = self.directory / "bin" / OWN_COMPILER
        path.write_text(f'#!/bin/sh\nPATH={SYSTEM_PATH} exec gcc "$@"\n', "utf-8")
        path.chmod(0o755)

    def _write_python(self) -> None:
        """Let `python3` be that of the machine."""
        own = Path(sys.executable if self.tools.root is None else "/usr/bin/python3")
        python = self.runtime.python if self.runtime else own
        for name in ("python", "python3", python.name):  # maturin reads the version in its name
            path = self.directory / "bin" / name
            path.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} "$@"\n', "utf-8")
            path.chmod(0o755)
        if self.runtime is not None:
            values = (f"{self.architecture.name}-linux-gnu", str(path), str(hook()))
            started = STARTED.format(*map(repr, values))
            (self.directory / "bin/sitecustomize.py").write_text(started, "utf-8")

    def _write_scripts(self) -> None:
        """Let programs of the modules be found; this machine's Python, being quicker, runs them."""
        own = sys.executable if self.tools.root is None else "/usr/bin/python3"
        for name, module, function in scripts_of(self.modules) if self.modules else ():
            path = self.directory / "bin" / name
            if not path.exists():  # a compiler's name is the compiler's
                starts = f"import sys; sys.argv[0] = {str(path)!r}; from {module} import {function}"
                command = shlex.join((own, "-c", f"{starts}; sys.exit({function}())"))
                path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
                path.chmod(0o755)

    def run(self, command: tuple[str, ...], below: str = ".", limits: Limits | None = None) -> Ran:
        """Run `command` in the directory `below` of the tree."""
        job = Job(
            command,
            self.tree / below,
            tuple(self.directory / name for name in ("home", "tree", "log", "cache")),
            self._readable(),
            self._environment(),
        )
        return self.tools.sandbox.run(job, limits or self.limits)

    def started(self) -> int:
        """Return how many programs of the machine the emulator ran so far."""
        path = self._started
        return path.stat().st_size if path.is_file() and not path.is_symlink() else 0

    @property
    def _started(self) -> Path:
        return self.directory / "log" / "started.count"

    def with_environment(self, more: Mapping[str, str]) -> Workshop:
        """Return the same with more variables."""
        return replace(self, environment={**self.environment, **more})

    def compiled(self) -> dict[str, Compiled]:
        """Return what was compiled of the tree's sources so far."""
        return read_log(self.directory / "log", self.tree)

    def _readable(self) -> tuple[Path, ...]:
        python = (Path(sys.base_prefix), Path(sys.prefix)) if self.tools.root is None else ()
        hooks = (hook(),) if self.emulator else ()
        runtime = (self.runtime.root,) if self.runtime else ()
        modules = (self.modules,) if self.modules else ()
        packages = (*runtime, *modules, *((self.libraries.root,) if self.libraries.root else ()))
        caches = (self.compiler.cache,) if self.compiler.cache else ()
        paths = (
            *caches,
            self.directory / "bin",
            *hooks,
            *self.compiler.readable,
            *packages,
            *python,
        )
        return tuple(path for path in dict.fromkeys(paths) if not path.is_relative_to("/usr"))

    def _environment(self) -> dict[str, str]:
        path = f"{self.directory / 'bin'}:{SYSTEM_PATH}"
        if self.tools.root is None:
            path += f":{Path(sys.executable).parent}"
        found = {
            "PATH": path,
            "DUANBAN_LOG": str(self.directory / "log"),
            **self.libraries.environment,
            **self.environment,
        }
        if "PYTHONPATH" in found:
            own = self.directory / "bin" if self.runtime else None
            besides = (str(one) for one in (own, self.modules) if one is not None)
            found["PYTHONPATH"] = ":".join((found["PYTHONPATH"], *besides))
        if self.compiler.cache is not None:
            found |= zig.cache_environment(self.directory / "cache")
        if self.emulator is not None:
            prefix = str(self.runtime.root) if self.runtime else self.compiler.ld_prefix
            found |= disguise(self.emulator, prefix, self.architecture)
            found["DUANBAN_STARTED"] = str(self._started)
        return found
