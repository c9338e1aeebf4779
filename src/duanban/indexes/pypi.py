"""Copies of what Python package indexes say of single projects: every file of every release."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from duanban.binaries.header import identify
from duanban.indexes import records
from duanban.indexes.interface import Copy, Fetched, Index, Progress, Request, Wanted
from duanban.indexes.wanted import wanted_of
from duanban.inventory.knowledge import listed
from duanban.inventory.purls import pypi_name
from duanban.inventory.wheel_tags import fits, machines_of, platform_tags
from duanban.locate.cache import now
from duanban.locate.client import Watched, run
from duanban.locate.pypi import python_with_pip
from duanban.model import Answer, Component, Offer, Provenance
from duanban.model.errors import FetchError, UsageError
from duanban.targets.interface import Target


class File(Struct, frozen=True, omit_defaults=True):
    """A file of a project."""

    name: str
    yanked: bool = False
    native: list[tuple[str, str]] | None = None
    """Of a wheel for any machine: member and machine of its machine code; None: not looked at."""


class Project(Struct, frozen=True):
    """What an index says of a project."""

    asked: str
    """ISO date."""
    files: list[File]


class PyPI:
    """Python package indexes, by the user's own pip."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Ask about the Python packages among the components, and keep what was asked before."""
        kept = records.earlier(request.before, Project)
        asked = _asked(request.components)
        if not asked and not kept:
            raise UsageError(f"{request.name}: {request.known.how}")
        kept.update(_ask(request, asked, progress) if asked else {})
        return records.write(directory, kept)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return _Open(copy, records.read(copy, directory, Project))


def _asked(components: Iterable[Component]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for component in components:
        wanted = wanted_of(component)
        if wanted is not None and wanted.type == "pypi":
            found[pypi_name(wanted.name), wanted.version] = None
    return sorted(found)


def _ask(
    request: Request, asked: Sequence[tuple[str, str]], progress: Progress
) -> dict[str, Project]:
    with tempfile.TemporaryDirectory(prefix="duanban-pip-") as name:
        work = Path(name)
        (work / "asked.json").write_text(json.dumps(asked), "utf-8")
        script = str(Path(__file__).with_name("pip_pages.py"))
        command = [python_with_pip(), script, name, "--no-input", "--disable-pip-version-check"]
        if url := request.settings.get("index_url"):
            command += ["--index-url", url]
        watched = Watched(f"index {request.name}", progress, work, client="pip")
        run(command, watched)
        try:
            answers = json.loads((work / "answers.json").read_bytes())
        except (OSError, ValueError) as error:
            raise FetchError(
                f"index {request.name}: pip gave no answer that can be read"
            ) from error
    day = now()[:10]
    return {name: Project(day, [_file(one) for one in files]) for name, files in answers.items()}


def _file(told: dict[str, object]) -> File:
    native = told.get("native")
    machines = None
    if isinstance(native, list):
        machines = []
        for member, header in native:
            found = identify(bytes.fromhex(header))
            for machine in found.machines if found else ():
                machines.append((str(member), f"{found.format if found else ''} {machine}"))
    return File(str(told["name"]), bool(told["yanked"]), machines)


class _Open:
    """A copy that is open for questions."""

    def __init__(self, copy: Copy, projects: dict[str, Project]) -> None:
        self._copy = copy
        self._projects = projects
        self.source = copy.provenance

    def concerns(self, wanted: Wanted) -> bool:
        return wanted.type == "pypi"

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Say whether a wheel of the wanted version fits, or of another one, or a source does.

        Never another version in place of the wanted one: that is an answer of its own.
        """
        project = self._projects.get(pypi_name(wanted.name))
        if project is None:
            return ()
        source = Provenance(self.source.index, project.asked, self.source.sha256)
        releases = _releases(project.files)
        if not releases:
            return (Offer(Answer.NONE, source, detail="the index does not have the project"),)
        version = _normal(wanted.version) or _newest(releases)
        return tuple(_judge(source, releases, version, target))


def _judge(
    source: Provenance, releases: dict[str, list[File]], version: str, target: Target
) -> Iterable[Offer]:
    files = releases.get(version, [])
    wheels = [one for one in files if one.name.endswith(".whl")]
    fitting = [w for w in wheels if any(fits(tag, target) for tag in platform_tags(w.name))]
    honest = [w for w in fitting if not _foreign(w, target)]
    if honest:
        yield Offer(Answer.SAME_VERSION, source, version=version)
        return
    if fitting:
        told = listed(_elf_machines(fitting[0]))
        detail = f"the wheel says that it is for any machine, but holds code for {told} only"
    elif wheels:
        tags = [tag for one in wheels for tag in platform_tags(one.name)]
        detail = f"wheels of {version} are for {listed(machines_of(tags), most=8)}"
    else:
        detail = f"{version} has no wheels" if files else f"there is no {version}"
    if len(files) > len(wheels):
        yield Offer(Answer.SOURCE_BUILDS, source, version=version, detail=detail)
    ready = [
        v for v in sorted(releases, key=_key) if v != version and _is_ready(releases[v], target)
    ]
    # A release for any machine beside others that are not is an old one without native parts.
    ready = [v for v in ready if not (wheels and _is_pure(releases[v], target))]
    later = [v for v in ready if _key(v) > _key(version)]
    for other in dict.fromkeys([*ready[-1:], *later[:1]]):
        yield Offer(Answer.OTHER_VERSION, source, version=other, detail=detail)
    if not files or len(files) == len(wheels):
        yield Offer(Answer.NONE, source, detail=f"{detail}; no source distribution")


def _fitting(files: Iterable[File], target: Target) -> list[File]:
    return [
        one
        for one in files
        if not one.yanked and any(fits(tag, target) for tag in platform_tags(one.name))
    ]


def _is_ready(files: Iterable[File], target: Target) -> bool:
    return bool(_fitting(files, target))


def _is_pure(files: Iterable[File], target: Target) -> bool:
    return all(one.name.endswith("-any.whl") for one in _fitting(files, target))


def _foreign(wheel: File, target: Target) -> bool:
    """Return whether a wheel for any machine holds machine code for others only."""
    machines = _elf_machines(wheel)
    return bool(machines) and target.architecture.name not in machines


def _elf_machines(wheel: File) -> tuple[str, ...]:
    found = {machine for _, machine in wheel.native or () if machine.startswith("elf ")}
    return tuple(sorted(machine.removeprefix("elf ") for machine in found))


def files_for(project: Project, version: str) -> list[File]:
    """Return the files of a version and of the newest; for an excerpt."""
    releases = _releases(project.files)
    wanted = {_normal(version), _newest(releases)} if releases else set()
    return [one for one in project.files if _normal(version_of(one.name)) in wanted]


def _releases(files: Iterable[File]) -> dict[str, list[File]]:
    """Return the files by version, as PEP 427 and PEP 625 write it in their names."""
    found: dict[str, list[File]] = {}
    for one in files:
        if version := _normal(version_of(one.name)):
            found.setdefault(version, []).append(one)
    return found


def version_of(file_name: str) -> str:
    """Return the version in the name of a wheel or a source distribution, or nothing."""
    if file_name.endswith(".whl"):
        return file_name.split("-")[1] if file_name.count("-") >= 4 else ""
    for ending in (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"):
        if file_name.endswith(ending):
            return file_name[: -len(ending)].rpartition("-")[2]
    return ""


def _normal(version: str) -> str:
    """Return a version as PEP 440 normalises it; as it is where it is none."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415

    try:
        return str(Version(version)) if version else ""
    except InvalidVersion:
        return version


def _newest(releases: dict[str, list[File]]) -> str:
    final = [one for one in releases if _key(one)[0] and not all(f.yanked for f in releases[one])]
    return max(final or releases, key=_key)


def _key(version: str) -> tuple[bool, object]:
    """Return what sorts versions, those that are no final release first."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415

    try:
        parsed = Version(version)
    except InvalidVersion:
        return False, Version("0")
    return not parsed.is_prerelease, parsed
