from __future__ import annotations

import pytest

from duanban import model
from duanban.check.baseline import baseline_of, load_baseline
from duanban.model.errors import ConfigError
from duanban.report import Options, formats


def finding(id):
    return model.Finding(
        id,
        "chip.x",
        model.Layer.CHIP,
        model.Severity.REVIEW,
        0.5,
        "a.c",
        1,
        1,
        "message",
        "remedy",
        model.Effort(),
    )


def report(*findings, suppressed=()):
    result = model.TargetResult(
        "loong", model.Verdict.RUNS, findings=findings, suppressed=suppressed
    )
    system = model.SystemReport("./x", "x", "1", model.Scanned(), (), (result,))
    return model.Report(model.Tool("duanban", "1"), (system,))


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "last.json"
    aside = (
        model.Suppressed(finding("known"), "already in the baseline", "baseline"),
        model.Suppressed(finding("waived"), "why", "duanban.toml"),
    )
    path.write_text(formats()["json"].render(report(finding("old"), suppressed=aside), Options()))
    return path


@pytest.mark.parametrize("system", ["x", "./x"])
def test_only_what_is_new_counts(written, system):
    baseline = load_baseline(written)
    new, old = baseline.apply([finding("old"), finding("new"), finding("known")], system, "loong")
    assert [each.id for each in new] == ["new"]
    assert [each.finding.id for each in old] == ["old", "known"]
    assert {each.source for each in old} == {"baseline"}
    assert all(each.reason for each in old)


def test_a_suppression_of_then_is_not_a_baseline_of_now(written):
    new, old = load_baseline(written).apply([finding("waived")], "x", "loong")
    assert new
    assert not old


@pytest.mark.parametrize(("system", "target"), [("y", "loong"), ("x", "arm")])
def test_another_system_or_target_is_not_covered(written, system, target):
    new, old = load_baseline(written).apply([finding("old")], system, target)
    assert new
    assert not old


def test_a_report_is_its_own_baseline():
    made = report(finding("a"), finding("b"))
    new, old = baseline_of(made).apply(made.systems[0].targets[0].findings, "x", "loong")
    assert new == ()
    assert len(old) == 2


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "other"}'])
def test_what_is_no_report_is_a_config_error(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.json"):
        load_baseline(path)


def test_a_missing_file_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.json.*No such file"):
        load_baseline(tmp_path / "none.json")
