"""docs/reports.md names every format, every field and how severities are mapped."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from duanban.model import Component, Finding, Report, Scanned, Severity, Skipped, SystemReport
from duanban.model.report import (
    Failure,
    ObjectiveResult,
    Suppressed,
    TargetResult,
    Tool,
    UnknownFact,
)
from duanban.report import formats
from duanban.report.sarif import FINGERPRINT, LEVELS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reports.md").read_text("utf-8")
SHOWN = (
    Component,
    Failure,
    Finding,
    ObjectiveResult,
    Report,
    Scanned,
    Skipped,
    Suppressed,
    SystemReport,
    TargetResult,
    Tool,
    UnknownFact,
)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda kind: kind.__name__)
def test_every_field_is_named(shown):
    missing = [f.name for f in dataclasses.fields(shown) if f"`{f.name}`" not in PAGE]
    assert missing == []


def test_every_format_and_ending_is_named():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
    assert set(rows) == set(formats())
    for form in formats().values():
        assert [suffix for suffix in form.suffixes if f"`{suffix}`" not in rows[form.name]] == []


def test_the_mapping_to_sarif():
    for severity in Severity:
        assert re.search(rf"`{severity}` is\s`{LEVELS[severity]}`", PAGE)
    assert f"`{FINGERPRINT}`" in PAGE


def test_the_page_of_commands_is_in_step():
    script = ROOT / "scripts" / "generate_docs.py"
    done = subprocess.run(
        [sys.executable, str(script), "cli", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
