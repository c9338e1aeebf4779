from __future__ import annotations

import json
import math
import time
from importlib import resources

import pytest
import report_sample as sample
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_golden import check_golden

from duanban import model
from duanban.model.errors import ConfigError
from duanban.report import Options, formats
from duanban.report.as_json import decode

SCHEMA = json.loads(resources.files("duanban.report").joinpath("report.schema.json").read_text())
JSON = formats()["json"]


def render(report):
    return JSON.render(report, Options())


def test_golden():
    check_golden("report.json", render(sample.report()))


@pytest.mark.parametrize("make", [sample.report, sample.hostile])
def test_follows_its_schema(make):
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(render(make())))


def test_the_schema_refuses_what_is_not_in_the_contract():
    data = json.loads(render(sample.report()))
    data["systems"][0]["targets"][0]["findings"][0]["efort"] = 1
    assert not Draft202012Validator(SCHEMA).is_valid(data)


def test_field_names_of_the_contract():
    data = json.loads(render(sample.report()))
    assert list(data) == ["schema", "tool", "systems"]
    assert data["schema"] == "duanban.report/1"
    finding = data["systems"][0]["targets"][0]["findings"][0]
    assert finding["effort_hours"].keys() == {"low", "likely", "high"}
    assert finding["severity"] == "blocks"
    assert data["systems"][0]["targets"][0]["fails"][0]["because"]


def test_undecodable_bytes_are_written_out():
    text = render(sample.hostile())
    assert "bytes\\\\xff\\\\xfe.c" in text
    text.encode("utf-8")


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
hours = st.floats(0, 1e6, allow_nan=False)


def _reports(effort):
    """Return reports of the real types, every string and number drawn."""
    finding = st.builds(
        model.Finding,
        id=text,
        rule=text,
        confidence=st.floats(0, 1),
        path=text,
        line=st.integers(0, 10**9),
        end_line=st.integers(0, 10**9),
        message=text,
        remedy=text,
        effort_hours=st.just(effort),
        snippet=text,
        occurrences=st.integers(1, 10**6),
        guard=text,
        component=text,
    )
    few = lambda each: st.lists(each, max_size=2).map(tuple)  # noqa: E731
    result = st.builds(
        model.TargetResult,
        target=text,
        fails=few(st.builds(model.Failure, text, few(text))),
        effort_hours=st.just(effort),
        findings=few(finding),
        unknown=few(st.builds(model.UnknownFact, text, text)),
        suppressed=few(st.builds(model.Suppressed, finding, text, text, text)),
        objectives=few(
            st.builds(model.ObjectiveResult, text, text, hours, *[st.integers(0, 9)] * 4)
        ),
    )
    system = st.builds(
        model.SystemReport,
        text,
        text,
        text,
        st.builds(
            model.Scanned,
            st.integers(0, 2**40),
            st.integers(0, 2**60),
            few(st.builds(model.Skipped, text, text)),
        ),
        few(st.builds(model.Component, text, architectures=few(text), path=text)),
        few(result),
    )
    return st.builds(
        model.Report, st.builds(model.Tool, text, text), few(system), st.just(model.SCHEMA)
    )


@given(
    st.lists(hours, min_size=3, max_size=3)
    .map(lambda h: model.Effort(*sorted(h)))
    .flatmap(_reports)
)
@settings(max_examples=60)
def test_round_trip(report):
    assert decode(render(report)) == report


@given(st.binary(max_size=60) | text)
def test_anything_else_is_a_config_error(data):
    with pytest.raises(ConfigError):
        decode(data)


def test_error_names_the_file_and_the_place():
    broken = json.loads(render(sample.report()))
    broken["systems"][1]["targets"][0]["verdict"] = "fine"
    with pytest.raises(ConfigError, match=r"old\.json.*systems.*verdict"):
        decode(json.dumps(broken), "old.json")
    broken["systems"] = []
    broken["schema"] = "duanban.report/99"
    with pytest.raises(ConfigError, match=r"old\.json.*duanban\.report/99"):
        decode(json.dumps(broken), "old.json")


def test_same_text_every_time():
    assert render(sample.report()) == render(sample.report())


def test_ten_thousand_findings_take_less_than_a_third_of_a_second():
    report = sample.large(10_000)
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        render(report)
        best = min(best, time.process_time() - start)
    assert best < 0.3
