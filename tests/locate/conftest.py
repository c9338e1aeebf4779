"""Helpers that make hostile and honest archives."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest


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


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    """An empty directory with a canary beside it and above it."""
    path = tmp_path / "outer" / "inner" / "destination"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def put(name: str, data: bytes) -> Path:
        directory = tmp_path / "input"
        directory.mkdir(exist_ok=True)
        path = directory / name
        path.write_bytes(data)
        return path

    return put


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DUANBAN_OFFLINE", raising=False)
    monkeypatch.delenv("DUANBAN_CACHE_SIZE", raising=False)
    return tmp_path / "cache"
