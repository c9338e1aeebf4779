"""The benchmark of ports takes trees out of clones, whole or not."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "judgement"))

import ports


def git(clone, *arguments):
    setting = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    command = ["git", "-C", str(clone), *setting, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def test_the_tree_before_a_commit_is_written_without_what_the_clone_lacks(tmp_path):
    clone = tmp_path / "someone+thing" / "repo"
    (clone / "src").mkdir(parents=True)
    git(clone, "init", "-q")
    (clone / "src" / "a.c").write_text("int a;\nint b;\n")
    (clone / "large.bin").write_bytes(b"large")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "before")
    (clone / "src" / "a.c").write_text("int a;\nint b;\nint c;\n")
    git(clone, "commit", "-qam", "port")
    gone = git(clone, "rev-parse", "HEAD:large.bin")
    (clone / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    port = ports.Port("thing", "someone/thing", git(clone, "rev-parse", "HEAD"), "riscv64")
    tree = tmp_path / "trees" / port.name
    ports.bring(tmp_path, port.repository, f"{port.commit}^", tree)
    assert [path.name for path in tree.rglob("*") if path.is_file()] == ["a.c"]
    places, lines = ports.truth(tmp_path, port, tree)
    assert [(place.path, place.start, place.end) for place in places] == [("src/a.c", 2, 3)]
    assert lines == 1


def test_halves_are_of_projects():
    halves = {port.package: ports.half_of(port.package) for port in ports.read_ports()}
    assert set(halves.values()) == {"read", "measured"}
