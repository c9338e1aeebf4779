"""`deb:NAME[=VERSION]` (source), `deb:NAME:ARCH[=VERSION]` (binary): packages from the user's apt.

`deb+bin:NAME[:ARCH][=VERSION]` is a binary package too, of apt's own architecture if none is named.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from duanban.locate import unpack_dsc
from duanban.locate.apt_sources import source_options
from duanban.locate.cache import Blob, Entry, now
from duanban.locate.client import Watched, run
from duanban.locate.fetch import open_fetched, purl
from duanban.locate.interface import Located, Progress
from duanban.locate.setting import Setting
from duanban.model.errors import FetchError, LocatorError

SCHEMES = ("deb:", "deb+bin:")
_TEXT = re.compile(
    r"deb(?P<binary>\+bin)?:(?P<name>[a-z0-9][a-z0-9+.-]+)"  # Debian Policy 5.6.1, 5.6.7
    r"(?::(?P<arch>[a-z0-9][a-z0-9-]*))?(?:=(?P<version>[A-Za-z0-9][A-Za-z0-9.+:~-]*))?"
)
_URI_LINE = re.compile(r"'[^']+' (\S+) (\d+) SHA256:([0-9a-f]{64})")
_BINARY_FILE = re.compile(r"(?P<name>[^_]+)_(?P<version>[^_]+)_(?P<arch>[^_.]+)\.deb")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a `deb:` locator asks for."""

    name: str
    version: str
    arch: str
    binary: bool


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    sha256: str


class Deb:
    """Packages that apt finds."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def claims(self, text: str) -> bool:
        """Return whether the text has one of our schemes."""
        return text.startswith(SCHEMES)

    def open(self, text: str, progress: Progress) -> AbstractContextManager[Located]:
        """Give the unpacked package; of a source package, without its patches applied.

        Raises:
            LocatorError: the text is not in our form.
            FetchError: apt is missing, or did not give it.
            UnpackError: a file was refused.
        """
        wanted = parse(text)

        def fetch(directory: Path) -> Entry:
            return self._fetch(text, wanted, Watched(text, progress, directory))

        return open_fetched(self._setting, text, progress, fetch, pinned=bool(wanted.version))

    def _fetch(self, text: str, wanted: Wanted, watched: Watched) -> Entry:
        """Let apt download what is not in the cache; it checks hashes and resumes by itself."""
        cache = self._setting.cache
        options, files = self._find(text, wanted, watched)
        if not all(file.sha256 and cache.blob(file.sha256).is_file() for file in files):
            total = sum(file.size for file in files)
            run(
                _command(wanted, options), Watched(text, watched.progress, watched.directory, total)
            )
            for file in files:
                if not (watched.directory / file.name).is_file():
                    raise FetchError(f"{text}: apt-get did not download {file.name}")
            blobs = tuple(cache.add_blob(watched.directory / file.name) for file in files)
        else:
            blobs = tuple(Blob(file.name, file.sha256) for file in files)
        # The control file leads: unpacking begins with it.
        blobs = tuple(sorted(blobs, key=lambda blob: (not blob.name.endswith(".dsc"), blob.name)))
        leading = cache.blob(blobs[0].sha256)
        return Entry(text, now(), blobs, facts=_facts(wanted, blobs[0].name, leading))

    def _find(self, text: str, wanted: Wanted, watched: Watched) -> tuple[list[str], list[_File]]:
        """Return options for apt and the files that it would download with them."""
        try:
            return [], _uris(text, wanted, [], watched)
        except FetchError as error:
            if wanted.binary or not _lacks_sources(str(error)):
                raise
        lists = Watched(f"{text}: source lists", watched.progress, watched.directory)
        options = source_options(self._setting.cache.directory / "apt-sources", lists)
        return options, _uris(text, wanted, options, watched)


def parse(text: str) -> Wanted:
    """Return what the locator asks for.

    Raises:
        LocatorError: with the forms that are expected.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise LocatorError(
            f"{text}: not a Debian package; write deb:SOURCE, deb:SOURCE=VERSION, "
            "deb:BINARY:ARCH or deb+bin:BINARY"
        )
    binary = bool(found["binary"] or found["arch"])
    return Wanted(found["name"], found["version"] or "", found["arch"] or "", binary)


def _command(wanted: Wanted, options: Sequence[str]) -> list[str]:
    action = ["download"] if wanted.binary else ["source", "--download-only"]
    return ["apt-get", "-q", "-y", *options, *action, "--", _spec(wanted)]


def _spec(wanted: Wanted) -> str:
    arch = f":{wanted.arch}" if wanted.arch else ""
    version = f"={wanted.version}" if wanted.version else ""
    return f"{wanted.name}{arch}{version}"


def _uris(text: str, wanted: Wanted, options: Sequence[str], watched: Watched) -> list[_File]:
    """Return the files that apt would download, from its lists on this machine."""
    try:
        output = run(_command(wanted, ["--print-uris", *options]), watched).decode(
            "utf-8", "replace"
        )
    except FetchError as error:
        raise FetchError(f"{error}{_hint(str(error))}") from error
    found = [_File(name, int(size), value) for name, size, value in _URI_LINE.findall(output)]
    files = [file for file in found if not file.name.endswith(".asc") and "/" not in file.name]
    if not files:
        raise FetchError(f"{text}: apt-get names no files with SHA-256 for it")
    return files


def _lacks_sources(message: str) -> bool:
    return "deb-src" in message or "source URI" in message


def _hint(message: str) -> str:
    if "Unable to" in message:
        return " (is the name right, and are apt's lists there? apt-get update)"
    return ""


def _facts(wanted: Wanted, file_name: str, file: Path) -> dict[str, str]:
    """Return name, version and package URL of the control file or package at `file`."""
    from urllib.parse import unquote  # noqa: PLC0415

    name, version, arch = wanted.name, wanted.version, wanted.arch
    if (source := unpack_dsc.read(file)) is not None:
        name, version, arch = source.name, source.version, "source"
    elif found := _BINARY_FILE.fullmatch(file_name):
        name, version, arch = found["name"], unquote(found["version"]), found["arch"]
    return {
        "name": name,
        "version": version,
        "purl": purl("deb", _told("ID") or "debian", name, version, arch=arch),
        # Whoever names a version, or settings for apt, knows what they get.
        "release": "" if wanted.version or "APT_CONFIG" in os.environ else _release(),
    }


def _release() -> str:
    """Return the release that apt gives packages of, by the name that targets call it."""
    return "sid" if _told("PRETTY_NAME").endswith("/sid") else _told("VERSION_CODENAME")


def _told(field: str) -> str:
    """Return what this system says of itself, os-release(5)."""
    try:
        return platform.freedesktop_os_release().get(field, "")
    except OSError:
        return ""
