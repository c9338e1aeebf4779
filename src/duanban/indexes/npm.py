"""Copies of what an npm registry says of packages, and of the native code in their archives."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from duanban.indexes import records
from duanban.indexes.interface import Copy, Fetched, Index, Progress, Request, Wanted
from duanban.indexes.npm_registry import Package, Release, ask, machines, together
from duanban.indexes.versions import later
from duanban.indexes.wanted import wanted_of
from duanban.inventory.knowledge import listed
from duanban.inventory.npm_platform import Platform, platform_of_name
from duanban.locate.client import Watched
from duanban.model import Answer, Offer, Provenance
from duanban.model.errors import UsageError
from duanban.targets.interface import Target


class Npm:
    """An npm registry, by the user's own npm."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Ask about the npm packages among the components, and keep what was asked before."""
        kept = records.earlier(request.before, Package)
        wanted = [one for c in request.components if (one := wanted_of(c)) and one.type == "npm"]
        if not wanted and not kept:
            raise UsageError(f"{request.name}: {request.known.how}")
        for number, one in enumerate(wanted):
            progress(f"asking npm about {one.full_name}", number, len(wanted))
            with tempfile.TemporaryDirectory(prefix="duanban-npm-") as work:
                found = ask(one, Watched(f"index {request.name}", _silent, Path(work)))
            known = kept.get(one.full_name)
            kept[one.full_name] = together(known, found) if known else found
        return records.write(directory, kept)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return _Open(copy, records.read(copy, directory, Package))


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nothing: npm asks about one package at a time, which is told above."""


class _Open:
    """A copy that is open for questions."""

    def __init__(self, copy: Copy, packages: dict[str, Package]) -> None:
        self._packages = packages
        self.source = copy.provenance

    def concerns(self, wanted: Wanted) -> bool:
        return wanted.type == "npm"

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Say whether a version has a form for the target, or which later one is the first."""
        package = self._packages.get(wanted.full_name)
        if package is None:
            return ()
        source = Provenance(self.source.index, package.asked, self.source.sha256)
        version = wanted.version or package.newest
        release = package.releases.get(version)
        if release is not None:
            answer, detail = _judge(release, target)
            offers = [Offer(answer, source, version=version, detail=detail)]
        elif package.releases and version not in package.missing:
            return ()  # this version was not asked about
        else:
            answer = Answer.NONE
            offers = [Offer(answer, source, detail="the registry does not have it")]
        if answer is Answer.SAME_VERSION:
            return offers
        ready = [
            one
            for one in later("npm", version, package.releases)
            if _judge(package.releases[one], target)[0] is Answer.SAME_VERSION
        ]
        if ready:
            offers.append(Offer(Answer.OTHER_VERSION, source, version=ready[0]))
        return offers


def _judge(release: Release, target: Target) -> tuple[Answer, str]:
    """Return what a version is worth on the target, and why."""
    own = Platform(tuple(release.os), tuple(release.cpu), tuple(release.libc))
    if not own.fits(target):
        return Answer.NONE, f"says that it is only for {own.words()}"
    parts = [p for name in release.optional if (p := platform_of_name(name)) is not None]
    if any(part.for_linux for part in parts):
        if any(part.fits(target) for part in parts):
            return Answer.SAME_VERSION, ""
        on = sorted({cpu for part in parts if part.for_linux for cpu in part.cpu})
        detail = f"has prebuilt parts for Linux on {listed(tuple(on), most=12)}"
        if any(part.is_wasm for part in parts):
            return Answer.OTHER_VERSION, f"{detail}, and one in WebAssembly"
        if release.builds:
            return Answer.SOURCE_BUILDS, f"{detail}; else node-gyp builds it"
        return Answer.NONE, detail
    return _judge_addon(release, target)


def _judge_addon(release: Release, target: Target) -> tuple[Answer, str]:
    """Judge a version that compiles, fetches or brings native code by other means."""
    held = tuple(sorted(machines(release)))
    if target.architecture.name in held:
        return Answer.SAME_VERSION, ""
    told = []
    if held:
        told.append(f"its archive holds code for {listed(held, most=8)}")
    if release.helpers or release.host:
        where = f" from {release.host}" if release.host else ""
        told.append(f"{listed(tuple(release.helpers)) or 'its script'} may fetch an addon{where}")
    if release.builds:
        return Answer.SOURCE_BUILDS, "; ".join([*told, "node-gyp builds it where none fits"])
    if held:
        return Answer.NONE, "; ".join(told)
    if release.helpers and release.native is None:
        return Answer.UNKNOWN, "; ".join([*told, "nobody has looked into its archive"])
    if release.script and (told or release.native is None or _fetches(release.script)):
        told.append(f"runs `{release.script}` when it is installed")
        return Answer.UNKNOWN, "; ".join(told)
    return Answer.SAME_VERSION, ""


def _fetches(script: str) -> bool:
    """Return whether an install script runs a program that could fetch or build anything.

    Those that only print or fail in harmless ways are few; every other one is taken for one.
    """
    harmless = ("echo ", "true", "exit 0", "husky", "patch-package", "opencollective", "is-ci")
    return not all(step.strip().startswith(harmless) for step in script.split("&&"))
