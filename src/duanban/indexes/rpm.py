"""Copies of RPM repositories: the primary metadata that `repodata/repomd.xml` names.

Format: createrepo_c, "repodata"; namespaces http://linux.duke.edu/metadata/{repo,common,rpm}.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin
from xml.parsers import expat

from duanban.depend.control import INDEX_LIMITS
from duanban.indexes.distribution import Distribution
from duanban.indexes.interface import Copy, Fetched, Progress, Request
from duanban.indexes.repository import Packaged, write_packages
from duanban.indexes.rows import open_distribution
from duanban.indexes.store import verified
from duanban.indexes.tables import SourceRow, Writer
from duanban.inventory.parse import DamagedError as DamagedXml
from duanban.inventory.xml_tree import load_xml
from duanban.locate.cache import hash_file
from duanban.locate.client import Watched, run
from duanban.locate.streams import DamagedError, decompressed
from duanban.model.errors import UnpackError, UsageError

REPOMD = "repodata/repomd.xml"
CHUNK = 1 << 20
LARGEST_REPOMD = 4 << 20
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?:no)?src\.rpm\Z")


class Rpm:
    """RPM repositories, from directories, files or addresses that the user names."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Take the primary metadata of each repository; its hash is what repomd.xml says."""
        if not request.given:
            raise UsageError(f"{request.name}: {request.known.how or 'name its repositories'}")
        files: list[tuple[str, str]] = []
        dates = []
        for number, given in enumerate(request.given):
            watched = Watched(f"index {request.name}", progress, directory)
            name, dated = _take(given, number, watched)
            files.append((name, f"primary {number}"))
            dates.append(dated)
        return Fetched(tuple(files), min(filter(None, dates), default=""))

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Distribution:
        """Open a copy; the first time, all its packages are read."""

        def derive(writer: Writer) -> None:
            packages: list[Packaged] = []
            for file in copy.files:
                progress(f"reading {file.name} of {copy.name}", 0, 0)
                packages += read_primary(verified(copy, directory, file))
            writer.sources(
                SourceRow(one.name, one.version, "") for one in packages if one.arch == "src"
            )
            write_packages(writer, [p for p in packages if p.arch not in ("src", "nosrc")])

        return open_distribution(copy, directory, derived, "rpm", derive)


def _take(given: str, number: int, watched: Watched) -> tuple[str, str]:
    """Put the primary metadata of a repository into the directory; return its name and date."""
    place = watched.directory
    if "://" in given:
        base = given if given.endswith("/") else f"{given}/"
        repomd = place / ".repomd.xml"
        _download(urljoin(base, REPOMD), repomd, watched)
        href, sha256, dated = read_repomd(repomd)
        repomd.unlink()
        target = place / f"primary-{number}{_ending(href)}"
        _download(urljoin(base, href), target, watched)
        _check(target, sha256, href)
        return target.name, dated
    path = Path(given)
    found = next((p for p in (path / REPOMD, path / "repomd.xml", path) if p.is_file()), None)
    if found is None:
        raise UsageError(f"{given}: no repodata/repomd.xml below it, and no such file")
    if found.name != "repomd.xml":
        shutil.copyfile(found, place / f"primary-{number}{_ending(found.name)}")
        return f"primary-{number}{_ending(found.name)}", ""
    href, sha256, dated = read_repomd(found)
    source = found.parent.parent / href
    if not source.resolve().is_relative_to(found.parent.parent.resolve()):
        raise UsageError(f"{given}: names a file outside of itself: {href}")
    target = place / f"primary-{number}{_ending(href)}"
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from error
    _check(target, sha256, href)
    return target.name, dated


def _download(url: str, to: Path, watched: Watched) -> None:
    """Let the user's own curl fetch a file, with its configuration and proxies."""
    if not url.startswith(("http://", "https://", "ftp://")):
        raise UsageError(f"{url}: not an address of a repository")
    run(["curl", "-fsSL", "--proto", "=http,https,ftp", "-o", str(to), "--", url], watched)


def _ending(name: str) -> str:
    return "".join(re.findall(r"\.xml(?:\.\w+)?\Z", name))


def _check(path: Path, sha256: str, href: str) -> None:
    if sha256 and hash_file(path) != sha256:
        raise UsageError(f"{href}: not the file that repomd.xml means (SHA-256)")


def read_repomd(path: Path) -> tuple[str, str, str]:
    """Return where the primary metadata is, its SHA-256 and the date of the repository.

    Raises:
        UsageError: it is damaged, or names none.
    """
    try:
        with path.open("rb") as file:
            root = load_xml(file.read(LARGEST_REPOMD))
    except (OSError, DamagedXml) as error:
        raise UsageError(f"{path.name}: {error}") from error
    stamp = (root.findtext("revision") or "").strip()
    for data in root.iter("data"):
        location = data.find("location")
        if data.get("type") == "primary" and location is not None:
            checksum = data.find("checksum")
            sha256 = ""
            if checksum is not None and checksum.get("type") == "sha256":
                sha256 = (checksum.text or "").strip()
            stamp = stamp if stamp.isdecimal() else (data.findtext("timestamp") or "").strip()
            return location.get("href") or "", sha256, _date(stamp)
    raise UsageError(f"{path.name}: names no primary metadata")


def _date(stamp: str) -> str:
    if not stamp.partition(".")[0].isdecimal() or len(stamp) > 14:
        return ""
    return datetime.fromtimestamp(float(stamp), UTC).date().isoformat()


def read_primary(path: Path) -> Iterator[Packaged]:
    """Yield the packages of primary metadata, compressed or not.

    Raises:
        UsageError: it is damaged.
    """
    handler = _Primary()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = handler.doctype
    try:
        with path.open("rb") as file:
            stream = decompressed(file, path.stat().st_size, INDEX_LIMITS)
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                yield from handler.taken()
            parser.Parse(b"", True)
    except (OSError, DamagedError, UnpackError, expat.ExpatError, DamagedXml) as error:
        raise UsageError(f"{path.name}: not primary metadata: {error}") from error
    yield from handler.taken()


@dataclass
class _Primary:
    """Builds packages from the events of the parser."""

    done: list[Packaged] = field(default_factory=list)
    _values: dict[str, str] = field(default_factory=dict)
    _lists: dict[str, list[str]] = field(default_factory=dict)
    _list: str = ""
    _open: str = ""

    def doctype(self, *_: object) -> None:
        raise DamagedXml("a document type, which could define entities, is not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "package":
            self._values, self._lists = {}, {"provides": [], "requires": []}
        elif local == "version":
            version = f"{attributes.get('ver', '')}-{attributes.get('rel', '')}"
            self._values["version"] = version.strip("-")
        elif local in ("provides", "requires"):
            self._list = local
        elif local == "entry" and self._list and attributes.get("name"):
            self._lists.setdefault(self._list, []).append(attributes["name"])
        self._open = local
        if local in ("name", "arch", "sourcerpm", "file"):
            self._values[local] = ""

    def text(self, text: str) -> None:
        if self._open in ("name", "arch", "sourcerpm", "file"):
            self._values[self._open] = self._values.get(self._open, "") + text

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "file":
            self._lists["provides"].append(self._values.pop("file", ""))
        elif local in ("provides", "requires"):
            self._list = ""
        elif local == "package" and self._values.get("name") and self._values.get("arch"):
            self.done.append(self._package())
        self._open = ""

    def _package(self) -> Packaged:
        name = self._values["name"]
        source = _SOURCE.match(self._values.get("sourcerpm", ""))
        provides = dict.fromkeys(self._lists["provides"])
        # Rich relations are not understood; files may stand in lists that are not read.
        requires = [
            one for one in self._lists["requires"] if not one.startswith(("rpmlib(", "(", "/"))
        ]
        return Packaged(
            name,
            self._values.get("version", ""),
            self._values["arch"],
            source["name"] if source else name,
            tuple(one for one in provides if one and one != name),
            tuple(dict.fromkeys(requires)),
        )

    def taken(self) -> list[Packaged]:
        """Return the packages that are complete, once."""
        done, self.done = self.done, []
        return done
