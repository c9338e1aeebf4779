"""The command as a process: signals, pipes, terminals, locales, `python -m`."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "duanban"]
LOONG = "debian-sid-loong64"
TIE = "#include <immintrin.h>\n"


@pytest.fixture
def tied(tmp_path: Path) -> Path:
    root = tmp_path / "tied"
    root.mkdir()
    (root / "a.c").write_text(TIE)
    return root


@pytest.fixture
def long_work(tmp_path: Path) -> Path:
    """A first batch of files that is read at once, and work for the workers for some seconds."""
    root = tmp_path / "long"
    root.mkdir()
    (root / "0.c").write_text("// nothing\n" * 500_000)
    text = "__m128 v = _mm_add_ps(a, b);\n" * 40_000
    for number in range(12):
        (root / f"{number + 1:02}.c").write_text(f"// {number}\n" + text)
    return root


def run(*arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False, env=environment, **options,
    )  # fmt: skip


def test_python_m_is_the_command():
    ran = run("--version")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("duanban, version ")


def test_nothing_but_the_result_where_there_is_no_terminal(tied):
    ran = run("check", tied, "-t", LOONG)
    assert ran.stderr == ""
    assert "\x1b" not in ran.stdout
    assert "\r" not in ran.stdout


def on_terminal(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Run the command with output and errors on a terminal; return its code and all it wrote."""
    mine, its = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdin=its, stdout=its, stderr=its, close_fds=True,
        env={**os.environ, "TERM": "xterm", **environment},
    )  # fmt: skip
    os.close(its)
    written = b""
    while True:
        try:
            piece = os.read(mine, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not piece:
            break
        written += piece
    os.close(mine)
    return child.wait(60), written.decode()


def test_a_terminal_gets_progress_and_colour(tied):
    code, written = on_terminal("check", tied, "-t", LOONG, "--no-cache", NO_COLOR="")
    assert code == 0
    assert "\r\x1b[Kscanning" in written
    assert "\x1b[1" in written
    # The line is gone before the report begins.
    assert "\r\x1b[K" in written[written.rindex("scanning") : written.index("╭")]


def test_no_color_is_heeded(tied):
    code, written = on_terminal("check", tied, "-t", LOONG, NO_COLOR="1")
    assert code == 0
    assert "\x1b[1" not in written
    assert "\x1b[3" not in written


def test_a_locale_without_unicode_gets_ascii_and_files_get_utf_8(tied, tmp_path):
    plain = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    (tied / "名.c").write_text(TIE)
    ran = run("check", tied, "-t", LOONG, "-o", tmp_path / "r.json", env=plain)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.isascii()
    assert "名.c" in (tmp_path / "r.json").read_text("utf-8")
    ran = run("check", tied, "-t", LOONG, "-f", "json", env=plain, encoding="utf-8")
    findings = json.loads(ran.stdout)["systems"][0]["targets"][0]["findings"]
    assert "名.c" in {finding["path"] for finding in findings}


def test_an_argument_that_is_not_utf_8_is_no_crash(tied, tmp_path):
    odd = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.rename(tied, odd)
    files = [tmp_path / f"r.{end}" for end in ("json", "csv", "md", "html", "sarif", "txt")]
    ran = run("check", "-t", LOONG, os.fsdecode(odd), *(x for f in files for x in ("-o", f)))
    assert (ran.returncode, ran.stderr) == (0, "")
    for file in files:
        assert "a.c" in file.read_text("utf-8")


@pytest.mark.parametrize(
    "arguments", [["rules", "list"], ["check", "{}", "-f", "json", "-t", LOONG]]
)
def test_a_reader_that_has_had_enough_is_no_error(tied, tmp_path, arguments):
    for number in range(300):
        (tied / f"{number}.c").write_text(TIE)
    arguments = [str(tied) if each == "{}" else each for each in arguments]
    if arguments[0] == "check":
        arguments += ["-o", str(tmp_path / "r.json"), "--fail-on", "blocks"]
    reads, writes = os.pipe()
    os.close(reads)
    ran = subprocess.run(
        [*COMMAND, *arguments], stdout=writes, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writes)
    assert ran.stderr == b""
    if arguments[0] == "check":  # what was asked for besides is still done
        assert ran.returncode == 3
        assert len(json.loads((tmp_path / "r.json").read_text())["systems"]) == 1
    else:
        assert ran.returncode == 0


def test_standard_output_that_is_full_is_one_line(tied):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [*COMMAND, "check", str(tied), "-t", LOONG],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == "duanban: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_at_once_and_whole(long_work, tmp_path, kind, code):
    out = tmp_path / "r.json"
    out.write_text("before")
    mine, its = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, "check", str(long_work), "-t", LOONG, "-j", "2", "-o", str(out), "--no-cache"],
        stdout=subprocess.PIPE, stderr=its, start_new_session=True,
    )  # fmt: skip
    os.close(its)
    seen = read_until(mine, b"scanning")
    if kind is signal.SIGINT:
        os.killpg(child.pid, kind)  # as a terminal does
    else:
        child.send_signal(kind)
    started = time.monotonic()
    seen += read_until(mine, None)
    shown, _ = child.communicate(timeout=20)
    assert child.returncode == code, seen
    assert time.monotonic() - started < 5
    assert b"Traceback" not in seen, seen.decode()
    assert shown == b""
    assert out.read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["long", "r.json"]
    assert group_is_gone(child.pid)


def read_until(terminal: int, word: bytes | None) -> bytes:
    """Return what the terminal shows until `word` is there; None: until nobody holds it."""
    seen = b""
    limit = time.monotonic() + 30
    while time.monotonic() < limit and (word is None or word not in seen):
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
    return seen


def group_is_gone(group: int) -> bool:
    for _ in range(40):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
