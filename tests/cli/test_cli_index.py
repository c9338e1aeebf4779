"""`duanban index` from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "indexes"))
from debian_sample import write_archive


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.setenv("DUANBAN_CACHE", str(tmp_path / "cache"))
    return write_archive(tmp_path, "amd64", "loong64")


def test_an_update_without_copies_says_so(duanban):
    ran = duanban("index", "update")
    assert (ran.code, ran.out) == (0, "")
    assert "no copies yet" in ran.err


def test_a_copy_from_files_through_its_life(duanban, archive):
    assert "Not here yet" in duanban("index", "list").out
    ran = duanban("index", "add", "debian-sid", *archive)
    assert (ran.code, ran.out.startswith("debian-sid: of ")) == (0, True)
    assert "debian-sid " in duanban("index").out.partition("Not here yet")[0]
    (row,) = json.loads(duanban("index", "list", "--format", "json").out)
    assert (row["name"], len(row["sha256"]), len(row["files"])) == ("debian-sid", 64, 3)
    assert json.loads(duanban("index", "show", "debian-sid").out)["sha256"] == row["sha256"]
    asked = duanban(
        "index", "show", "debian-sid", "pkg:deb/debian/jit@1-1", "-t", "debian-sid-loong64"
    )
    (offer,) = json.loads(asked.out)["offers"]
    assert offer["ways"] == [[{"name": "jit", "cause": "architecture list"}]]
    assert duanban("index", "update").out.startswith("debian-sid: of ")
    assert duanban("index", "remove", "debian-sid").code == 0
    assert duanban("index", "list", "--format", "json").out == "[]\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "debian-sit"), "did you mean debian-sid?"),
        (("add", "ours"), "needs --kind"),
        (("add", "ours", "x", "--kind", "cvs"), "unknown kind"),
        (("add", "openeuler-24-03"), "repodata/repomd.xml"),
        (("add", "uos-20"), "Packages"),
        (("add", "debian-sid", "/nowhere/Packages"), "not a regular file"),
        (("add", "pypi"), "name the inputs"),
        (("add", "../x", "f", "--kind", "debian"), "cannot name an index"),
        (("remove", "debian-sid"), "no copy"),
        (("update", "debian-sid"), "no copy"),
        (("show", "debian-sid"), "no copy"),
    ],
)
def test_wrong_use_is_one_line_and_leaves_nothing(duanban, archive, words, said):
    ran = duanban("index", *words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert said in ran.err
    assert duanban("index", "list", "--format", "json").out == "[]\n"


def test_apt_fetches_with_settings_of_its_own(duanban, archive, tmp_path, monkeypatch):
    """A stand-in for apt-get: writes the lists that it is told to write."""
    fake = tmp_path / "bin" / "apt-get"
    fake.parent.mkdir()
    fake.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "options = dict(a.split('=', 1) for a in sys.argv if '::' in a)\n"
        "lists = pathlib.Path(options['Dir::State::Lists'])\n"
        "source = pathlib.Path(options['Dir::Etc::SourceList']).read_text()\n"
        "assert 'deb https://deb.example/debian' in source.replace('[arch=amd64,arm64,riscv64,"
        "loong64 signed-by=/keys.gpg] ', ''), source\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "for arch in ('amd64', 'arm64', 'riscv64', 'loong64'):\n"
        "    text = (here / 'loong64-Packages').read_text().replace('loong64', arch)\n"
        "    (lists / f'x_sid_main_binary-{arch}_Packages').write_text(text)\n"
        "(lists / 'x_sid_main_source_Sources').write_text((here / 'all-Sources').read_text())\n"
        "(lists / 'x_sid_InRelease').write_text('Date: Fri, 30 Oct 2026 08:00:00 UTC\\n')\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    ran = duanban(
        "index", "add", "debian-sid", "--mirror", "https://deb.example/debian",
        "--keyring", "/keys.gpg",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("debian-sid: of 2026-10-30, 5 files")
