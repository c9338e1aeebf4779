"""Debian source packages: a `.dsc` and the files that it names (dsc(5), dpkg-source(1)).

The upstream tarballs are unpacked and `debian/` is laid over them. Patches are not applied: that
would be a program that edits files as hostile input says. `skipped` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from duanban.locate.streams import decompressed
from duanban.locate.unpack import DEFAULT_LIMITS, Unpacked, finish
from duanban.locate.unpack_tar import unpack_tar
from duanban.locate.writer import Limits, Writer, printable, remove_tree
from duanban.model import Skipped
from duanban.model.errors import LocatorError, UnpackError

_LARGEST = 1 << 20
_CHECKSUM = re.compile(
    r"\s+([0-9a-f]{64})\s+\d+\s+(?!\S+\.asc\b)([A-Za-z0-9][A-Za-z0-9.+_~:%-]*)\s*"
)
"""One line of the file list; a signature of upstream (`.asc`) holds nothing to read."""
_FIELD = re.compile(r"(Format|Source|Version|Checksums-Sha256):[ \t]*(.*)")
_MAIN = re.compile(r".+\.orig\.tar(\.\w+)?")
_COMPONENT = re.compile(r".+\.orig-([A-Za-z0-9-]+)\.tar(\.\w+)?")
_OVERLAY = re.compile(r".+\.debian\.tar(\.\w+)?")
_TAR = re.compile(r".+\.tar(\.\w+)?")


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """A `.dsc` file."""

    name: str
    version: str
    format: str
    files: Mapping[str, str]
    """File name to SHA-256."""

    def beside(self, dsc: Path) -> dict[str, Path]:
        """Return the files next to `dsc`.

        Raises:
            LocatorError: one of them is missing.
        """
        found = {name: dsc.parent / name for name in self.files}
        missing = [name for name, path in found.items() if not path.is_file()]
        if missing:
            raise LocatorError(f"{dsc}: names {', '.join(missing)}, which must lie beside it")
        return found

    def verify(self, hashes: Mapping[str, str]) -> None:
        """Compare the files' SHA-256 with what the `.dsc` says.

        Raises:
            UnpackError: a file is missing or another one.
        """
        for name, wanted in self.files.items():
            if hashes.get(name) != wanted:
                raise UnpackError(f"{name}: not the file that the .dsc names (SHA-256 differs)")

    def unpack(
        self, parts: Mapping[str, Path], destination: Path, limits: Limits = DEFAULT_LIMITS
    ) -> Unpacked:
        """Unpack the package into the empty directory `destination`.

        Args:
            parts: the files that the package names, and where they are.
            destination: as `unpack.unpack` has it.
            limits: for each tarball.

        Raises:
            UnpackError: a tarball was refused, or there is none.
        """
        overlays = [name for name in parts if _OVERLAY.fullmatch(name)]
        components = {n: m[1] for n in parts if (m := _COMPONENT.fullmatch(n)) is not None}
        tars = [name for name in parts if _TAR.fullmatch(name)]
        main = [name for name in tars if _MAIN.fullmatch(name)] or [
            name for name in tars if name not in overlays and name not in components
        ]
        if len(main) != 1:
            raise UnpackError(f"{self.name}: names {len(main)} main tarballs instead of one")
        results = [_tarball(parts[main[0]], main[0], destination, limits)]
        top = results[0].top
        root = destination / top
        for name, directory in components.items():
            remove_tree(root / directory)  # as dpkg-source does
            results.append(_component(parts[name], name, root, directory, limits))
        for name in overlays:
            remove_tree(root / "debian")
            results.append(_overlay(parts[name], name, root, limits))
        skipped = [item for result in results for item in result.skipped]
        skipped += self._not_applied(parts, root)
        files, size = sum(r.files for r in results), sum(r.bytes for r in results)
        return Unpacked(top, tuple(skipped), files, size)

    def _not_applied(self, parts: Mapping[str, Path], root: Path) -> list[Skipped]:
        notes = [
            Skipped(name, "Debian's changes (format 1.0) are not applied")
            for name in parts
            if ".diff." in name
        ]
        if (root / "debian/patches/series").is_file():
            notes.append(
                Skipped(
                    "debian/patches",
                    "series of patches that is not applied; upstream's files are read",
                )
            )
        return notes


def is_dsc(path: Path) -> bool:
    """Return whether the file is a Debian source control file.

    Raises:
        OSError: it cannot be read.
    """
    return read(path) is not None


def read(path: Path) -> SourcePackage | None:
    """Return what the `.dsc` at `path` says, or None if it is none; a signature is not checked.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(64)
        if not start.startswith((b"-----BEGIN PGP SIGNED MESSAGE-----", b"Format:", b"Source:")):
            return None
        text = (start + file.read(_LARGEST)).decode("utf-8", "replace")
    fields: dict[str, str] = {}
    files: dict[str, str] = {}
    current = ""
    for line in text.splitlines():
        if found := _FIELD.fullmatch(line):
            current = found[1]
            fields.setdefault(current, found[2].strip())
        elif not line.startswith((" ", "\t")):
            current = ""
        elif current == "Checksums-Sha256" and (found := _CHECKSUM.fullmatch(line)):
            files[found[2]] = found[1]
    if not files or "Format" not in fields or "Source" not in fields:
        return None
    return SourcePackage(
        printable(fields["Source"]), printable(fields.get("Version", "")), fields["Format"], files
    )


def _tarball(source: Path, name: str, destination: Path, limits: Limits) -> Unpacked:
    """Unpack one tarball as it is."""
    size = source.stat().st_size
    writer = Writer(destination, size, limits)
    try:
        with source.open("rb") as file:
            unpack_tar(decompressed(file, size, limits), writer, name=name)
        return finish(name, writer, rooted=False)
    except UnpackError as error:
        raise UnpackError(f"{name}: {error}") from error


def _component(source: Path, name: str, root: Path, directory: str, limits: Limits) -> Unpacked:
    """Unpack an additional upstream tarball into `directory`, without its own top directory."""
    staging = root / f".{directory}.unfinished"
    remove_tree(staging)
    staging.mkdir()
    result = _tarball(source, name, staging, limits)
    (staging / result.top).rename(root / directory)
    remove_tree(staging)
    skipped = tuple(Skipped(f"{directory}/{item.path}", item.reason) for item in result.skipped)
    return Unpacked("", skipped, result.files, result.bytes)


def _overlay(source: Path, name: str, root: Path, limits: Limits) -> Unpacked:
    """Unpack Debian's own tarball, of which only `debian/` counts."""
    size = source.stat().st_size
    writer = Writer(root, size, limits, keep=lambda p: p if p.split("/")[0] == "debian" else None)
    with source.open("rb") as file:
        unpack_tar(decompressed(file, size, limits), writer, name=name)
    return Unpacked("", tuple(writer.skipped), writer.files, writer.bytes)
