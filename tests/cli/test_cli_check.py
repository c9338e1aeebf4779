"""`duanban check`: exit codes, outputs, baselines and suppressions, through the command."""

from __future__ import annotations

import csv
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

TARGETS = sorted(
    (Path(__file__).parents[2] / "src" / "duanban" / "targets" / "stacks").glob("*.toml")
)
TIE = "#include <immintrin.h>\n"
LOONG = "debian-sid-loong64"


@pytest.fixture
def tied(tmp_path: Path) -> Path:
    root = tmp_path / "tied"
    root.mkdir()
    (root / "a.c").write_text(TIE)
    return root


@pytest.fixture
def free(tmp_path: Path) -> Path:
    root = tmp_path / "free"
    root.mkdir()
    (root / "a.c").write_text("int main(void) { return 0; }\n")
    return root


@pytest.fixture
def doubtful(free: Path) -> Path:
    """Something whose exception has run out: whether it still holds is a missing fact."""
    (free / "duanban.toml").write_text(
        '[[suppress]]\nrule = "chip.*"\nreason = "old"\nexpires = 2001-01-01\n'
    )
    (free / "b.c").write_text(TIE)
    return free


def result_of(text: str, system: int = 0, target: int = 0) -> dict:
    return json.loads(text)["systems"][system]["targets"][target]


def test_0_nothing_asked_for_a_failure(duanban, tied):
    ran = duanban("check", tied, "-t", LOONG)
    assert ran.code == 0
    assert "after changes" in ran.out
    assert ran.err == ""


def test_1_the_tool_could_not_do_its_work(duanban, tmp_path):
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00" + b"\0" * 40)
    ran = duanban("check", broken, "-t", LOONG)
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "broken.tar.gz" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "missing argument"),
        (["nowhere"], "nowhere: no such file or directory"),
        (["foo:bar"], "unknown kind of locator foo: (known: pypi:, npm:, deb:"),
        (["numpy==2.0"], "write pypi:numpy==2.0"),
        (["https://example.org/a.git"], "write git+https://example.org/a.git"),
        ([".", "-t", "debian-sid-loong46"], "did you mean debian-sid-loong64?"),
        ([".", "-t", "zzz"], "`duanban targets list` names them all"),
        ([".", "-t", "zzz.toml"], "no target file zzz.toml"),
        ([".", "-f", "jsn"], "no format is called 'jsn'; there are terminal, json"),
        ([".", "-o", "report.doc"], "its name does not say which format"),
        ([".", "-o", "no/such/place.json"], "there is no directory"),
        ([".", "--fail-on", "grave"], "'grave' is not one of 'blocks', 'degrades', 'review'"),
        ([".", "--baseline", "none.json"], "baseline none.json cannot be read"),
        ([".", "--jobs", "-1"], "-1 is not in the range"),
        ([".", "--fmt", "json"], "Did you mean '--format'?"),
    ],
)
def test_2_wrong_use_is_one_clear_line(duanban, free, monkeypatch, arguments, says):
    monkeypatch.chdir(free)
    ran = duanban("check", *arguments)
    assert ran.code == 2
    assert ran.err.startswith("duanban: ")
    assert ran.err.count("\n") == 1
    assert says in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(("severity", "code"), [("blocks", 0), ("degrades", 3), ("review", 3)])
def test_3_only_a_finding_that_grave_fails(duanban, tmp_path, severity, code):
    (tmp_path / "a.c").write_text(
        "void f(void) {\n  char c;\n  while ((c = getchar()) != EOF) {}\n}\n"
    )
    arm = ("check", tmp_path, "-t", "debian-sid-arm64")
    report = result_of(duanban(*arm, "-f", "json").out)
    assert {f["severity"] for f in report["findings"]} == {"degrades"}
    assert duanban(*arm, "--fail-on", severity).code == code


def test_3_a_graver_finding_counts_too(duanban, tied):
    assert duanban("check", tied, "-t", LOONG, "--fail-on", "review").code == 3


def test_4_only_strict_asks_for_missing_facts(duanban, doubtful):
    assert result_of(duanban("check", doubtful, "-t", LOONG, "-f", "json").out)["unknown"]
    assert duanban("check", doubtful, "-t", LOONG).code == 0
    assert duanban("check", doubtful, "-t", LOONG, "--strict").code == 4
    assert duanban("check", doubtful, "-t", LOONG, "--strict", "--fail-on", "blocks").code == 3


def test_strict_is_content_where_nothing_is_missing(duanban, free):
    assert duanban("check", free, "-t", LOONG, "--strict").code == 0


def test_several_outputs_in_one_run_say_the_same(duanban, tied, tmp_path):
    files = [tmp_path / f"r.{end}" for end in ("json", "sarif", "md", "csv", "html", "txt")]
    arguments = [x for file in files for x in ("-o", file)]
    ran = duanban("check", tied, "-t", LOONG, "-f", "json", *arguments)
    assert ran.code == 0
    assert ran.out == files[0].read_text()
    ids = {f["id"] for f in result_of(ran.out)["findings"]}
    assert ids
    rows = csv.DictReader(files[3].read_text().splitlines())
    assert {row["id"] for row in rows} == ids
    sarif = json.loads(files[1].read_text())
    assert len(sarif["runs"][0]["results"]) == len(ids)
    assert files[2].read_text().startswith("## tied")
    assert files[4].read_text().lower().startswith("<!doctype html>")
    assert "\x1b" not in files[5].read_text()


def test_standard_output_is_a_file_named_dash(duanban, tied):
    plain = duanban("check", tied, "-t", LOONG, "-f", "csv")
    assert duanban("check", tied, "-t", LOONG, "-f", "csv", "-o", "-").out == plain.out


def test_one_file_for_two_outputs_is_refused(duanban, tied, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    ran = duanban("check", tied, "-o", tmp_path / "r.json", "-o", tmp_path / "link" / "r.json")
    assert ran.code == 2
    assert "more than one -o" in ran.err


def test_an_output_that_cannot_be_written_is_told_before_the_work(duanban, tied, tmp_path):
    (tmp_path / "dir.json").mkdir()
    good = tmp_path / "good.json"
    ran = duanban("check", tied, "-o", good, "-o", tmp_path / "dir.json")
    assert (ran.code, ran.out) == (2, "")
    assert "it is a directory" in ran.err
    assert not good.exists()


def test_an_output_that_fails_in_the_end_costs_nothing_else(duanban, tied, tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    (tmp_path / "full.csv").symlink_to("/dev/full")
    good = tmp_path / "good.json"
    ran = duanban("check", tied, "-t", LOONG, "-o", tmp_path / "full.csv", "-o", good)
    assert ran.code == 1
    assert ran.err == f"duanban: {tmp_path / 'full.csv'}: cannot be written: " + (
        "No space left on device\n"
    )
    assert result_of(good.read_text())["findings"]
    assert "after changes" in ran.out


def test_an_old_output_is_replaced_whole_and_keeps_its_mode(duanban, tied, tmp_path):
    file = tmp_path / "out" / "r.json"
    file.parent.mkdir()
    file.write_text("x" * 1_000_000)
    file.chmod(0o640)
    (tmp_path / "out" / "link.json").symlink_to("r.json")
    assert duanban("check", tied, "-t", LOONG, "-o", file.with_name("link.json")).code == 0
    assert result_of(file.read_text())["findings"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(os.listdir(file.parent)) == ["link.json", "r.json"]
    assert file.with_name("link.json").is_symlink()


def test_a_baseline_leaves_new_findings_only(duanban, tied, tmp_path):
    known = tmp_path / "known.json"
    duanban("check", tied, "-t", LOONG, "-o", known)
    again = duanban("check", tied, "-t", LOONG, "--baseline", known, "--fail-on", "review")
    assert again.code == 0
    assert "by baseline" in again.out
    (tied / "a.c").write_text("/* moved */\n\n" + TIE)
    (tied / "b.c").write_text(TIE)
    out = tmp_path / "new.json"
    more = duanban(
        "check", tied, "-t", LOONG, "--baseline", known, "--fail-on", "review", "-o", out
    )
    assert more.code == 3
    assert {f["path"] for f in result_of(out.read_text())["findings"]} == {"b.c"}


def test_a_baseline_that_is_none_is_wrong_use(duanban, tied, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"schema": "duanban.report/0"}')
    ran = duanban("check", tied, "--baseline", wrong)
    assert ran.code == 2
    assert "is not a report of duanban" in ran.err


@pytest.mark.parametrize(("days", "holds"), [(None, True), (0, True), (1, True), (-1, False)])
def test_a_suppression_holds_until_its_day_and_shows(duanban, tied, monkeypatch, days, holds):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    text = '[[suppress]]\nrule = "chip.*"\nreason = "we ship <b>our</b> own"\n'
    if days is not None:
        day = datetime.fromtimestamp(1_800_000_000, UTC).date() + timedelta(days)
        text += f"expires = {day}\n"
    (tied / "duanban.toml").write_text(text)
    ran = duanban("check", tied, "-t", LOONG, "--fail-on", "review", "--show-suppressed")
    assert ran.code == (0 if holds else 3)
    if holds:
        assert "by duanban.toml" in ran.out
        assert "we ship <b>our</b> own" in ran.out
    else:
        assert "expired" in ran.out


def test_no_config_does_not_heed_the_trees_own_settings(duanban, tied):
    (tied / "duanban.toml").write_text('[[suppress]]\nrule = "*.*.*"\nreason = "trust me"\n')
    assert duanban("check", tied, "-t", LOONG, "--fail-on", "blocks").code == 0
    assert duanban("check", tied, "-t", LOONG, "--fail-on", "blocks", "--no-config").code == 3


def test_targets_come_from_the_configuration_unless_named(duanban, free):
    (free / "duanban.toml").write_text('targets = ["openeuler-24.03-riscv64"]\n')
    report = json.loads(duanban("check", free, "-f", "json").out)
    assert [t["target"] for t in report["systems"][0]["targets"]] == ["openeuler-24.03-riscv64"]
    report = json.loads(duanban("check", free, "-f", "json", "-t", LOONG).out)
    assert [t["target"] for t in report["systems"][0]["targets"]] == [LOONG]


def test_several_inputs_are_reported_in_the_order_asked(duanban, tied, free):
    report = json.loads(duanban("check", tied, free, "-t", LOONG, "-f", "json").out)
    assert [system["name"] for system in report["systems"]] == ["tied", "free"]


def test_one_bad_input_does_not_cost_the_others(duanban, tied, tmp_path):
    ran = duanban("check", tied, tmp_path / "nowhere", "-t", LOONG, "-f", "json")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert [system["name"] for system in json.loads(ran.out)["systems"]] == ["tied"]


def test_the_same_input_gives_the_same_bytes(duanban, tied):
    first = duanban("check", tied, "-f", "json", "--no-cache").out
    assert duanban("check", tied, "-f", "json", "--no-cache", "--jobs", "2").out == first


@pytest.mark.parametrize("target", [line.name for line in TARGETS])
def test_every_target_that_is_listed_can_be_checked_against(duanban, free, target):
    assert duanban("check", free, "-t", target.removesuffix(".toml")).code == 0


def test_what_is_not_whole_is_unknown_and_never_a_pass(duanban, tmp_path):
    (tmp_path / "package-lock.json").write_text("{")
    (tmp_path / "a.c").write_text("int a;\n")
    ran = duanban("check", tmp_path, "-t", LOONG, "--strict", "-f", "json")
    assert ran.code == 4
    assert result_of(ran.out)["verdict"] == "unknown"


def test_an_empty_file_is_unknown(duanban, tmp_path):
    (tmp_path / "nothing.whl").write_bytes(b"")
    ran = duanban("check", tmp_path / "nothing.whl", "-t", LOONG, "--strict")
    assert ran.code == 4


@pytest.mark.parametrize("content", [b"", b"x", b"hello world\n"])
@pytest.mark.parametrize(
    "name",
    ["a-1.0-py3-none-any.whl", "a-1.0-cp311-cp311-linux_x86_64.whl", "a.jar", "a.deb", "a.tar.gz"],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_name_is_no_archive(duanban, tmp_path, name, content, alone):
    """Neither a pass nor a verdict that rests on the name."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / name).write_bytes(content)
    if not alone:
        (tree / "a.c").write_text("int a;\n")
    ran = duanban("check", tree / name if alone else tree, "-t", LOONG, "-f", "json")
    result = result_of(ran.out)
    if alone or name.endswith((".whl", ".jar")):
        assert result["verdict"] == "unknown"
        assert "cannot be read" in result["unknown"][0]["fact"] or not content
    assert result["findings"] == []


def test_what_is_named_twice_counts_once(duanban, tied):
    ran = duanban("check", tied, tied, "-t", LOONG, "-t", LOONG, "-f", "json")
    systems = json.loads(ran.out)["systems"]
    assert [len(system["targets"]) for system in systems] == [1]


def test_the_summary_speaks_the_language_of_the_locale_or_the_one_asked_for(
    duanban, tied, monkeypatch
):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "结论" in duanban("check", tied, "-t", LOONG, "-f", "markdown").out
    english = duanban("check", tied, "-t", LOONG, "-f", "markdown", "--lang", "en").out
    assert "verdict" in english
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert duanban("check", tied, "-t", LOONG, "-f", "markdown").out == english
    assert "結論" in duanban("check", tied, "-t", LOONG, "-f", "html", "--lang", "zh_TW").out


def test_fix_refuses_a_rule_that_there_is_not(duanban, tied):
    ran = duanban("fix", tied, "-t", LOONG, "--rule", "chip.nope")
    assert (ran.code, ran.out) == (2, "")
    assert "no rule is called so" in ran.err


def test_prove_looks_at_its_output_before_the_work(duanban, tied, tmp_path):
    ran = duanban("prove", tied, "-t", LOONG, "-o", tmp_path / "none" / "proof.json")
    assert ran.code == 2
    assert "cannot be written" in ran.err
