"""Trees and files that want to do harm, through the command."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser

import pytest

LOONG = "debian-sid-loong64"
TIE = "#include <immintrin.h>\n"
FORMATS = ("json", "sarif", "md", "csv", "html", "txt")


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "tree"
    path.mkdir()
    (path / "good.c").write_text(TIE)
    return path


def system_of(ran):
    assert ran.code == 0, ran.err
    assert ran.err == ""
    return json.loads(ran.out)["systems"][0]


@pytest.fixture
def check(duanban):
    """Check a tree and return its part of the report; it must still find what is good."""

    def run(path, good=("good.c",)):
        system = system_of(duanban("check", path, "-t", LOONG, "-f", "json"))
        assert {f["path"] for f in system["targets"][0]["findings"]} == set(good)
        return {each["path"]: each["reason"] for each in system["scanned"]["skipped"]}

    return run


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices here")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device_is_no_input(duanban, device):
    ran = duanban("check", device, "-t", LOONG)
    assert ran.code == 2
    assert "neither a file nor a directory" in ran.err
    assert ran.err.count("\n") == 1


def test_pipes_sockets_and_links_that_lead_out(root, check):
    os.mkfifo(root / "pipe.c")
    (root / "out.c").symlink_to("/etc/passwd")
    (root / "devices").symlink_to("/dev")
    assert check(root) == {
        "pipe.c": "not a regular file",
        "out.c": "link that leaves the tree",
        "devices": "link that leaves the tree",
    }


def test_cyclic_links(root, check):
    (root / "self").symlink_to("self")
    (root / "back").symlink_to(".")
    (root / "sub").mkdir()
    (root / "sub" / "up").symlink_to("..")
    check(root)


def test_a_pipe_as_input_does_not_wait_for_a_writer(root, duanban):
    os.mkfifo(root / "pipe.tar")
    ran = duanban("check", root / "pipe.tar", "-t", LOONG)
    assert ran.code == 2
    assert "neither a file nor a directory" in ran.err


def test_a_link_that_leads_to_itself_as_input(root, duanban):
    (root / "self").symlink_to("self")
    ran = duanban("check", root / "self", "-t", LOONG)
    assert ran.code == 2
    assert "leads to itself" in ran.err


def test_binary_text_that_is_not_utf_8_and_nul(root, check):
    (root / "latin.c").write_bytes(b"// caf\xe9\n" + TIE.encode())
    (root / "binary.c").write_bytes(bytes(range(256)) * 100)
    (root / "utf16.c").write_text(TIE, "utf-16")
    (root / "elf.so").write_bytes(b"\x7fELF" + b"\xff" * 60)
    (root / "half.so").write_bytes(b"\x7fELF\x02\x01\x01")
    (root / "empty.c").touch()
    system = check(root, good=("good.c", "latin.c"))
    assert all(system.values())


def test_a_huge_file_is_not_read_whole(root, check):
    with (root / "huge.c").open("wb") as file:
        file.write(b"int x;\n" * 1000)
        file.truncate(8 << 30)  # sparse
    started = time.process_time()
    check(root)
    assert time.process_time() - started < 10


def test_one_line_of_ten_megabytes(root, check):
    (root / "line.c").write_text("x" * (10 << 20) + "\n")
    (root / "nest.c").write_text("(" * 2_000_000)
    (root / "ifs.c").write_text("#if 1\n" * 100_000)
    (root / "defs.c").write_text("".join(f"#define A{n} A{n + 1}\n" for n in range(20_000)))
    started = time.process_time()
    check(root)
    assert time.process_time() - started < 10


def test_a_path_deeper_than_the_system_takes(root, check):
    here = os.getcwd()
    os.chdir(root)
    try:
        for _ in range(400):
            os.mkdir("d" * 20)
            os.chdir("d" * 20)
    finally:
        os.chdir(here)
    reasons = check(root)
    assert any("deeper" in reason or "cannot be read" in reason for reason in reasons.values())
    subprocess.run(["rm", "-rf", str(root)], check=True)  # shutil cannot before Python 3.13


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_a_missing_fact(root, duanban):
    (root / "good.c").write_text("int x;\n")
    (root / "closed.c").write_text(TIE)
    (root / "closed.c").chmod(0)
    system = system_of(duanban("check", root, "-t", LOONG, "-f", "json"))
    assert system["targets"][0]["verdict"] == "unknown"


def test_files_that_come_and_go_while_they_are_read(root, check):
    stop = threading.Event()

    def churn():
        number = 0
        while not stop.is_set():
            number += 1
            path = root / f"c{number % 50}.h"
            path.write_text("int x;\n")
            if number % 2:
                path.unlink(missing_ok=True)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(3):
            check(root)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("how", ["empty", "nothing but links", "all left out"])
def test_nothing_to_read_is_not_a_pass(tmp_path, duanban, how):
    root = tmp_path / "tree"
    root.mkdir()
    if how == "nothing but links":
        (root / "out.c").symlink_to("/etc/passwd")
    if how == "all left out":
        (root / "a.c").write_text(TIE)
        (root / "duanban.toml").write_text('exclude = ["**"]\n')
    system = system_of(duanban("check", root, "-t", LOONG, "-f", "json"))
    (result,) = system["targets"]
    assert result["verdict"] == "unknown"
    assert "nothing in it was read" in result["unknown"][-1]["fact"]
    assert duanban("check", root, "-t", LOONG, "--strict").code == 4


def test_twenty_thousand_small_files(tmp_path, check):
    root = tmp_path / "many"
    for directory in range(100):
        (root / f"d{directory}").mkdir(parents=True)
        for number in range(200):
            with open(f"{root}/d{directory}/{number}.c", "w") as file:
                file.write("int x;\n")
    (root / "good.c").write_text(TIE)
    started = time.process_time()
    assert check(root) == {}
    assert time.process_time() - started < 15


# --- What the input says must not act on whoever reads the report ------------------------------

NASTY = "\x1b[31m\x1b]0;owned\x07\u202e<script>alert(1)</script>"


@pytest.fixture
def nasty_reports(tmp_path, duanban):
    root = tmp_path / "=1+1 nasty"
    root.mkdir()
    name = "=cmd()\x1b[2J<img src=x>`|.c"
    (root / name).write_text(f"{TIE}__m128 x; /* {NASTY} */ // =HYPERLINK(1)\n")
    (root / "+x\x1b.txt").symlink_to("/etc/passwd")
    files = {end: tmp_path / f"r.{end}" for end in FORMATS}
    ran = duanban("check", root, "-t", LOONG, *(x for f in files.values() for x in ("-o", f)))
    assert (ran.code, ran.err) == (0, "")
    return {**{end: file.read_text("utf-8") for end, file in files.items()}, "screen": ran.out}


@pytest.mark.parametrize("form", [*FORMATS, "screen"])
def test_no_format_passes_control_characters_on(nasty_reports, form):
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e]", nasty_reports[form].replace(
        "\u202e", "" if form == "json" else "\u202e"
    ))  # fmt: skip
    assert "immintrin.h" in html.unescape(nasty_reports[form])


def test_html_has_no_element_of_the_inputs_making(nasty_reports):
    class Tags(HTMLParser):
        images = 0
        scripts: list[str] = []  # noqa: RUF012
        inside = False

        def handle_starttag(self, tag, attrs):
            self.images += tag == "img" and ("src", "x") in attrs
            self.inside = tag == "script"

        def handle_data(self, data):
            if self.inside:
                self.scripts.append(data)

    tags = Tags()
    tags.feed(nasty_reports["html"])
    assert tags.images == 0
    assert not any("alert(1)" in s and "<script>" in s for s in tags.scripts)


def test_csv_has_no_formula_of_the_inputs_making(nasty_reports):
    rows = list(csv.reader(nasty_reports["csv"].splitlines()))
    assert len(rows) > 1
    assert all(cell[:1] not in tuple("=+-@") or not cell for row in rows for cell in row)


# --- Files that the tool takes at their word -----------------------------------------------------

DEEP = "[" * 100_000 + "]" * 100_000
LOCKS = {
    "deep": DEEP,
    "huge number": '{"lockfileVersion": ' + "9" * 100_000 + "}",
    "float": '{"lockfileVersion": 1e999, "packages": {"": 1e999}}',
    "wrong types": '{"lockfileVersion": 3, "packages": {"node_modules/a": [1], "b": null, "c": {'
    '"version": {}, "cpu": "x64", "os": [[]], "dependencies": 3, "optional": "yes"}}}',
    "list": "[]",
    "null": "null",
    "half": '{"packages": {',
    "surrogate": '{"lockfileVersion": 3, "packages": {"node_modules/\\ud800": {"version": "1"}}}',
    "binary": "\0\1\2",
    "empty": "",
}
LOCK_NAMES = (
    "package-lock.json", "package.json", "uv.lock", "poetry.lock", "pylock.toml",
    "pyproject.toml", "requirements.txt", "Pipfile.lock", "pnpm-lock.yaml", "yarn.lock",
    "setup.cfg", "environment.yml", "status",
)  # fmt: skip


@pytest.mark.parametrize("kind", LOCKS)
def test_hostile_lock_files(root, check, kind):
    for name in LOCK_NAMES:
        (root / "sub").mkdir(exist_ok=True)
        (root / "sub" / name).write_text(LOCKS[kind])
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_text(LOCKS[kind])
    started = time.process_time()
    check(root)
    assert time.process_time() - started < 10


def test_hostile_toml_of_the_inventory(root, check):
    dotted = "a" + ".a" * 50_000 + " = 1\n"
    for name in ("uv.lock", "poetry.lock", "pylock.toml", "pyproject.toml"):
        (root / "sub").mkdir(exist_ok=True)
        (root / "sub" / name).write_text(dotted + "[[package]]\nname = 3\nversion = []\n")
    check(root)


# --- A configuration in the tree that is checked --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = " + "[" * 100_000, "nested too deeply"),
        ("a" + ".a" * 50_000 + " = 1", "dots"),
        ("#" * 2_000_000, "larger than"),
        ("exclude = 3", "exclude must be a list"),
        ('targets = ["nowhere"]', "unknown target 'nowhere'"),
        ('[[suppress]]\nrule = "*"', "reason is missing"),
        ('[[suppress]]\nrule = "*"\nreason = "x"\nexpires = "soon"', "must be a date"),
        ('\x1b[2J = "x"', "is not TOML"),
        ("= \xff\xfe", "is not TOML"),
    ],
)
def test_settings_that_cannot_be_used_are_one_clear_line(root, duanban, text, says):
    (root / "duanban.toml").write_bytes(text.encode("latin-1"))
    ran = duanban("check", root)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    assert says in ran.err
    assert duanban("check", root, "-t", LOONG, "--no-config").code == 0


def test_settings_that_are_no_regular_file(root, duanban):
    os.mkfifo(root / "duanban.toml")
    (root / "pyproject.toml").symlink_to("/dev/zero")
    assert duanban("check", root, "-t", LOONG).code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_every_report_shows_that_the_input_set_findings_aside(root, tmp_path, duanban, form):
    (root / "duanban.toml").write_text('[[suppress]]\nrule = "**"\npath = "**"\nreason = "ours"\n')
    (root / "left.c").write_text(TIE)
    out = tmp_path / f"r.{form}"
    assert duanban("check", root, "-t", LOONG, "-o", out).code == 0
    shown = out.read_text("utf-8")
    assert "duanban.toml" in shown
    assert "suppress" in shown.lower()


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "csv"])
def test_every_report_shows_what_the_input_left_out(root, tmp_path, duanban, form):
    (root / "hidden").mkdir()
    (root / "hidden" / "b.c").write_text(TIE)
    (root / "duanban.toml").write_text('exclude = ["hidden"]\n')
    out = tmp_path / f"r.{form}"
    assert duanban("check", root, "-t", LOONG, "-o", out).code == 0
    assert "left out by the project's own settings" in html.unescape(out.read_text("utf-8"))


def test_a_glob_that_backtracks_costs_no_time(root, duanban):
    glob = "**/" * 40 + "*a" * 40 + "b"
    (root / "duanban.toml").write_text(f'exclude = ["{glob}"]\n')
    deep = root.joinpath(*["a" * 30] * 20)
    deep.mkdir(parents=True)
    (deep / ("a" * 200)).touch()
    started = time.process_time()
    assert duanban("check", root, "-t", LOONG).code == 0
    assert time.process_time() - started < 5


def test_a_name_that_is_not_utf_8(root, duanban):
    with open(os.fsencode(root) + b"/\xff\xfe.c", "w") as file:
        file.write(TIE)
    system = system_of(duanban("check", root, "-t", LOONG, "-f", "json"))
    assert len({f["path"] for f in system["targets"][0]["findings"]}) == 2


def test_a_store_that_was_tampered_with_is_not_believed(root, duanban, tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))
    os.utime(root / "good.c", (1, 1))
    first = duanban("check", root, "-t", LOONG, "-f", "json").out
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(os.urandom(100))
    again = duanban("check", root, "-t", LOONG, "-f", "json")
    assert (again.code, again.out) == (0, first)


def test_a_cache_that_cannot_be_written_is_done_without(root):
    environment = {**os.environ, "DUANBAN_CACHE": "/proc/nowhere"}
    ran = subprocess.run(
        [sys.executable, "-m", "duanban", "check", str(root), "-t", LOONG],
        capture_output=True, text=True, timeout=60, check=False, env=environment,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
