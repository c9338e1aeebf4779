"""What every test has: surroundings of the session's own, and the command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from duanban.cli.main import main

# A shared machine may stand still for a moment: how long an example takes proves nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test away from the user's cache, data and language, here and in what it starts."""
    names = ("DUANBAN_CACHE", "DUANBAN_DATA")
    own = {name: str(tmp_path_factory.mktemp(name.lower())) for name in names}
    own["LC_ALL"] = "C.UTF-8"
    before = {name: os.environ.get(name) for name in own}
    os.environ |= own
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def duanban(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs the command in this process, as its entry point does."""

    def run(*arguments: str | Path) -> Ran:
        capfd.readouterr()
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else bool(leaving.code)
        sys.stdout.flush()
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run
