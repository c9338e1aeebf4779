"""Helpers that make hostile and honest archives."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path


def tar_of(
    *members: tarfile.TarInfo | tuple[str, bytes], format: int = tarfile.GNU_FORMAT
) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member, io.BytesIO(b"\0" * member.size))
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def listing(root: Path) -> dict[str, bytes | None]:
    """Every path below `root`; the bytes of regular files, None for directories."""
    found: dict[str, bytes | None] = {}
    for base, directories, files in os.walk(root):
        for name in directories:
            found[os.path.relpath(os.path.join(base, name), root)] = None
        for name in files:
            path = os.path.join(base, name)
            assert not os.path.islink(path), path
            assert os.path.isfile(path), path
            found[os.path.relpath(path, root)] = Path(path).read_bytes()
    return found
