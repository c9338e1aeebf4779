"""What proofs left in the cache is deleted once nobody has used it for some time."""

import fcntl
import os
import time

import pytest
from click.testing import CliRunner

from duanban.cli.main import cli
from duanban.proof.prune import prune

OLD = time.time() - 40 * 24 * 3600


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path))
    index = tmp_path / "apt/sid-amd64"
    for package in ("cc_1_amd64", "make_1_all", "libc_1_amd64"):
        program = index / "unpacked" / package / "usr/bin" / package
        program.parent.mkdir(parents=True)
        program.write_bytes(b"x" * 1000)
        (index / "packages").mkdir(exist_ok=True)
        (index / "packages" / f"{package}.deb").write_bytes(b"y" * 10)
    for root, packages in {"old": ("cc_1_amd64", "libc_1_amd64"), "new": ("libc_1_amd64",)}.items():
        for package in packages:
            to = index / "roots" / root / "usr/bin" / package
            to.parent.mkdir(parents=True, exist_ok=True)
            os.link(index / "unpacked" / package / "usr/bin" / package, to)
    os.utime(index / "roots/old", (OLD, OLD))
    return tmp_path


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_what_is_old_goes_and_what_something_new_shares_stays(cache):
    done = prune(30)
    index = cache / "apt/sid-amd64"
    assert names(index / "roots") == ["new"]
    assert names(index / "unpacked") == ["libc_1_amd64"]
    assert names(index / "packages") == []
    assert done.directories == 1
    assert done.bytes == 2 * 1000 + 3 * 10  # of the two that nobody shares, and the archives
    assert prune(30).directories == 0


def test_nothing_goes_that_was_used_of_late(cache):
    os.utime(cache / "apt/sid-amd64/roots/old")
    assert prune(30).directories == 0
    assert names(cache / "apt/sid-amd64/roots") == ["new", "old"]


def test_a_proof_that_goes_on_is_left_alone(cache):
    for name in ("running", "broken"):
        (cache / "proof" / name).mkdir(parents=True)
        (cache / "proof" / f"{name}.lock").touch()
        os.utime(cache / "proof" / name, (OLD, OLD))
    with (cache / "proof/running.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prune(30)
    assert (cache / "proof/running").is_dir()
    assert not (cache / "proof/broken").exists()


def test_the_command_says_what_it_did(cache):
    done = CliRunner().invoke(cli, ["cache", "prune", "--days", "30"])
    assert (done.exit_code, done.output) == (0, "deleted 1 directory, 0 MB\n")


def test_there_may_be_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "none"))
    assert prune(0) == prune(30)
