import os
import socket
from pathlib import Path

from duanban.model import Skipped
from duanban.scan.walk import MAX_DEPTH, printable, walk


def paths(root: Path) -> list[str]:
    return [entry.path for entry in walk(root).entries]


def test_lists_regular_files_in_order_and_leaves_version_control_out(tmp_path):
    for name in ("b/z.c", "a.c", "b/a.c", ".git/config", "sub/.svn/entries", ".mypy_cache/x.c"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    assert paths(tmp_path) == ["a.c", "b/a.c", "b/z.c"]


def test_a_single_file_is_a_tree_of_one(tmp_path):
    (tmp_path / "one.c").write_text("int x;")
    walked = walk(tmp_path / "one.c")
    assert [(e.path, e.size) for e in walked.entries] == [("one.c", 6)]


def test_links_are_never_followed_and_those_that_leave_the_tree_are_named(tmp_path):
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.c").write_text("x")
    (tmp_path / "outside.c").write_text("secret")
    (tree / "inside-link.c").symlink_to("a.c")
    (tree / "out.c").symlink_to("../outside.c")
    (tree / "sub" / "loop").symlink_to("..")
    (tree / "self").symlink_to("self")
    walked = walk(tree)
    assert [e.path for e in walked.entries] == ["a.c"]
    assert walked.skipped == (Skipped("out.c", "link that leaves the tree"),)


def test_pipes_and_sockets_are_named_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        walked = walk(tmp_path)
    assert walked.entries == ()
    assert {(s.path, s.reason) for s in walked.skipped} == {
        ("pipe", "not a regular file"),
        ("socket", "not a regular file"),
    }


def test_a_tree_deeper_than_the_limit_ends_in_a_skipped_value(tmp_path):
    directory = os.open(tmp_path, os.O_RDONLY)
    for _ in range(MAX_DEPTH + 20):
        os.mkdir("d", dir_fd=directory)
        inner = os.open("d", os.O_RDONLY, dir_fd=directory)
        os.close(directory)
        directory = inner
    os.close(directory)
    walked = walk(tmp_path)
    assert walked.entries == ()
    assert len(walked.skipped) == 1
    assert "nested deeper" in walked.skipped[0].reason


def test_a_path_longer_than_the_system_takes_is_skipped(tmp_path):
    directory = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=directory)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=directory)
        os.close(directory)
        directory = inner
    os.close(directory)
    walked = walk(tmp_path)
    assert len(walked.skipped) == 1
    assert walked.skipped[0].reason.startswith("cannot be read")


def test_names_that_are_not_utf8_can_be_shown(tmp_path):
    name = b"caf\xe9.c"
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text("x")
    (path,) = paths(tmp_path)
    assert printable(path) == "caf\\xe9.c"
    assert printable("plain.c") == "plain.c"
