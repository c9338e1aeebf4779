"""Diffs: what `git apply` makes of them is what was meant, to the byte."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.answers.interface import Edit
from duanban.answers.patch import ConflictError, apply, join, unified_diff
from duanban.answers.write import write_files
from duanban.model.errors import UsageError

LINES = st.lists(st.sampled_from([b"a\n", b"b\r\n", b"\xff\xfe\n", b"\n", b"  x\n"]), max_size=30)
ENDS = st.sampled_from([b"", b"no line end"])


def git_apply(diff, root):
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, input=diff, cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("name", ["plain.c", "with blank.c", 'quo"te.c', "ü.c", "tab\t.c"])
def test_git_applies_what_was_meant(name, tmp_path):
    cases = {
        name: (b"one\r\ntwo\nthree", b"one\r\n2\nthree"),
        "latin.c": (b"/* \xe4 */\nint x;\n", b"/* \xe4 */\nint y;"),
        "new.c": (None, b"int z;\n"),
    }
    for path, (old, _) in cases.items():
        if old is not None:
            (tmp_path / path).write_bytes(old)
    git_apply(unified_diff(cases), tmp_path)
    assert {path: (tmp_path / path).read_bytes() for path in cases} == {
        path: new for path, (_, new) in cases.items()
    }


@settings(max_examples=20)
@given(LINES, ENDS, LINES, ENDS)
def test_any_two_files(before, before_end, after, after_end):
    old, new = b"".join(before) + before_end, b"".join(after) + after_end
    if not old or not new or old == new:
        return
    import tempfile  # noqa: PLC0415 - hypothesis runs the body often, fixtures only once

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "f").write_bytes(old)
        git_apply(unified_diff({"f": (old, new)}), root)
        assert (root / "f").read_bytes() == new


def test_inserted_lines_end_as_the_files_lines_do():
    data = b"a\r\nb\r\n"
    assert apply(data, [Edit(3, 3, b"x\ny\r\n")]) == b"a\r\nx\r\ny\r\nb\r\n"


def test_edits_of_the_same_bytes_are_refused():
    with pytest.raises(ConflictError):
        join([Edit(0, 5, b"x"), Edit(3, 8, b"y")])


def test_files_are_written_with_the_mode_they_had(tmp_path):
    script = tmp_path / "run.sh"
    script.write_bytes(b"old")
    script.chmod(0o755)
    write_files(tmp_path, {"run.sh": b"new", "deep/er/x": b"made"})
    assert script.read_bytes() == b"new"
    assert script.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "deep/er/x").read_bytes() == b"made"


@pytest.mark.parametrize("path", ["link/x", "file", "../x", "/etc/x", "a//b"])
def test_nothing_is_written_through_links_or_outside(path, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"theirs")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").symlink_to(outside / "x")
    with pytest.raises(UsageError):
        write_files(root, {"ok": b"1", path: b"2"})
    assert os.listdir(root).count("ok") == 0
    assert (outside / "x").read_bytes() == b"theirs"
