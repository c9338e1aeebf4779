"""Copies of what an npm registry says of packages, and of the native code in their archives."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from duanban.binaries.header import identify
from duanban.indexes import records
from duanban.indexes.interface import Copy, Fetched, Index, Progress, Request, Wanted
from duanban.indexes.wanted import wanted_of
from duanban.inventory.knowledge import conventions, listed
from duanban.inventory.npm_platform import Platform, platform_of_name
from duanban.inventory.parse import as_table, as_text, as_texts
from duanban.locate.cache import now
from duanban.locate.client import Watched, run
from duanban.locate.npm import parse
from duanban.model import Answer, Offer, Provenance
from duanban.model.errors import FetchError, LocatorError, UsageError
from duanban.targets.interface import Target

_INSTALL = ("preinstall", "install", "postinstall")
_HEADER = 256
_MEMBERS = 20_000
_LONGEST_SCRIPT = 200


class Release(Struct, frozen=True, omit_defaults=True):
    """What the registry says of a version."""

    os: list[str] = []
    cpu: list[str] = []
    libc: list[str] = []
    optional: list[str] = []
    """Names of its optional dependencies."""
    script: str = ""
    """What runs when it is installed."""
    helpers: list[str] = []
    """Of its dependencies, those that compile or fetch addons."""
    host: str = ""
    """Where addons are fetched from (`binary.host`)."""
    builds: bool = False
    """Whether node-gyp can build its addon."""
    native: list[tuple[str, str]] | None = None
    """Member and machine of the ELF files in its archive; None: not looked at."""


class Package(Struct, frozen=True):
    """What the registry says of a package."""

    asked: str
    """ISO date."""
    newest: str
    releases: dict[str, Release]
    """Those that were asked about, and the newest."""


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
                found = _ask(one, Watched(f"index {request.name}", _silent, Path(work)))
            known = kept.get(one.full_name)
            if known is not None:
                found = Package(found.asked, found.newest, {**known.releases, **found.releases})
            kept[one.full_name] = found
        return records.write(directory, kept)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return _Open(copy, records.read(copy, directory, Package))


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nothing: npm asks about one package at a time, which is told above."""


def _ask(wanted: Wanted, watched: Watched) -> Package:
    """Ask about the wanted version and the newest; a package that is not there has no releases."""
    name = wanted.full_name
    try:
        parse(f"npm:{name}@{wanted.version}" if wanted.version else f"npm:{name}")
    except LocatorError:  # a path, an alias or the like: nothing that a registry could know
        return Package(now()[:10], "", {})
    told = _view(f"{name}@{wanted.version}" if wanted.version else name, watched)
    releases: dict[str, Release] = {}
    newest = as_text(as_table(told.get("dist-tags")).get("latest")) if told else ""
    if told:
        version = as_text(told.get("version"))
        releases[version] = _release(name, version, told, watched)
    if newest not in releases:
        latest = _view(name, watched)
        newest = as_text(latest.get("version"))
        if newest:
            releases[newest] = _release(name, newest, latest, watched)
    return Package(now()[:10], newest, releases)


def _view(spec: str, watched: Watched) -> Mapping[str, Any]:
    """Return the manifest of a version; empty if there is no such package or version."""
    try:
        output = run(["npm", "view", "--json", "--", spec], watched)
    except FetchError as error:
        if "404" in str(error) or "E404" in str(error) or "No match" in str(error):
            return {}
        raise
    try:
        told = json.loads(output or b"{}")
    except ValueError as error:
        raise FetchError(f"{watched.what}: npm's answer for {spec} cannot be read") from error
    return as_table(told[-1] if isinstance(told, list) and told else told)


def _release(name: str, version: str, told: Mapping[str, Any], watched: Watched) -> Release:
    scripts = as_table(told.get("scripts"))
    script = " && ".join(filter(None, (as_text(scripts.get(step)) for step in _INSTALL)))
    helpers = sorted(conventions().npm_native_helpers & as_table(told.get("dependencies")).keys())
    builds = bool(told.get("gypfile")) or "node-gyp" in script
    native = _inside(f"{name}@{version}", watched) if script or builds or helpers else None
    return Release(
        os=list(as_texts(told.get("os"))),
        cpu=list(as_texts(told.get("cpu"))),
        libc=list(as_texts(told.get("libc"))),
        optional=sorted(as_table(told.get("optionalDependencies"))),
        script=script[:_LONGEST_SCRIPT],
        helpers=helpers,
        host=as_text(as_table(told.get("binary")).get("host")),
        builds=builds,
        native=native,
    )


def _inside(spec: str, watched: Watched) -> list[tuple[str, str]] | None:
    """Return the ELF files in the archive of a package with their machines."""
    run(["npm", "pack", "--ignore-scripts", "--json", "--", spec], watched)
    found: list[tuple[str, str]] = []
    for file in watched.directory.glob("*.tgz"):
        try:
            with tarfile.open(file) as archive:
                for number, member in enumerate(archive):
                    if number == _MEMBERS:
                        break
                    content = archive.extractfile(member) if member.isfile() else None
                    header = identify(content.read(_HEADER)) if content else None
                    if header is not None and header.format == "elf":
                        found.append((member.name, header.machine))
        except (tarfile.TarError, OSError, EOFError):
            return None
        finally:
            file.unlink()
    return found


class _Open:
    """A copy that is open for questions."""

    def __init__(self, copy: Copy, packages: dict[str, Package]) -> None:
        self._packages = packages
        self.source = copy.provenance

    def concerns(self, wanted: Wanted) -> bool:
        return wanted.type == "npm"

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Say whether the wanted version has a form for the target, or the newest one has."""
        package = self._packages.get(wanted.full_name)
        if package is None:
            return ()
        source = Provenance(self.source.index, package.asked, self.source.sha256)
        version = wanted.version or package.newest
        release = package.releases.get(version)
        if release is None and package.releases and wanted.version not in package.releases:
            return ()  # this version was not asked about
        if release is None:
            return (Offer(Answer.NONE, source, detail="the registry does not have it"),)
        answer, detail = _judge(release, target)
        offers = [Offer(answer, source, version=version, detail=detail)]
        newest = package.releases.get(package.newest)
        if answer is Answer.SAME_VERSION or newest is None or package.newest == version:
            return offers
        if _judge(newest, target)[0] is Answer.SAME_VERSION:
            offers.append(Offer(Answer.OTHER_VERSION, source, version=package.newest))
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
    machines = tuple(sorted({machine for _, machine in release.native or ()}))
    if target.architecture.name in machines:
        return Answer.SAME_VERSION, ""
    told = []
    if machines:
        told.append(f"its archive holds code for {listed(machines, most=8)}")
    if release.helpers or release.host:
        where = f" from {release.host}" if release.host else ""
        told.append(f"{listed(tuple(release.helpers)) or 'its script'} may fetch an addon{where}")
    if release.builds:
        return Answer.SOURCE_BUILDS, "; ".join([*told, "node-gyp builds it where none fits"])
    if machines:
        return Answer.NONE, "; ".join(told)
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
