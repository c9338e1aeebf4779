"""Archives into trees: recognised by content, unpacked within limits, never executed.

One file per format (`unpack_*.py`) hands names and bytes to `writer.Writer`, which decides what is
written. An archive within the archive stays a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from duanban.locate.streams import DamagedError, compression, decompressed
from duanban.locate.unpack_ar import is_deb, unpack_deb
from duanban.locate.writer import CHUNK, Limits, Writer, printable
from duanban.model import Skipped
from duanban.model.errors import UnpackError

VERSION = 1
"""Raise this when the same archive would unpack to another tree: it is part of the cache's key."""

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of an archive."""

    top: str
    """The directory that is the tree's root, relative to the destination; empty: itself."""
    skipped: tuple[Skipped, ...]
    """Refused and damaged members; paths are relative to the root."""
    files: int
    bytes: int


def recognise(path: Path) -> str | None:
    """Return the format of the file at `path`, or None if it is not an archive.

    One of `zip`, `deb`, `gem`, `tar`, `compressed` (one file, compressed); the name of the file
    does not matter.

    Raises:
        OSError: it cannot be read.
    """
    from duanban.locate.unpack_zip import is_zip  # noqa: PLC0415

    with path.open("rb") as file:
        start = file.read(512)
        if is_deb(start):
            return "deb"
        if is_zip(path, start):
            return "zip"
        if compression(start) is None:
            return _plain_tar(path, start)
        file.seek(0)
        return _inside_compressed(decompressed(file, path.stat().st_size, DEFAULT_LIMITS).read)


def _plain_tar(path: Path, start: bytes) -> str | None:
    from duanban.locate.unpack_gem import is_gem  # noqa: PLC0415
    from duanban.locate.unpack_tar import is_tar  # noqa: PLC0415

    if not is_tar(start):
        return None
    return "gem" if is_gem(path) else "tar"


def _inside_compressed(read: Callable[[int], bytes]) -> str:
    from duanban.locate.unpack_tar import is_tar  # noqa: PLC0415

    try:
        return "tar" if is_tar(read(512)) else "compressed"
    except DamagedError as error:
        raise UnpackError(f"damaged: {error}") from error


def unpack(
    source: Path, destination: Path, limits: Limits = DEFAULT_LIMITS, *, name: str = ""
) -> Unpacked:
    """Unpack the archive `source` into `destination`.

    Args:
        source: an archive that `recognise` knows.
        destination: an empty directory that nothing else writes to.
        limits: what to allow.
        name: the archive's own name, where it is stored under another.

    Returns:
        where the root is and what was left out. A single directory that holds everything is the
        root (`name-1.0/` of a source archive), unless the format or the archive itself has a root.

    Raises:
        UnpackError: it is no archive, breaks a limit, or nothing of it could be read.
    """
    name = name or source.name
    try:
        kind = recognise(source)
        if kind == "deb":
            return _deb(source, destination, limits)
        writer = Writer(destination, source.stat().st_size, limits)
        write = _WRITE.get(kind or "")
        if write is None:
            raise UnpackError("not an archive of a known kind")  # noqa: TRY301 - named below
        write(source, name, writer, limits)
    except UnpackError as error:
        raise UnpackError(f"{printable(name)}: {error}") from error
    return finish(name, writer, rooted=kind in ("gem", "compressed") or _is_package(writer))


def finish(name: str, writer: Writer, *, rooted: bool) -> Unpacked:
    """Return what `writer` wrote, with the root found.

    Args:
        name: the archive's, for the message.
        writer: after the last member.
        rooted: the format says that the archive's root is the tree's.

    Raises:
        UnpackError: nothing of a damaged archive could be read.
    """
    if not writer.files and any("damaged" in skipped.reason for skipped in writer.skipped):
        raise UnpackError(f"{name}: {writer.skipped[-1].reason}; nothing could be read")
    tops = writer.top_level()
    single = len(tops) == 1 and writer.is_directory(tops[0])
    top = tops[0] if single and not rooted and not writer.names_root else ""
    return Unpacked(top, tuple(_below(top, writer.skipped)), writer.files, writer.bytes)


def _below(top: str, skipped: list[Skipped]) -> list[Skipped]:
    if not top:
        return skipped
    return [Skipped(item.path.removeprefix(f"{top}/"), item.reason) for item in skipped]


def _is_package(writer: Writer) -> bool:
    """Return whether the tree is a Java archive, a NuGet package, a wheel or an egg.

    Their formats say that the archive's root is the package's.
    """
    return any(
        top in ("META-INF", "EGG-INFO", "[Content_Types].xml") or top.endswith(".dist-info")
        for top in writer.top_level()
    )


def _zip(source: Path, name: str, writer: Writer, limits: Limits) -> None:
    from duanban.locate.unpack_zip import unpack_zip  # noqa: PLC0415

    unpack_zip(source, writer, limits, name=name)


def _gem(source: Path, name: str, writer: Writer, limits: Limits) -> None:
    from duanban.locate.unpack_gem import unpack_gem  # noqa: PLC0415

    unpack_gem(source, writer, limits, name=name)


def _tar(source: Path, name: str, writer: Writer, limits: Limits) -> None:
    from duanban.locate.unpack_tar import unpack_tar  # noqa: PLC0415

    with source.open("rb") as file:
        stream = decompressed(file, source.stat().st_size, limits)
        unpack_tar(stream, writer, name=name)


def _compressed(source: Path, name: str, writer: Writer, limits: Limits) -> None:
    """Write the one file inside, under the archive's name without its last suffix."""
    status = source.stat()
    broken: list[str] = []
    with source.open("rb") as file:
        stream = decompressed(file, status.st_size, limits)

        def content() -> Iterator[bytes]:
            # What came before a break is kept: a dump or a list is readable up to there.
            try:
                while chunk := stream.read(CHUNK):
                    yield chunk
            except DamagedError as error:
                broken.append(str(error))

        inner = PurePosixPath(name).stem
        writer.file(inner, content(), executable=False, mtime=status.st_mtime)
    if broken:
        writer.skip(inner, f"damaged, read only in part: {broken[0]}")


_WRITE: dict[str, Callable[[Path, str, Writer, Limits], None]] = {
    "zip": _zip,
    "gem": _gem,
    "tar": _tar,
    "compressed": _compressed,
}


def _deb(source: Path, destination: Path, limits: Limits) -> Unpacked:
    """Unpack the files, and the control files under `DEBIAN/` where `dpkg-deb -R` has them too."""
    control = Writer(destination, source.stat().st_size, limits, keep=lambda path: f"DEBIAN/{path}")
    # The package's own files come second; a `DEBIAN/` of theirs is refused rather than mixed in.
    data = Writer(
        destination,
        source.stat().st_size,
        limits,
        keep=lambda path: None if path.split("/")[0] == "DEBIAN" else path,
    )
    unpack_deb(source, data, control, limits)
    return Unpacked(
        "",
        (*data.skipped, *control.skipped),
        data.files + control.files,
        data.bytes + control.bytes,
    )
