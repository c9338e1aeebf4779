"""`duanban staves` from the command line."""

from __future__ import annotations

import json

STATUS = "Package: {0}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n\n"


def test_an_estate_file(duanban, tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "status").write_text(STATUS.format("rspamd"))
    estate = tmp_path / "estate.toml"
    estate.write_text(
        'targets = ["debian-sid-loong64"]\n'
        '[[system]]\nlocator = "./mail"\nname = "Mail"\nweight = 4\n'
        '[[system]]\nlocator = "./nowhere"\n'
    )
    ran = duanban("staves", "--estate", estate, "--format", "json", "-j", "1")
    assert ran.code == 2  # one of them is not there, and the others are shown all the same
    assert "left out" in ran.err
    (target,) = json.loads(ran.out)["targets"]
    assert (target["target"], target["weight"], target["free"]) == ("debian-sid-loong64", 4, 0)
    assert target["staves"][0]["cause"] == "fact to find out"
    page = tmp_path / "staves.html"
    assert "Mail" in duanban("staves", "--estate", estate, "-j", "1", "-o", page).out
    assert "Short staves of the estate" in page.read_text()
    assert duanban("staves", tmp_path / "mail", "-o", tmp_path / "x.csv").code == 2


def test_wrong_use_is_one_line(duanban, tmp_path):
    assert duanban("staves").code == 2
    broken = tmp_path / "estate.toml"
    broken.write_text('[[system]]\nlocator = "./a"\nwieght = 3\n')
    ran = duanban("staves", "--estate", broken)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "wieght" in ran.err
