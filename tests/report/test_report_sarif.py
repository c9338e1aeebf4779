"""Checks against what the standard demands; section numbers are those of SARIF 2.1.0."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_to_bytes

import pytest
import report_sample as sample
from jsonschema import Draft202012Validator
from report_golden import check_golden

from duanban.report import Options, formats
from duanban.report.sarif import uri

OPTIONS = Options(rules=sample.RULES)

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": TEXT},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri", "uriBaseId"],
                    "additionalProperties": False,
                    # 3.4.3: a URI reference by RFC 3986; ours are relative paths.
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^([\w.~/-]|%[0-9A-F]{2})*$"},
                        "uriBaseId": TEXT,
                    },
                },
                "region": {  # 3.30
                    "type": "object",
                    "required": ["startLine"],
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "endLine": {"type": "integer", "minimum": 1},
                        "snippet": MESSAGE,
                    },
                },
            },
        }
    },
}
RULE = {  # 3.49
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "helpUri": {"type": "string", "pattern": r"^https://\S+$"},
        "defaultConfiguration": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"level": LEVEL},
        },
        "properties": {
            "type": "object",
            # 3.8.2: tags are unique.
            "properties": {"tags": {"type": "array", "uniqueItems": True, "items": TEXT}},
        },
    },
}
RESULT = {  # 3.27
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": LOCATION},
        "occurrenceCount": {"type": "integer", "minimum": 1},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "suppressions": {
            "type": "array",
            "items": {  # 3.35
                "type": "object",
                "required": ["kind"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"enum": ["inSource", "external"]},
                    "status": {"enum": ["accepted", "underReview", "rejected"]},
                    "justification": {"type": "string"},
                    "properties": {"type": "object"},
                },
            },
        },
        "rank": {"type": "number", "minimum": 0, "maximum": 100},
        "properties": {"type": "object"},
    },
}
LOG = {  # 3.13, 3.14
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "pattern": "sarif-schema-2.1.0.json$"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": TEXT,
                                    "version": {"type": "string"},
                                    "rules": {"type": "array", "uniqueItems": True, "items": RULE},
                                },
                            }
                        },
                    },
                    "automationDetails": {"type": "object", "required": ["id"]},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "originalUriBaseIds": {"type": "object"},
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],  # 3.20.14
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["message"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "level": LEVEL,
                                            "message": MESSAGE,
                                            "locations": {"type": "array", "items": LOCATION},
                                        },
                                    },
                                },
                            },
                        },
                    },
                    "results": {"type": "array", "items": RESULT},
                    "properties": {"type": "object"},
                },
            },
        },
    },
}


def log(report):
    return json.loads(formats()["sarif"].render(report, OPTIONS))


def test_golden():
    check_golden("report.sarif", formats()["sarif"].render(sample.report(), OPTIONS))


@pytest.mark.parametrize("make", [sample.report, sample.hostile])
def test_structure(make):
    Draft202012Validator(LOG).validate(log(make()))


@pytest.mark.parametrize("make", [sample.report, sample.hostile])
def test_rules_and_results_agree(make):
    for run in log(make())["runs"]:
        rules = run["tool"]["driver"]["rules"]
        assert {result["ruleIndex"] for result in run["results"]} == set(range(len(rules)))
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            region = result["locations"][0]["physicalLocation"].get("region")
            assert region is None or region["endLine"] >= region["startLine"]
            base = result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"]
            assert base in run["originalUriBaseIds"]


def test_one_run_for_each_system_and_target():
    runs = log(sample.report())["runs"]
    ids = [run["automationDetails"]["id"] for run in runs]
    assert len(set(ids)) == len(runs) == 6
    assert runs[0]["properties"]["target"] == sample.LOONG
    assert runs[0]["properties"]["verdict"] == "blocked"


def test_baseline_and_suppressions_are_said_of_all_results_or_none():
    first, second, *_ = log(sample.report())["runs"]
    states = [result["baselineState"] for result in first["results"]]
    assert states.count("unchanged") == 1
    assert all("baselineState" not in result for result in second["results"])
    for run in (first, second):
        held = [result["suppressions"] for result in run["results"]]
        assert sum(bool(each) for each in held) == 1
    (only,) = [result for result in first["results"] if result["suppressions"]]
    assert "-fsigned-char (until 2027-06-30)" in only["suppressions"][0]["justification"]


def test_help_holds_reason_remedy_and_source():
    rules = {
        each["id"]: each for each in log(sample.report())["runs"][0]["tool"]["driver"]["rules"]
    }
    rule = rules["chip.intrinsics.x86"]
    assert sample.RULES["chip.intrinsics.x86"].why in rule["help"]["text"]
    assert sample.RULES["chip.intrinsics.x86"].remedy in rule["help"]["text"]
    assert rule["helpUri"].startswith("https://gcc.gnu.org/")
    assert rules["chip.char-sign"]["defaultConfiguration"] == {"level": "note"}
    assert "helpUri" not in rules["chip.char-sign"]


@pytest.mark.parametrize("path", ["a b.c", "a:b.c", "国.c", "x%41", "a#b?c", "n\udcff.c", "\ud800"])
def test_uri_keeps_the_bytes_of_the_path(path):
    assert re.fullmatch(r"([\w.~/-]|%[0-9A-F]{2})+", uri(path), re.ASCII)
    try:
        expected = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        expected = path.encode("utf-8", "surrogatepass")
    assert unquote_to_bytes(uri(path)) == expected
