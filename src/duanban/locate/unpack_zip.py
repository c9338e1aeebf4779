"""ZIP archives (.zip, .whl, .jar, .nupkg, .egg, ...): APPNOTE.TXT 6.3 of PKWARE."""

from __future__ import annotations

import calendar
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from duanban.locate.writer import CHUNK, Limits, Writer
from duanban.model.errors import UnpackError

_LOCAL_HEADER = 30
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError)


def is_zip(path: Path, start: bytes) -> bool:
    """Return whether the file is a ZIP archive.

    Its first bytes say so, or, behind a `#!` line (an executable Python archive), its end does.
    """
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return True
    return start.startswith(b"#!") and zipfile.is_zipfile(path)


def unpack_zip(path: Path, writer: Writer, limits: Limits, *, name: str) -> None:
    """Write the members of the ZIP archive at `path`.

    Where its directory is lost (a download that was cut off), what the local headers lead to is
    written instead, and the archive's name stands in `writer.skipped`.

    Raises:
        UnpackError: a limit is passed, members overlap, or it is too damaged to read anything.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (*_DAMAGED, NotImplementedError) as error:
        from duanban.locate.unpack_zip_damaged import salvage  # noqa: PLC0415

        salvage(path, writer)
        writer.skip(name, f"damaged, read only in part: {error}")
        return
    with archive:
        members = archive.infolist()
        if len(members) > limits.members:
            raise UnpackError(f"holds more than {limits.members:,} members")
        _refuse_overlaps(archive, members)
        for member in members:
            _write(archive, member, writer)


def _refuse_overlaps(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes.

    One small kernel quoted many times is a bomb that no ratio of a single member shows (David
    Fifield, "A better zip bomb", WOOT 2019).
    """
    ordered = sorted(members, key=lambda member: member.header_offset)
    starts = [*(member.header_offset for member in ordered), archive.start_dir]
    for member, end in zip(ordered, starts[1:], strict=True):
        # The local header repeats the name and may add an extra field: this is its least size.
        name = member.orig_filename.encode() if member.flag_bits & 0x800 else member.orig_filename
        least = _LOCAL_HEADER + len(name)
        if member.header_offset + least + member.compress_size > end:
            raise UnpackError("its members overlap (a decompression bomb?)")


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, writer: Writer) -> None:
    # Some Windows tools write `\`; the specification says `/` (4.4.17).
    name = member.orig_filename.replace("\\", "/")
    mode = member.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if member.flag_bits & 0x1:
        writer.skip(name, "encrypted")
    elif kind == stat.S_IFLNK:
        writer.skip(name, "symbolic link, not followed")
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        writer.skip(name, "device, named pipe or socket")
    elif name.endswith("/") or kind == stat.S_IFDIR:
        writer.directory(name)
    else:
        try:
            writer.file(
                name,
                _content(archive, member),
                executable=bool(mode & 0o100),
                mtime=moment(member.date_time),
            )
        except NotImplementedError as error:
            writer.skip(name, f"compressed in a way that is not supported: {error}")
        except _DAMAGED as error:
            writer.skip(name, f"damaged: {error or type(error).__name__}")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def moment(date_time: tuple[int, int, int, int, int, int]) -> float:
    """Return a ZIP date as seconds since 1970; it has no time zone, so UTC is taken."""
    try:
        return float(calendar.timegm((*date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0
