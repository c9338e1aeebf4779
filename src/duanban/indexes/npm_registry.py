"""What an npm registry says of a package: its versions, and the native code in their archives."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from duanban.binaries.header import identify
from duanban.indexes.interface import Wanted
from duanban.indexes.versions import later
from duanban.inventory.knowledge import conventions
from duanban.inventory.parse import as_table, as_text, as_texts
from duanban.locate.cache import now
from duanban.locate.client import Watched, run
from duanban.locate.npm import parse
from duanban.model.errors import FetchError, LocatorError

_INSTALL = ("preinstall", "install", "postinstall")
_HEADER = 256
_MEMBERS = 20_000
_LONGEST_SCRIPT = 200
_ARCHIVES = 16
"""Archives of one package that are looked into at most."""
_TOLD = (
    "name", "version", "deprecated", "os", "cpu", "libc", "optionalDependencies", "scripts",
    "dependencies", "gypfile", "binary",
)  # fmt: skip


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


class Package(Struct, frozen=True, omit_defaults=True):
    """What the registry says of a package."""

    asked: str
    """ISO date."""
    newest: str
    releases: dict[str, Release]
    """Those that were asked about, the newest, and those between that brought something."""
    missing: list[str] = []
    """Versions that were asked about and are not there, of a package that is."""


def ask(wanted: Wanted, watched: Watched) -> Package:
    """Ask about the wanted version, later ones and the newest; one unknown has no releases."""
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
        releases[version] = _looked_into(name, version, _release(told), watched)
    if newest not in releases:
        latest = _view(name, watched)
        newest = as_text(latest.get("version"))
        if newest:
            releases[newest] = _looked_into(name, newest, _release(latest), watched)
    if told and later("npm", version, [newest]):
        found = _since(name, version, newest, watched)
        releases = {**changes(replace(releases[version], native=None), found), **releases}
        _where_machines_came(name, [version, *found, newest], found, releases, watched)
    missing = [wanted.version] if releases and wanted.version and not told else []
    return Package(now()[:10], newest, releases, missing)


def together(before: Package, after: Package) -> Package:
    """Return what two answers about a package say; the later one counts."""
    missing = {*before.missing, *after.missing} - after.releases.keys()
    releases = {**before.releases, **after.releases}
    return Package(after.asked, after.newest, releases, sorted(missing))


def _since(name: str, version: str, newest: str, watched: Watched) -> dict[str, Release]:
    """Return the releases between two, in order, without those that are withdrawn."""
    told = _told([f"{name}@>{version}", *_TOLD], watched)
    listed = [as_table(one) for one in (told if isinstance(told, list) else [told])]
    known = {as_text(one.get("version")): one for one in listed if not one.get("deprecated")}
    between = later("npm", version, known)
    after = later("npm", newest, known)
    return {one: _release(known[one]) for one in between if one != newest and one not in after}


def changes(before: Release, found: Mapping[str, Release]) -> dict[str, Release]:
    """Return the releases that do not say the same of machines as the one before.

    The first that has a machine is always among them, and they are few.

    Args:
        before: comes before all.
        found: in order.
    """
    kept = {}
    for version, release in found.items():
        if release != before:
            kept[version] = before = release
    return kept


def _where_machines_came(
    name: str,
    order: Sequence[str],
    found: Mapping[str, Release],
    releases: dict[str, Release],
    watched: Watched,
) -> None:
    """Look into archives for the first with each machine that the newest has and the oldest not.

    Machines that came stay, so that halving finds them.
    """

    def has(machine: str, version: str) -> bool:
        if version not in looked:
            looked[version] = _looked_into(name, version, found[version], watched)
        return machine in machines(looked[version])

    looked = {order[0]: releases[order[0]], order[-1]: releases[order[-1]]}
    for machine in sorted(machines(looked[order[-1]]) - machines(looked[order[0]])):
        without, with_ = 0, len(order) - 1
        while with_ - without > 1 and len(looked) < _ARCHIVES:
            middle = (without + with_) // 2
            without, with_ = (without, middle) if has(machine, order[middle]) else (middle, with_)
    releases.update(looked)


def _view(spec: str, watched: Watched) -> Mapping[str, Any]:
    """Return the manifest of a version; empty if there is no such package or version."""
    told = _told([spec], watched)
    return as_table(told[-1] if isinstance(told, list) and told else told)


def _told(asked: Sequence[str], watched: Watched) -> Any:  # noqa: ANN401 - it is JSON
    """Return what npm says of versions (and only of some fields); empty if there are none."""
    try:
        output = run(["npm", "view", "--json", "--", *asked], watched)
    except FetchError as error:
        if any(sign in str(error) for sign in ("404", "No match", "Not Found")):
            return {}
        raise
    try:
        return json.loads(output or b"{}")
    except ValueError as error:
        raise FetchError(f"{watched.what}: npm's answer for {asked[0]} cannot be read") from error


def _release(told: Mapping[str, Any]) -> Release:
    scripts = as_table(told.get("scripts"))
    script = " && ".join(filter(None, (as_text(scripts.get(step)) for step in _INSTALL)))
    return Release(
        os=list(as_texts(told.get("os"))),
        cpu=list(as_texts(told.get("cpu"))),
        libc=list(as_texts(told.get("libc"))),
        optional=sorted(as_table(told.get("optionalDependencies"))),
        script=script[:_LONGEST_SCRIPT],
        helpers=sorted(
            conventions().npm_native_helpers & as_table(told.get("dependencies")).keys()
        ),
        host=as_text(as_table(told.get("binary")).get("host")),
        builds=bool(told.get("gypfile")) or "node-gyp" in script,
    )


def _looked_into(name: str, version: str, release: Release, watched: Watched) -> Release:
    """Return a release with the machines of the native code in its archive, if it may hold any."""
    if not (release.script or release.builds or release.helpers):
        return release
    return replace(release, native=_inside(f"{name}@{version}", watched))


def machines(release: Release) -> set[str]:
    """Return the machines that the archive of a release holds code for."""
    return {machine for _, machine in release.native or ()}


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
