from collections.abc import Callable
from pathlib import Path

import pytest
from inventory_sample import Tree

from duanban.targets.interface import Target
from duanban.targets.loader import load_target


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root = tmp_path / "system"
    root.mkdir()
    return Tree(root)


@pytest.fixture
def target() -> Callable[[str], Target]:
    return lambda name: load_target(f"debian-sid-{name}")
