"""The steps that build, look and test, in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from duanban.locate.digest import files_of
from duanban.proof.alone import Alone, unit_of
from duanban.proof.build import BuildSystem, Probe, Recipe, find_build
from duanban.proof.compare import compare_runs, compare_tests
from duanban.proof.compile_log import SOURCES
from duanban.proof.interface import Step, StepState, Unit
from duanban.proof.memo import Memo
from duanban.proof.products import missing_names, products
from duanban.proof.sandbox import Ran
from duanban.proof.wish import Options
from duanban.proof.workshop import Workshop

SAMPLE = 20
"""Files that are compiled alone where nothing else tells, besides the suspects."""
_PASSED, _FAILED, _SKIPPED = StepState.PASSED, StepState.FAILED, StepState.SKIPPED


@dataclass(frozen=True, slots=True)
class Built:
    """What building one workshop's tree came to."""

    ran: tuple[Ran, ...]

    @property
    def passed(self) -> bool:
        """Whether every command passed."""
        return all(ran.passed for ran in self.ran)

    @property
    def log(self) -> str:
        """What the commands said."""
        return "\n".join(ran.output for ran in self.ran)

    @property
    def seconds(self) -> float:
        """How long they took."""
        return round(sum(ran.seconds for ran in self.ran), 2)

    @property
    def why(self) -> str:
        """How the first that failed ended."""
        return next((ran.why for ran in self.ran if not ran.passed), "")


@dataclass(frozen=True)
class Steps:
    """All that the steps of one proof work on."""

    reference: Workshop
    target: Workshop
    before: Workshop
    source: Path
    """The tree to prove."""
    plain: Path | None
    """The tree without the patch; None where there is none."""
    touched: tuple[str, ...]
    suspects: tuple[str, ...]
    options: Options
    jobs: int
    memo: Memo

    def all(self) -> Sequence[tuple[str, Callable[[], Step]]]:
        """Return the steps, by name, in their order."""
        unpatched = (("before", self._before_step),) if self.plain is not None else ()
        asked = (("run", self._run_step),) if self.options.run else ()
        return (
            ("reference", self._reference_step),
            *unpatched,
            ("build", self._build_step),
            ("compile", self._compile_step),
            ("products", self._products_step),
            ("tests", self._tests_step),
            *asked,
        )

    @cached_property
    def _found(self) -> tuple[BuildSystem, str] | None:
        return find_build(self.source, self.options.build_system, self.options.directory)

    def _recipe(self, workshop: Workshop) -> Recipe | None:
        if self._found is None:
            return None
        system, below = self._found
        return system.recipe(
            self.source / below, self.jobs, self.options.configure, workshop.architecture
        )

    def _build(self, workshop: Workshop, source: Path) -> Built | None:
        """Copy `source` and build it; None where there is nothing to build it with."""
        name = f"built-{workshop.directory.name}"
        return self.memo.take(name, Built | None, lambda: self._built(workshop, source))

    def _built(self, workshop: Workshop, source: Path) -> Built | None:
        workshop.prepare(source)
        recipe = self._recipe(workshop)
        if recipe is None or self._found is None:
            return None
        shop = workshop.with_environment(recipe.environment)
        done: list[Ran] = []
        for command in (*recipe.configure, *recipe.build):
            done.append(shop.run(command, self._found[1]))
            if not done[-1].passed and command in recipe.configure:
                break
        return Built(tuple(done))

    @cached_property
    def _here(self) -> Built | None:
        return self._build(self.reference, self.source)

    @cached_property
    def _there(self) -> Built | None:
        return self._build(self.target, self.source)

    @cached_property
    def _there_before(self) -> Built | None:
        assert self.plain is not None
        return self._build(self.before, self.plain)

    @cached_property
    def _hindrance(self) -> str:
        recipe = self._recipe(self.target)
        if recipe is None:
            return "no build system that is known here was found in the tree"
        lacking = (
            [
                name
                for name in recipe.needs
                if self.reference.run(("sh", "-c", f"command -v {name}")).code
            ]
            if (self.reference.tree.is_dir())
            else []
        )
        if lacking:
            return f"{lacking[0]} is not installed"
        missing = (one.missing for one in recipe.probes if not self._holds(one, recipe))
        return next(missing, "")

    def _holds(self, probe: Probe, recipe: Recipe) -> bool:
        shop = self.target.with_environment(recipe.environment)
        if not shop.tree.is_dir():
            shop.prepare(self.source)
        return shop.run(probe.command).passed

    def _reference_step(self) -> Step:
        built = self._here
        reason = self._hindrance
        if built is None or reason:
            return Step("reference", _SKIPPED, reason)
        name = self.reference.compiler.machine
        if not built.passed:
            if self._builds_here_without_the_patch():
                reason = f"the patch breaks the build on {name}: {_told(built)}"
                return Step("reference", _FAILED, reason, built.log, built.seconds)
            reason = f"it does not build on {name} either: {_told(built)}"
            return Step("reference", _SKIPPED, reason, built.log, built.seconds)
        facts = {"units": len(self.reference.compiled())}
        return Step("reference", _PASSED, "", built.log, built.seconds, facts)

    def _builds_here_without_the_patch(self) -> bool:
        if self.plain is None:
            return False
        directory = self.reference.directory.with_name("reference-before")
        built = self._build(replace(self.reference, directory=directory), self.plain)
        return built is not None and built.passed

    def _before_step(self) -> Step:
        reason = self._hindrance
        built = None if reason else self._there_before
        if built is None:
            return Step("before", _SKIPPED, reason)
        compiled = self.before.compiled()
        failing = sorted(path for path, one in compiled.items() if not one.passed)
        facts = {"units": len(compiled), "failing": failing, "builds": built.passed}
        told = (
            "it builds without the patch, too"
            if built.passed
            else f"without the patch: {_told(built)}"
        )
        return Step("before", _PASSED, told, built.log, built.seconds, facts)

    def _build_step(self) -> Step:
        reason = self._hindrance
        built = None if reason else self._there
        if built is None:
            return Step("build", _SKIPPED, reason)
        compiled = self.target.compiled()
        failing = sorted(path for path, one in compiled.items() if not one.passed)
        facts = {"units": len(compiled), "failing": failing}
        if built.passed:
            return Step("build", _PASSED, "", built.log, built.seconds, facts)
        if self._here is None or not self._here.passed:
            reason = (
                f"it does not build, but it does not on {self.reference.compiler.machine} either"
            )
            return Step("build", _SKIPPED, reason, built.log, built.seconds, facts)
        return Step("build", _FAILED, _told(built), built.log, built.seconds, facts)

    @cached_property
    def _units(self) -> tuple[Unit, ...]:
        here, there = self.reference.compiled(), self.target.compiled()
        before = self.before.compiled() if self.plain is not None else {}
        tree = self.target.tree
        by_build = [
            unit_of(path, here[path], there[path], before.get(path), self.source)
            for path in sorted(here.keys() & there.keys())
        ]
        known = {unit.path for unit in by_build}
        wanted = [path for path in (*self.touched, *self.suspects) if path not in known]
        if not by_build:
            sources = sorted(path for path in files_of(self.source) if path.endswith(SOURCES))
            wanted += [path for path in sources if path not in wanted][:SAMPLE]
        existing = [path for path in dict.fromkeys(wanted) if (tree / path).is_file()]
        alone = Alone(self.reference, self.target).units(existing, self.jobs)
        return tuple(sorted((*by_build, *alone), key=lambda unit: unit.path))

    def units(self) -> tuple[Unit, ...]:
        """Return what the compilers said of each file."""
        return self._units

    def _compile_step(self) -> Step:
        units = self._units
        broken = [unit for unit in units if unit.reference and not unit.target]
        patched = [unit for unit in units if unit.path in self.touched]
        worse = [unit for unit in patched if unit.warnings > unit.warnings_before]
        facts = {
            "units": len(units),
            "touched": len(patched),
            "failing": [unit.path for unit in broken],
            "more_warnings": [unit.path for unit in worse],
        }
        log = "\n".join(f"{unit.place or unit.path}:{unit.line}: {unit.message}" for unit in broken)
        if broken:
            reason = f"{len(broken)} of {len(units)} files do not compile, {broken[0].path} first"
            return Step("compile", _FAILED, reason, log, facts=facts)
        if not units:
            return Step("compile", _SKIPPED, "no file compiles on the reference that would tell")
        return Step("compile", _PASSED, "", facts=facts)

    def _products_step(self) -> Step:
        if self._there is None or not self._there.passed:
            return Step("products", _SKIPPED, "it was not built")
        sources = files_of(self.source)
        there = products(self.target.tree, sources)
        here = {product.path: product for product in products(self.reference.tree, sources)}
        wanted = self.target.architecture.name
        wrong = [product for product in there if product.machine != wanted]
        lines = [f"{product.path}: {product.kind} for {product.machine}" for product in there]
        for product in there:
            if product.path in here:
                lost = missing_names(
                    self.target.tree / product.path, self.reference.tree / product.path
                )
                lines += [f"{product.path}: {name} is missing" for name in lost]
        facts = {"products": len(there), "missing": sum("is missing" in line for line in lines)}
        log = "\n".join(lines)
        if wrong:
            reason = f"{wrong[0].path} is for {wrong[0].machine}, not for {wanted}"
            return Step("products", _FAILED, reason, log, facts=facts)
        if not there:
            return Step("products", _SKIPPED, "the build made no program and no shared library")
        return Step("products", _PASSED, "", log, facts=facts)

    def _runnable(self) -> str:
        """Return why nothing can be run, or nothing."""
        if self._there is None or not self._there.passed:
            return "it was not built"
        if self._here is None or not self._here.passed:
            return f"it was not built on {self.reference.compiler.machine}"
        if self.target.emulator is None:
            return f"qemu-{self.target.architecture.name} is not installed"
        return ""

    def _tests_step(self) -> Step:
        reason = self._runnable()
        if reason or self._found is None:
            return Step("tests", _SKIPPED, reason or "it was not built")
        if not self._test_command(self.target):
            return Step(
                "tests", _SKIPPED, "the project has no tests that its build system knows of"
            )
        here = self._run(self.reference, self._test_command(self.reference))
        before = self.target.started()
        there = self._run(self.target, self._test_command(self.target))
        started = self.target.started() - before
        machine = self.reference.compiler.machine
        return compare_tests(self._found[0], here, there, machine, started)

    def _test_command(self, workshop: Workshop) -> tuple[str, ...]:
        if self.options.test:
            return ("sh", "-c", self.options.test)
        recipe = self._recipe(workshop)
        return recipe.test if recipe else ()

    def _run(self, workshop: Workshop, command: tuple[str, ...]) -> Ran:
        """Run `command` as what the recipe says is run there."""
        recipe = self._recipe(workshop)
        assert recipe is not None and self._found is not None
        return workshop.with_environment(recipe.environment).run(command, self._found[1])

    def _run_step(self) -> Step:
        reason = self._runnable()
        if reason or self._found is None:
            return Step("run", _SKIPPED, reason or "it was not built")
        command = ("sh", "-c", self.options.run)
        here, there = self._run(self.reference, command), self._run(self.target, command)
        shown = _without(here, self.reference), _without(there, self.target)
        return compare_runs(here, there, shown)


def _without(ran: Ran, workshop: Workshop) -> str:
    return ran.output.replace(str(workshop.directory), "")


def _told(built: Built) -> str:
    """Return the first line that says what went wrong, or how it ended."""
    found = re.search(
        r"^.*(?:error:|Error: |undefined reference|CMake Error).*$", built.log, re.MULTILINE
    )
    return found[0].strip()[:300] if found else built.why
