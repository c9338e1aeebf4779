"""Nothing that runs in the sandbox reaches out of it, and nothing in it lasts for ever."""

import os
import shutil
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from duanban.proof.interface import SandboxError
from duanban.proof.sandbox import Job, Limits, Ran, find_sandbox
from duanban.proof.sandbox.bare import Bare
from duanban.proof.sandbox.bubblewrap import Bubblewrap

MIB = 1 << 20
LIMITS = Limits(seconds=60, memory=200 * MIB, processes=40, output=MIB, disk=40 * MIB, files=2000)


def _hindrance() -> str:
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed"
    reason = Bubblewrap(program).hindrance()
    return f"bubblewrap does not work here: {reason}" if reason else ""


HINDRANCE = _hindrance()
sandboxed = pytest.mark.skipif(bool(HINDRANCE), reason=HINDRANCE)


@pytest.fixture
def run(tmp_path):
    sandbox = find_sandbox(allow_none=False)

    def run(command: str, limits: Limits = LIMITS, **more) -> Ran:
        job = Job(("sh", "-c", command), tmp_path, (tmp_path,), **more)
        return sandbox.run(job, limits)

    return run


@sandboxed
def test_it_runs_and_tells_the_code_and_the_words(run, tmp_path):
    ran = run("echo out; echo err >&2; echo kept > file; exit 3")
    assert (ran.code, ran.ended, ran.output) == (3, "", "out\nerr\n")
    assert (tmp_path / "file").read_text() == "kept\n"


@sandboxed
def test_no_network_not_even_to_this_machine(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = run(
            f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)'"
        )
    assert ran.code != 0
    assert "refused" in ran.output or "unreachable" in ran.output or "not found" in ran.output
    assert len(run("cat /proc/net/dev").output.splitlines()) == 3  # two of heading, and `lo`


@sandboxed
def test_no_abstract_socket_of_the_machine(run):
    name = f"duanban-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        code = f'import socket; socket.socket(socket.AF_UNIX).connect("\\0{name}")'
        assert run(f"python3 -c '{code}'").code != 0


@sandboxed
@pytest.mark.parametrize("place", ["/", "/usr", "/usr/bin", "/etc", "/dev", "/lib", "/proc/sys"])
def test_nothing_is_written_to_the_system(run, place):
    ran = run(f"touch {place}/duanban-was-here")
    assert ran.code != 0
    assert not Path(place, "duanban-was-here").exists()


@sandboxed
def test_other_directories_are_not_there(run, tmp_path):
    beside = tmp_path.parent / "beside"
    beside.mkdir()
    beside.chmod(0o777)  # rights of files are not what keeps them away
    (beside / "secret").write_text("told")
    (beside / "secret").chmod(0o666)
    assert "told" not in run(f"cat {beside}/secret; ls {beside} {Path.home()}").output
    places = [one for one in ("/var", "/home", "/root", "/opt") if not tmp_path.is_relative_to(one)]
    assert run(f"ls -A {' '.join(places)}").output.count("No such file") == len(places)
    assert run(f"echo x > {beside}/new").code != 0
    assert not (beside / "new").exists()


@sandboxed
def test_a_readable_directory_is_not_writable(run, tmp_path_factory):
    shown = tmp_path_factory.mktemp("shown")
    shown.chmod(0o777)
    (shown / "file").write_text("text")
    (shown / "file").chmod(0o666)
    assert run(f"cat {shown}/file", readable=(shown,)).output == "text"
    assert run(f"echo x > {shown}/file || rm {shown}/file", readable=(shown,)).code != 0
    assert (shown / "file").read_text() == "text"


@sandboxed
def test_a_link_out_of_the_tree_leads_nowhere(run, tmp_path):
    outside = tmp_path.parent / "outside"
    outside.write_text("outside")
    (tmp_path / "link").symlink_to(outside)
    assert run("cat link; echo x > link").code != 0
    assert outside.read_text() == "outside"


@sandboxed
def test_no_rights_and_no_way_to_get_more(run):
    assert run("id -u").output != "0\n" or os.geteuid() != 0
    lines = run("cat /proc/self/status").output.splitlines()
    effective = next(line for line in lines if line.startswith("CapEff:"))
    assert int(effective.split()[1], 16) == 0
    assert run("mount -t tmpfs none /tmp").code != 0
    assert run("unshare -U true").code != 0


@sandboxed
def test_it_sees_no_process_but_its_own(run):
    assert run(f"test -d /proc/{os.getpid()}").code != 0
    numbers = run("ls /proc").output.split()
    assert max(int(name) for name in numbers if name.isdigit()) < 20
    assert "still" in run("kill -9 1; echo still").output


@sandboxed
@pytest.mark.parametrize(
    "command",
    ["b() { b | b & }; b; sleep 100", "python3 -c 'import os\nwhile True: os.fork()'"],
    ids=["shell", "python"],
)
def test_a_fork_bomb_ends(run, command):
    # By the number of its processes, or where a busy machine keeps them few, by time.
    started = time.monotonic()
    run(command, replace(LIMITS, seconds=15))
    assert time.monotonic() - started < 50
    assert not _running("b | b")
    assert run("echo next").output == "next\n"  # its processes are gone, not only going


@sandboxed
def test_endless_output_ends(run):
    ran = run("yes duanban")
    assert "output" in ran.ended
    assert len(ran.output) < 2 * MIB


@sandboxed
def test_endless_time_ends(run):
    ran = run("sleep 97531", Limits(seconds=1))
    assert ran.ended == "not finished after 1 s"
    assert not _running("97531")


@sandboxed
def test_what_goes_on_in_the_background_ends_with_the_job(run):
    assert run("sleep 86421 & sleep 86421 & echo done").output == "done\n"
    assert not _running("86421")


@sandboxed
def test_endless_memory_ends(run):
    ran = run("python3 -c 'x = []\nwhile True: x.append(bytearray(1 << 20))'")
    assert ran.code != 0
    assert "memory" in ran.ended or "MemoryError" in ran.output


@sandboxed
def test_endless_memory_in_small_processes_ends(run):
    one = "python3 -c 'x = bytearray(60 << 20); import time; time.sleep(100)' &"
    assert "memory" in run(f"{one * 8} wait").ended


@sandboxed
def test_large_files_end(run):
    ran = run("head -c 100000000 /dev/zero > large")
    assert ran.code != 0
    ran = run("for i in 1 2 3 4 5 6 7 8 9; do head -c 9000000 /dev/zero > $i; sleep 0.5; done")
    assert "disk" in ran.ended


@sandboxed
def test_many_files_end(run):
    many = "python3 -c 'import itertools\nfor n in itertools.count(): open(str(n), \"w\")'"
    assert "files" in run(many, Limits(seconds=60, files=500)).ended


@sandboxed
def test_the_temporary_directories_are_small_and_new(run):
    limits = Limits(seconds=60, temporary=4 * MIB)
    for place in ("/tmp", "/dev/shm"):
        assert run(f"head -c 8000000 /dev/zero > {place}/x", limits).code != 0
        assert run(f"test -e {place}/x", limits).code == 1


@sandboxed
def test_the_environment_is_not_the_users(run, monkeypatch):
    monkeypatch.setenv("DUANBAN_TEST_SECRET", "secret")
    assert "DUANBAN_TEST_SECRET" not in run("env").output


@sandboxed
def test_nothing_is_read_from_the_terminal(run):
    assert run("cat; test -t 0").code == 1


def test_without_bubblewrap_it_refuses(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="bubblewrap"):
        find_sandbox(allow_none=False)
    assert find_sandbox(allow_none=True).name == "none"


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
def test_without_a_sandbox_the_limits_still_hold(tmp_path):
    def run(command: str) -> Ran:
        return Bare().run(Job(("sh", "-c", command), tmp_path, (tmp_path,)), LIMITS)

    assert run("echo fine").output == "fine\n"
    assert "output" in run("yes").ended
    assert run("sleep 75319 & echo done; sleep 0.3").output == "done\n"
    assert not _running("75319")


def _running(words: str) -> bool:
    """Return whether some process has `words` in its command line, a moment from now."""
    for _ in range(200):
        found = False
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                text = line.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            found = found or (words in text and "pytest" not in text)
        if not found:
            return False
        time.sleep(0.05)
    return True
