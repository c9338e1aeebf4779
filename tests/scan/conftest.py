from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from planted import plant


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Return a function that makes a tree of its argument."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "tree"
        root.mkdir(exist_ok=True)
        return plant(root, files)

    return make
