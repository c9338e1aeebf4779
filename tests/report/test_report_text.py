"""Terminal, Markdown, CSV, and which format a file name asks for."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
import report_sample as sample
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_golden import check_golden

from duanban.check.effort import total_effort
from duanban.model import Effort
from duanban.model.errors import UsageError
from duanban.report import Options, format_for, formats
from duanban.report.as_csv import COLUMNS
from duanban.report.markdown import code, escape, prose
from duanban.report.summary import by_rule
from duanban.report.text import first_sentence, hours, size, visible

OPTIONS = Options(rules=sample.RULES)
ALL = replace(OPTIONS, show_suppressed=True, details=0)
INVISIBLE = (
    "[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)


def render(name, report, options=OPTIONS):
    return formats()[name].render(report, options)


# --- words ----------------------------------------------------------------------------------


@given(st.text(st.characters(), max_size=30))
def test_visible_leaves_nothing_that_cannot_be_seen(text):
    shown = visible(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_visible_leaves_ordinary_text_alone(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (hours(Effort()), "–"),
        (hours(Effort(0.25, 1, 12.4)), "1 (0.2–12)"),
        (hours(Effort(0, 0.01, 0.04)), "–"),
        (hours(Effort(0, 0.03, 0.5)), "≈0 (0–0.5)"),
        (hours(Effort(0, 9.97, 10)), "10 (0–10)"),
        (hours(Effort(1000, 2000, 30000), "h"), "2,000 h (1,000–30,000)"),
        (size(999), "999 B"),
        (size(3_482_114), "3.5 MB"),
        (size(5 * 10**12), "5000 GB"),
        (first_sentence("Do this. Then\nthat."), "Do this."),
        (first_sentence("v1.2 is\nfine"), "v1.2 is fine"),
    ],
)
def test_words(made, expected):
    assert made == expected


def test_groups_take_the_largest_effort_of_the_targets():
    groups = by_rule(sample.report().systems[0])
    assert [group.severity.value for group in groups] == ["blocks", "blocks", "degrades", "review"]
    assert groups[0].rule == "chip.intrinsics.x86"
    assert groups[0].effort.rounded() == Effort(10.8, 27, 64.8)
    assert len(groups[0].places) == 6
    assert groups[0].targets == (sample.LOONG, sample.ARM, sample.RISCV)


def test_the_rules_of_a_target_add_up_to_its_hours():
    """A reader who adds them up must come to what stands beside the verdict."""
    for system in sample.report().systems:
        for result in system.targets:
            alone = by_rule(replace(system, targets=(result,)))
            total = sum(group.effort.likely for group in alone)
            assert total == pytest.approx(total_effort(result.findings).likely, abs=0.01)


def test_hours_that_are_nothing_are_not_told():
    one = replace(sample.finding("x.y", "a.c", 1, "s", "m"), effort_hours=Effort())
    result = replace(sample.report().systems[0].targets[0], findings=(one,), fails=())
    system = replace(sample.report().systems[0], targets=(result,))
    report = replace(sample.report(), systems=(system,))
    assert "1 place in 1 file\n" in render("terminal", report)
    assert "1 place</summary>" in render("markdown", report)


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_hours_have_a_legend(name):
    text = " ".join(render(name, sample.report()).split())
    assert "each finding counts by its confidence" in text


# --- terminal -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120])
def test_terminal_golden(width):
    text = render("terminal", sample.report(), replace(OPTIONS, width=width))
    check_golden(f"terminal-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [20, 60, 80])
def test_terminal_ascii(width):
    text = render("terminal", sample.report(), replace(OPTIONS, width=width, unicode=False))
    assert text.isascii()
    assert "\x1b" not in text


def test_terminal_neutralises_escape_sequences():
    text = render("terminal", sample.hostile(), replace(ALL, color=False))
    assert not re.search(INVISIBLE, text)
    assert "<U+001B>]0;owned" in text
    coloured = render("terminal", sample.hostile(), replace(ALL, color=True))
    # What is left of escape sequences is colour (SGR) and nothing else.
    assert not re.search(INVISIBLE, re.sub(r"\x1b\[[0-9;]*m", "", coloured))
    assert "\x1b[" in coloured


def test_terminal_lists_suppressed_on_request_and_counts_them_always():
    assert "Suppressed: 1 by baseline, 1 by duanban.toml" in render("terminal", sample.report())
    assert "miniz.c" not in render("terminal", sample.report())
    assert "miniz.c:1201 · until 2027-06-30" in render(
        "terminal", sample.report(), replace(OPTIONS, show_suppressed=True, width=200)
    )


def test_rich_is_loaded_only_when_used():
    program = (
        "import sys, duanban.report as r; r.formats(); print('rich' in sys.modules, "
        "'msgspec' in sys.modules, 'packageurl' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False"] * 3


# --- Markdown -------------------------------------------------------------------------------


def test_markdown_golden():
    check_golden("report.md", render("markdown", sample.report()))


MARKED = st.text(st.sampled_from("ab1 \\`*_[]()<>|~@$#&;:/.-+=!w\n"), max_size=14)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(markdown):
    """Return the text that a reader sees of one paragraph, or None if it is anything else."""
    tokens = PARSER.parse(markdown)
    if not tokens:
        return ""
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    parts = tokens[1].children
    return "".join(p.content for p in parts) if {p.type for p in parts} <= {"text"} else None


@given(st.one_of(MARKED, st.text(max_size=30)))
@example("1. first")
@example("- [x] @name #12 &amp; <b> __init__ ~~a~~")
@example("--")
@example("\xa0")
def test_markdown_shows_what_is_escaped_as_it_stands(text):
    escaped = escape(text)
    seen = shown(escaped)
    assert seen is not None
    assert seen.strip() == visible(text).strip()
    assert not re.search(r"(?<!\w)@\w|://|www\.|(?<!&)#\d", escaped)


@pytest.mark.parametrize(
    "text", ["0.1.0", "dh_update_autotools_config", "a > b", "x=1", "C# and 5 @ 2", "riscv64-linux"]
)
def test_markdown_escapes_no_more_than_it_must(text):
    assert escape(text) == text


def test_markdown_shows_code_in_prose_as_code():
    assert prose("put `#if __x__` *there*") == "put `#if __x__` &#42;there&#42;"


@given(st.text(st.sampled_from("`a |"), max_size=12))
def test_markdown_code_span_ends_only_at_its_end(text):
    span = code(text)
    fence = re.match("`+", span)[0]
    inside = span[len(fence) : -len(fence)]
    assert fence not in re.findall("`+", inside)


def test_markdown_of_hostile_texts():
    text = render("markdown", sample.hostile(), ALL)
    assert not re.search(INVISIBLE, text)
    without_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "<script" not in without_code
    assert "<img" not in without_code
    assert "](" not in without_code
    assert text.count("<details>") == text.count("</details>") > 0


# --- CSV ------------------------------------------------------------------------------------


def rows(report, options=OPTIONS):
    return list(csv.DictReader(io.StringIO(render("csv", report, options), newline="")))


def test_csv_golden():
    check_golden("report.csv", render("csv", sample.report()))


def test_csv_has_one_row_for_each_finding():
    report = sample.report()
    count = sum(len(r.findings) for s in report.systems for r in s.targets)
    own = [x.source for s in report.systems for r in s.targets for x in r.suppressed]
    own = [source for source in own if source != "baseline"]
    assert own
    found = [row for row in rows(report) if row["kind"] in ("finding", "suppressed")]
    assert len(found) == count + len(own)
    aside = sum(len(r.suppressed) for s in report.systems for r in s.targets)
    found = [row for row in rows(report, ALL) if row["kind"] in ("finding", "suppressed")]
    assert len(found) == count + aside
    assert {row["suppressed_by"] for row in rows(report)} == {"", *own}
    assert tuple(rows(report)[0]) == COLUMNS


def test_csv_has_every_verdict_and_what_is_not_known():
    report = sample.report()
    told = rows(report)
    for system in report.systems:
        for result in system.targets:
            mine = [r for r in told if (r["system"], r["target"]) == (system.name, result.target)]
            assert {row["verdict"] for row in mine} == {result.verdict.value}
            unknown = [(r["message"], r["remedy"]) for r in mine if r["kind"] == "unknown"]
            assert unknown == [(fact.fact, fact.how) for fact in result.unknown]
    assert {row["kind"] for row in told} == {"finding", "unknown", "suppressed", "verdict"}


def test_csv_has_no_formulas():
    for row in rows(sample.hostile(), ALL):
        assert None not in row
        for cell in row.values():
            assert not re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell)
            assert not re.search(INVISIBLE, cell)


# --- registry -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "explicit", "name"),
    [
        (None, None, "terminal"),
        ("-", None, "terminal"),
        ("x.json", None, "json"),
        ("a/X.SARIF", None, "sarif"),
        ("x.sarif.json", None, "sarif"),
        ("x.htm", None, "html"),
        ("x.json", "csv", "csv"),
        ("-", "json", "json"),
    ],
)
def test_format_for(path, explicit, name):
    assert format_for(path, explicit).name == name


def test_format_for_says_what_there_is():
    with pytest.raises(UsageError, match=r"pdf.*markdown"):
        format_for(None, "pdf")
    with pytest.raises(UsageError, match=r"x\.pdf.*\.sarif"):
        format_for("x.pdf")


@pytest.mark.parametrize("name", list(formats()))
def test_the_same_report_gives_the_same_text(name):
    assert render(name, sample.hostile(), ALL) == render(name, sample.hostile(), ALL)
