"""Carries out a proof, step by step; steps that are done already are taken."""

from __future__ import annotations

import fcntl
import hashlib
import platform
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import msgspec

from duanban import __version__
from duanban.locate import cache_directory
from duanban.locate.digest import files_of, tree_hash
from duanban.locate.interface import Located
from duanban.model.errors import FetchError
from duanban.proof.build import find_build
from duanban.proof.interface import (
    Progress,
    Proof,
    Step,
    StepState,
    Subject,
    Tool,
    Unit,
    verdict_of,
)
from duanban.proof.lookup import missing, packages_with
from duanban.proof.memo import Memo
from duanban.proof.packages import Libraries, build_depends, libraries
from duanban.proof.patching import apply_patch, touched
from duanban.proof.requirements import Modules, calls_cargo, modules, requirements, tools_of
from duanban.proof.runtime import Runtime, python_runtime, python_version
from duanban.proof.sandbox import find_sandbox
from duanban.proof.steps import Steps
from duanban.proof.store import load, save
from duanban.proof.toolchain import find_compilers
from duanban.proof.toolchain.emulator import Emulator, find_emulator
from duanban.proof.toolchain.interface import Compiler
from duanban.proof.tools import DEBIAN, Tools, find_tools, packages_for
from duanban.proof.wish import Means, Options
from duanban.proof.workshop import Workshop
from duanban.proof.worktree import copy_tree
from duanban.targets.architectures import architecture
from duanban.targets.interface import Target

LONGEST_LOG = 40_000
"""Characters of a step's log that are kept."""
SIMDE = "libsimde-dev"
"""The package of the headers that patches of ours may ask for."""
RUST = "libstd-rust-dev"
"""The package of Rust's own library."""
REVISION = 4
"""Of the steps: raised when the same input may come to another outcome."""


@dataclass(frozen=True, slots=True)
class Task:
    """A tree, a target, and a patch or none."""

    located: Located
    target: Target
    mode: str
    """`as-is`, `patch` or `fix`."""
    patch: str = ""
    suspects: tuple[str, ...] = ()
    """Files of which a check says that they do not compile; they are compiled in any case."""


def prove(task: Task, options: Options, means: Means, progress: Progress) -> Proof:
    """Return the proof of `task`.

    Raises:
        SandboxError: there is no sandbox, and none was not allowed.
        ProofError: there is no compiler for the target, or ours is at fault.
    """
    return _Engine(task, options, means, progress).proof()


class _Engine:
    def __init__(self, task: Task, options: Options, means: Means, progress: Progress) -> None:
        self._task = task
        self._options = options
        self._means = means
        self._progress = progress
        machine = task.target.architecture.name
        self._tools = self._found_tools()
        self._found_packages: tuple[str, ...] = ()
        self._there, self._here = find_compilers(
            self._tools, machine, platform.machine(), options.compiler
        )
        self._emulator = find_emulator(self._tools, machine)

    def proof(self) -> Proof:
        """Return the stored proof if there is one, else a new one."""
        stored = None if self._means.fresh else load(self._key)
        if stored is not None and self._means.keep is None:
            return stored
        work = cache_directory() / "proof" / self._key[:16]
        if self._means.keep is not None:
            work = self._means.keep.absolute() / f"proof-{self._key[:16]}"
        work.mkdir(parents=True, exist_ok=True, mode=0o700)
        with work.with_suffix(".lock").open("a") as lock:  # two at once would share the trees
            fcntl.flock(lock, fcntl.LOCK_EX)
            steps, units = self._carried_out(work)
            while more := self._more_packages(steps):
                self._found_packages += more
                self.__dict__.pop("_libraries")
                shutil.rmtree(work / "memo", ignore_errors=True)
                steps, units = self._carried_out(work)
            if self._means.keep is None:
                shutil.rmtree(work, ignore_errors=True)
        self.__dict__.pop("_versions", None)  # those of packages that were found are among them
        proof = Proof(
            target=self._task.target.id,
            mode=self._task.mode,
            subject=self._subject,
            patch=self._task.patch,
            tools=self._versions,
            sandbox=self._tools.sandbox.name,
            options=self._options.as_mapping(),
            steps=steps,
            units=units,
            verdict=verdict_of(steps),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
        )
        save(self._key, proof)
        return proof

    def _carried_out(self, work: Path) -> tuple[tuple[Step, ...], tuple[Unit, ...]]:
        plain = work / "plain"
        copy_tree(self._task.located.root, plain)
        steps: list[Step] = []
        source = plain
        if self._task.mode != "as-is":
            source = work / "patched" / "tree"
            step = self._patched(plain, source)
            steps.append(step)
            if step.state is not StepState.PASSED:
                return tuple(steps), ()
        memo = Memo(work / "memo", self._key, self._means.fresh)
        every = Steps(
            reference=self._workshop(work / "reference", self._here, None),
            target=self._workshop(work / "target", self._there, self._emulator),
            before=self._workshop(work / "before", self._there, self._emulator),
            source=source,
            plain=plain if self._task.patch else None,
            touched=touched(self._task.patch),
            suspects=self._task.suspects,
            options=self._options,
            jobs=self._means.jobs,
            memo=memo,
        )
        todo = every.all()
        for number, (name, step_of) in enumerate(todo):
            self._progress(f"{self._task.located.name}: {name}", number, len(todo))
            step = memo.take(f"step-{name}", Step, step_of)
            steps.append(replace(step, key=f"{self._key[:16]}-{name}", log=_shortened(step.log)))
        return tuple(steps), every.units()

    def _more_packages(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """Return the packages with headers that the build for this machine did not find."""
        failed = [one for one in steps if one.name == "reference" and one.log]
        if not failed or failed[0].state is StepState.PASSED or self._means.offline:
            return ()
        headers, names = missing(failed[0].log)
        own = {path.rpartition("/")[2] for path in files_of(self._task.located.root)}
        wanted = [name for name in headers if name.rpartition("/")[2] not in own]
        here = architecture(platform.machine())
        try:
            found = packages_with(wanted, names, here, self._progress)
        except FetchError:
            return ()  # without apt the failure is what is told
        have = {*self._found_packages, *self._options.packages}
        return tuple(name for name in found if name not in have)

    def _patched(self, plain: Path, to: Path) -> Step:
        if not self._task.patch.strip():
            reason = "no fixer has an answer for this tree; --as-is proves it without a change"
            return Step("patch", StepState.SKIPPED, reason)
        copy_tree(plain, to)
        # Applied by this system's git, whatever tools build.
        sandbox = find_sandbox(allow_none=not self._means.sandboxed)
        ran = apply_patch(sandbox, to, self._task.patch)
        files = len(touched(self._task.patch))
        if not ran.passed:
            lines = [line for line in ran.output.splitlines() if line.startswith("error:")]
            reason = lines[0] if lines else ran.why
            return Step("patch", StepState.FAILED, reason, ran.output, ran.seconds)
        return Step("patch", StepState.PASSED, "", ran.output, ran.seconds, {"files": files})

    def _workshop(self, directory: Path, compiler: Compiler, emulator: Emulator | None) -> Workshop:
        return Workshop(
            directory=directory,
            tools=self._tools,
            limits=self._means.limits,
            compiler=compiler,
            architecture=architecture(compiler.machine),
            emulator=emulator,
            crossing=compiler is self._there,
            libraries=self._libraries[compiler.machine],
            runtime=self._runtime if compiler is self._there else None,
            modules=self._modules.root,
        )

    @cached_property
    def _system(self) -> str:
        """Name of the build system, or nothing."""
        options = self._options
        found = find_build(self._task.located.root, options.build_system, options.directory)
        return found[0].NAME if found else ""

    def _found_tools(self) -> Tools:
        # Both machines' Python has to be of one version, and the target's is Debian's.
        wanted = self._options.tools or (DEBIAN if self._system == "python" else "")
        programs = [one for one in self._options.packages if not one.endswith("-dev")]
        programs += self._modules.debian
        if self._system == "python":
            programs += tools_of(self._python_tree)
        here = architecture(platform.machine())
        names = (*packages_for(self._system, self._task.target.architecture, here), *programs)
        return find_tools(wanted, names, here, self._progress, sandboxed=self._means.sandboxed)

    @property
    def _python_tree(self) -> Path:
        return self._task.located.root / self._options.directory

    @cached_property
    def _modules(self) -> Modules:
        """What the build of a Python tree requires."""
        if self._system != "python":
            return Modules()
        machine = self._task.target.architecture
        wanted = requirements(self._python_tree, machine)
        version = python_version(machine, self._progress)
        return modules(wanted, version, self._progress)

    @cached_property
    def _runtime(self) -> Runtime | None:
        """The target's Python, if the tree is built by one."""
        if self._system != "python" or self._emulator is None:
            return None
        names = [name for name in self._options.packages if name.startswith("python3-")]
        return python_runtime(
            (*names, *self._modules.debian), self._task.target.architecture, self._progress
        )

    @cached_property
    def _libraries(self) -> dict[str, Libraries]:
        given = (one for one in self._options.packages if one.endswith("-dev"))
        names = (*given, *self._found_packages, *build_depends(self._task.located.root))
        if re.search(r"^\+.*simde/", self._task.patch, re.MULTILINE):
            names = (*names, SIMDE)
        shared = self._tools.root is not None
        is_rust = self._system == "cargo" or (
            self._system == "python" and calls_cargo(self._python_tree)
        )
        rust = (RUST,) if shared and is_rust else ()
        machines = (self._here.machine, self._there.machine)
        return {
            one: libraries(
                (*names, *rust) if one == self._there.machine else names,
                architecture(one),
                self._progress,
                shared=shared,
            )
            for one in machines
        }

    @cached_property
    def _subject(self) -> Subject:
        located = self._task.located
        digest = tree_hash(located.root)
        return Subject(located.locator, located.name, located.version, digest)

    @cached_property
    def _versions(self) -> tuple[Tool, ...]:
        compiler = Tool(f"{self._there.kind} for {self._there.machine}", self._there.version)
        here = Tool(f"{self._here.kind} for {self._here.machine}", self._here.version)
        tools = [compiler, here]
        if self._emulator is not None:
            tools.append(Tool(Path(self._emulator.program).name, self._emulator.version))
        tools.append(Tool(self._tools.sandbox.name, self._tools.sandbox.version))
        c_library = f"libc6-{architecture(self._there.machine).names['debian'][0]}-cross"
        tools += [tool for tool in self._tools.packages if tool.name == c_library]
        tools += self._libraries[self._there.machine].packages
        tools += self._runtime.packages if self._runtime else ()
        return (*tools, *self._modules.packages)

    @cached_property
    def _key(self) -> str:
        """All that decides the outcome."""
        parts = (
            REVISION,
            __version__,
            self._subject.sha256,
            self._task.target,
            self._task.patch,
            self._task.suspects,
            self._versions,
            self._tools.packages,
            self._options,
        )
        return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def _shortened(log: str) -> str:
    """Return `log` without its middle, if it is long."""
    if len(log) <= LONGEST_LOG:
        return log
    half = LONGEST_LOG // 2
    return f"{log[:half]}\n[... {len(log) - LONGEST_LOG:,} characters left out ...]\n{log[-half:]}"
