"""Copies of Alpine repositories: `APKINDEX.tar.gz` per architecture.

Format: Alpine wiki, "Apk spec", index: one letter, a colon and a value a line.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from duanban.indexes.distribution import Distribution
from duanban.indexes.interface import Copy, Fetched, Progress, Request
from duanban.indexes.repository import Packaged, write_packages
from duanban.indexes.rows import open_distribution
from duanban.indexes.store import verified
from duanban.indexes.tables import SourceRow, Writer
from duanban.model.errors import UsageError

INDEX = "APKINDEX"
LARGEST = 256 << 20
_BARE = re.compile(r"[<>=~@].*")


class Alpine:
    """Alpine repositories, from files or directories that the user names."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Take the index of each."""
        if not request.given:
            raise UsageError(f"{request.name}: {request.known.how or 'name its APKINDEX files'}")
        files = []
        newest = 0
        for number, given in enumerate(request.given):
            path = Path(given)
            path = path / f"{INDEX}.tar.gz" if path.is_dir() else path
            built = max((int(s.get("t", "0") or 0) for s in _stanzas(path)), default=0)
            newest = max(newest, built)
            shutil.copyfile(path, directory / f"index-{number}.tar.gz")
            files.append((f"index-{number}.tar.gz", f"index {number}"))
        dated = datetime.fromtimestamp(newest, UTC).date().isoformat() if newest else ""
        return Fetched(tuple(files), dated)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Distribution:
        """Open a copy; the first time, all its packages are read."""

        def derive(writer: Writer) -> None:
            packages = []
            for file in copy.files:
                packages += [_package(s) for s in _stanzas(verified(copy, directory, file))]
            write_packages(writer, packages)
            writer.sources(SourceRow(one.source, one.version, "") for one in packages)

        return open_distribution(copy, directory, derived, "apk", derive)


def _stanzas(path: Path) -> Iterator[dict[str, str]]:
    """Yield the packages of an index, field by field.

    Raises:
        UsageError: it cannot be read, or is no index.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name == INDEX else None
                if content is not None:
                    text = content.read(LARGEST).decode("utf-8", "replace")
                    break
            else:
                raise UsageError(f"{path}: holds no {INDEX}")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise UsageError(f"{path}: {error}") from error
    for stanza in text.split("\n\n"):
        fields = {line[0]: line[2:] for line in stanza.split("\n") if line[1:2] == ":"}
        if fields.get("P") and fields.get("V") and fields.get("A"):
            yield fields


def _package(fields: dict[str, str]) -> Packaged:
    needs = [_BARE.sub("", one) for one in fields.get("D", "").split() if one[:1] not in "!/"]
    provides = [_BARE.sub("", one) for one in fields.get("p", "").split()]
    return Packaged(
        fields["P"],
        fields["V"],
        fields["A"],
        fields.get("o") or fields["P"],
        tuple(dict.fromkeys(provides)),
        tuple(dict.fromkeys(needs)),
    )
