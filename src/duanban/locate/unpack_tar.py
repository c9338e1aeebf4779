"""tar archives (POSIX ustar and pax, GNU, v7), plain or compressed, read as a stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, Self

from duanban.locate.streams import DamagedError, Guarded
from duanban.locate.writer import CHUNK, MIB, Writer, printable

_HEADER_LIMIT = MIB
"""Long names and pax records are read into memory; a real one has a few hundred bytes."""
_SPECIAL = {
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "named pipe",
}
_EXTRA_HEADERS = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


class _Header(tarfile.TarInfo):
    """A header that says when it is broken, and reads no oversized extension into memory."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        """Return the next header; a broken one is an error, where the base class just ends."""
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTRA_HEADERS and self.size > _HEADER_LIMIT:
            raise tarfile.ReadError("extended header is too large")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


def is_tar(block: bytes) -> bool:
    """Return whether `block`, the first 512 bytes, is a tar header with the right checksum."""
    if len(block) < 512 or not any(block):
        return False
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def unpack_tar(stream: Guarded | IO[bytes], writer: Writer, *, name: str) -> None:
    """Write the members of the tar in `stream`.

    A damaged or cut-off archive gives what could be read, and `name` in `writer.skipped`.

    Raises:
        UnpackError: a limit is passed.
    """
    try:
        with tarfile.open(
            fileobj=stream,
            mode="r|",
            tarinfo=_Header,
            encoding="utf-8",
            errors="surrogateescape",
            ignore_zeros=False,
        ) as archive:
            for member in archive:
                _write(archive, member, writer)
                # The stream never goes back; the list would only grow.
                archive.members = []  # type: ignore[attr-defined]
    except DamagedError as error:
        writer.skip(name, f"damaged, read only in part: {error}")
    except (tarfile.TarError, EOFError, ValueError, RecursionError, OverflowError) as error:
        writer.skip(name, f"damaged, read only in part: {error or type(error).__name__}")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, writer: Writer) -> None:
    if member.isdir():
        writer.directory(member.name)
    elif member.islnk():
        writer.copy(member.name, member.linkname)
    elif member.issym():
        writer.skip(
            member.name, f"symbolic link to {printable(member.linkname, 100)}, not followed"
        )
    elif member.type in _SPECIAL:
        writer.skip(member.name, _SPECIAL[member.type])
    elif member.isfile():
        writer.file(
            member.name,
            _content(archive, member),
            executable=bool(member.mode & 0o100),
            mtime=float(member.mtime),
        )
    else:
        writer.skip(member.name, f"unknown kind of member {member.type!r}")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(member)
    if file is None:
        return
    done = 0
    while chunk := file.read(CHUNK):
        done += len(chunk)
        yield chunk
    if done < member.size:
        raise tarfile.ReadError("unexpected end of data")
