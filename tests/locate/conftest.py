"""Places to unpack to and files to unpack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


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
