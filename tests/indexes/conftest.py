from __future__ import annotations

import pytest
from debian_sample import write_archive

from duanban.indexes.interface import Request
from duanban.indexes.known import known_index
from duanban.indexes.library import Library
from duanban.indexes.make import add_index
from duanban.indexes.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


@pytest.fixture
def debian(store, tmp_path):
    """The small archive, as a copy of debian-sid that is open."""
    given = write_archive(tmp_path, "amd64", "loong64")
    add_index(store, Request("debian-sid", known_index("debian-sid"), tuple(given)))
    return Library(store).named("debian-sid").index
