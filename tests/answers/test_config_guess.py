"""Copies of config.guess from the tools of a proof come before this system's."""

import pytest

from duanban.answers import How, propose
from duanban.answers.fixers.config_guess import places_in
from duanban.check.core import CheckOptions
from duanban.proof.tools import root_for_patch
from duanban.targets.architectures import architecture
from duanban.targets.loader import load_target

OLD = "#! /bin/sh\n# Attempt to guess a canonical system name.\ntimestamp='2013-06-10'\n"
HERE = architecture("x86_64")


def test_the_newest_of_the_tools_is_taken(tmp_path):
    root, tree = tmp_path / "root", tmp_path / "tree"
    for place in ("misc", "automake-1.18"):
        (root / "usr/share" / place).mkdir(parents=True)
    (root / "usr/share/misc/config.guess").write_text("too old\n")
    (root / "usr/share/automake-1.18/config.guess").write_text("knows loongarch64\n")
    tree.mkdir()
    (tree / "config.guess").write_text(OLD)
    options = CheckOptions(jobs=1, offline=True, cache=False, read_config=False)
    how = How(("config-guess",), tools=root, options=options)
    proposal = propose(tree, load_target("debian-sid-loong64"), how=how)
    assert proposal.files == {"config.guess": b"knows loongarch64\n"}
    assert places_in(root)[0] == root / "usr/share/misc"


def test_debians_are_fetched_only_for_a_tree_that_has_one(tmp_path, monkeypatch):
    def refuse(*_):
        pytest.fail("it is fetched")

    monkeypatch.setattr("duanban.proof.tools.unpacked", refuse)
    assert root_for_patch("", tmp_path, HERE, lambda *_: None) is None
    assert root_for_patch("/opt/root", tmp_path, HERE, lambda *_: None).name == "root"
    assert root_for_patch("debian", tmp_path, HERE, lambda *_: None) is None
