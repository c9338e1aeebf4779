"""Ruby gems: a plain tar of `data.tar.gz`, `metadata.gz` and checksums (RubyGems' format)."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from duanban.locate.streams import DamagedError, Guarded, decompressed
from duanban.locate.unpack_ar import Window
from duanban.locate.unpack_tar import unpack_tar
from duanban.locate.writer import MIB, Limits, Writer

_PARTS = ("data.tar.gz", "metadata.gz")
_METADATA_LIMIT = 16 * MIB


def is_gem(path: Path) -> bool:
    """Return whether the plain tar at `path` is a gem, by the names of its first members."""
    try:
        with tarfile.open(path, "r:") as archive:
            names = {member.name for member, _ in zip(archive, range(3), strict=False)}
    except (tarfile.TarError, EOFError, ValueError, RecursionError, OSError):
        return False
    return names.issuperset(_PARTS)


def unpack_gem(path: Path, writer: Writer, limits: Limits, *, name: str) -> None:
    """Write the gem's files, and its specification as `metadata` (YAML) beside them.

    Args:
        path: the gem.
        writer: takes its members.
        limits: what to allow.
        name: the gem's own name.

    Raises:
        UnpackError: a limit is passed.
    """
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
        try:
            parts = [member for member, _ in zip(archive, range(8), strict=False)]
        except (tarfile.TarError, EOFError, ValueError) as error:
            writer.skip(name, f"damaged, read only in part: {error}")
            return
        for part in parts:
            if part.name not in _PARTS or not part.isreg() or part.issparse():
                continue
            window = io.BufferedReader(Window(file, part.offset_data, part.size))
            stream = decompressed(window, part.size, limits)
            if part.name == "data.tar.gz":
                unpack_tar(stream, writer, name=part.name)
            else:
                _metadata(stream, part, writer)


def _metadata(stream: Guarded, part: tarfile.TarInfo, writer: Writer) -> None:
    try:
        text = stream.read(_METADATA_LIMIT)
    except DamagedError as error:
        writer.skip(part.name, f"damaged: {error}")
        return
    writer.file("metadata", [text], executable=False, mtime=float(part.mtime))
