"""Commits of repositories on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from archive_sample import listing

from duanban.locate import open_locator
from duanban.locate.git import parse, write_commit
from duanban.locate.writer import Limits
from duanban.model.errors import FetchError, OfflineError, UnpackError

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that would run things wherever git lets a checkout run them."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    trap = tmp_path / "executed"
    (tmp_path / "gitconfig").write_text(
        f'[filter "trap"]\n smudge = touch {trap}\n required = true\n'
        f"[user]\n name = a\n email = a@b\n[core]\n hooksPath = {tmp_path}/hooks\n"
    )
    (tmp_path / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-merge", "fsmonitor-watchman"):
        (tmp_path / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (tmp_path / "hooks" / hook).chmod(0o755)
    root = tmp_path / "r.git"
    root.mkdir()

    def git(*arguments: str) -> str:
        options = ["-c", "core.hooksPath=/dev/null", "-c", "filter.trap.required=false"]
        command = ["git", *options, "-C", str(root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "main")
    (root / "a.c").write_bytes(b"one\r\n")
    (root / "run").write_text("#!")
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("/etc/passwd")
    (root / ".gitattributes").write_text("*.c filter=trap text eol=lf\n")
    (root / ".gitmodules").write_text('[submodule "s"]\n path = s\n url = file:///nowhere\n')
    git("add", "-A")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},s")
    git("commit", "-qm", "first")
    git("tag", "-a", "v1", "-m", "v1")
    (root / "b.c").write_text("two")
    git("add", "b.c")
    git("commit", "-qm", "second")
    yield root, git
    assert not trap.exists()


def test_a_commit_is_read_without_running_anything(repository, cache):
    root, _ = repository
    with open_locator(f"git+file://{root}@v1", cache=cache) as located:
        assert (located.name, located.version) == ("r", "v1")
        found = listing(located.root)
        assert set(found) == {"a.c", "run", ".gitattributes", ".gitmodules"}
        assert os.stat(located.root / "run").st_mode & 0o100
        reasons = {skipped.path: skipped.reason for skipped in located.skipped}
    assert reasons == {"link": "symbolic link, not followed", "s": "submodule, not fetched"}


def test_head_branches_and_commits(repository, cache):
    root, git = repository
    url = f"git+file://{root}"
    first, head = git("rev-parse", "HEAD~1"), git("rev-parse", "HEAD")
    for ref, has_b in (("", True), ("@main", True), (f"@{first}", False), (f"@{first[:9]}", False)):
        with open_locator(url + ref, cache=cache) as located:
            assert ("b.c" in listing(located.root)) == has_b, ref
    with open_locator(url, cache=cache) as located:
        assert located.version == head[:12]


def test_a_branch_that_moved_is_seen_and_a_pinned_commit_needs_no_network(repository, cache):
    root, git = repository
    url, head = f"git+file://{root}", git("rev-parse", "HEAD")
    with open_locator(f"{url}@{head}", cache=cache):
        pass
    with open_locator(url, cache=cache):
        pass
    (root / "c.c").write_text("three")
    git("add", "c.c")
    git("commit", "-qm", "third")
    with open_locator(url, cache=cache, offline=True) as located:
        assert "c.c" not in listing(located.root)
    with open_locator(url, cache=cache) as located:
        assert "c.c" in listing(located.root)
    shutil.rmtree(root / ".git")
    with open_locator(f"{url}@{head}", cache=cache):
        pass
    with pytest.raises(FetchError, match="with --offline"):
        open_locator(url, cache=cache).__enter__()
    git("init", "-q")


def test_what_is_not_there_is_said(repository, cache):
    root, _ = repository
    with pytest.raises(FetchError, match="couldn't find remote ref nope"):
        open_locator(f"git+file://{root}@nope", cache=cache).__enter__()
    with pytest.raises(OfflineError):
        open_locator(f"git+file://{root}@other", cache=cache, offline=True).__enter__()


def test_a_tree_that_brings_a_git_directory_is_not_obeyed(repository, destination):
    root, git = repository
    blob = git("rev-parse", "HEAD:a.c")

    def tree(entry: str) -> str:
        command = ["git", "-C", str(root), "mktree"]
        done = subprocess.run(command, input=entry, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    inner = tree(f"100644 blob {blob}\tconfig\n")
    outer = tree(f"040000 tree {inner}\t.GIT\n100644 blob {blob}\tok\n")
    commit = git("commit-tree", "-m", "x", outer)
    result = write_commit(root / ".git", commit, destination)
    assert listing(destination) == {"ok": b"one\n"}
    assert [skipped.path for skipped in result.skipped] == [".GIT/config"]


def test_limits_hold_for_commits_too(repository, destination):
    root, git = repository
    with pytest.raises(UnpackError, match="more than 2 members"):
        write_commit(root / ".git", git("rev-parse", "HEAD"), destination, Limits(members=2))


@pytest.mark.parametrize(
    ("text", "url", "ref", "name"),
    [
        ("git+https://h/a/b.git@v1.0", "https://h/a/b.git", "v1.0", "b"),
        ("git+ssh://git@h/a/b", "ssh://git@h/a/b", "", "b"),
        ("git+ssh://git@h/a/b@feature/x", "ssh://git@h/a/b", "feature/x", "b"),
        ("git+file:///a/b%20c/", "file:///a/b%20c/", "", "b c"),
    ],
)
def test_the_forms_of_git_locators(text, url, ref, name):
    wanted = parse(text)
    assert (wanted.url, wanted.ref, wanted.name) == (url, ref, name)
