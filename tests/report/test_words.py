"""Reports in Chinese: nothing that code says is left in English."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import report_sample as sample
from rich.cells import cell_len
from test_report_text import ALL, OPTIONS, render

from duanban.report import console, formats, words
from duanban.report.html_data import page_data
from duanban.report.messages import say_message, say_remedy
from duanban.report.text import first_sentence
from duanban.report.words import LANGUAGES, catalogue, say, speaking, spoken

CHINESE = replace(OPTIONS, language="zh_CN")


class Noting(dict):
    """A catalogue that keeps what it was asked for in vain."""

    def __init__(self, entries):
        super().__init__(entries)
        self.missed = set()

    def get(self, key, default=None):
        if key not in self:
            self.missed.add(key)
        return super().get(key, default)


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_everything_that_code_says_is_in_the_catalogue(name, monkeypatch):
    noting = Noting(catalogue("zh_CN"))
    monkeypatch.setattr(words, "catalogue", lambda language: noting)
    render(name, sample.report(), replace(ALL, language="zh_CN"))
    own = {
        text
        for r in sample.RULES.values()
        for text in (r.title, r.why, r.message, first_sentence(r.remedy))
    }
    assert noting.missed - own - {""} == set()


def test_words_of_the_input_are_never_translated():
    """A file or part that is called like a label keeps its name."""
    report = sample.report()
    one = sample.finding("blocked.rule", "none", 1, "library", "blocked", remedy="unknown")
    result = replace(report.systems[0].targets[0], target="target", findings=(one,), fails=())
    system = replace(report.systems[0], name="library", version="", targets=(result,))
    for name in ("terminal", "markdown", "html"):
        text = render(name, replace(report, systems=(system,)), CHINESE)
        assert all(word in text for word in ("library", "none", "blocked", "unknown"))


def test_the_summary_is_in_the_language_asked_for():
    text = render("terminal", sample.report(), CHINESE)
    assert "修改后可运行" in text
    assert "runs after changes" not in text
    assert "修改後可執行" in render("terminal", sample.report(), replace(OPTIONS, language="zh_TW"))
    assert "结论" in render("markdown", sample.report(), CHINESE)
    page = render("html", sample.report(), CHINESE)
    assert '<html lang="zh-CN">' in page
    assert "{{" not in page.partition("<script")[0]


@pytest.mark.parametrize("name", sorted({*formats()} - {"terminal", "markdown", "html"}))
def test_what_programs_read_is_the_same_in_every_language(name):
    assert render(name, sample.report(), CHINESE) == render(name, sample.report())


def test_without_unicode_there_is_english():
    text = render("terminal", sample.report(), replace(CHINESE, unicode=False))
    assert text == render("terminal", sample.report(), replace(OPTIONS, unicode=False))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    text = render("terminal", sample.report(), replace(CHINESE, width=width))
    assert max(map(cell_len, text.splitlines())) <= width


def test_scripts_have_their_words_only_where_they_are_needed():
    assert json.loads(page_data(sample.report(), {}))["words"] == {}
    with speaking("zh_CN"):
        told = json.loads(page_data(sample.report(), {}))["words"]
    assert told["all targets"] == "全部目标"
    assert told["blocks"] == "阻断"
    assert told["{count} finding"] == "{count} 条发现"


@pytest.mark.parametrize(
    ("template", "message", "said"),
    [
        (
            "`{match}`: {target} has no such header",
            "`<a`: x>`: t has no such header",
            "`<a`: x>`：t 没有这个头文件",
        ),
        (
            "`{match}` is not defined on {target}",
            "`a` is not defined on b/c",
            "`a` 在 b/c 上没有定义",
        ),
        (
            "`{match}` is not defined on {target}",
            "`a` is not defined on b (in 3 files)",
            "`a` 在 b 上没有定义 (in 3 files)",
        ),
        ("`{match}` is not defined on {target}", "something else", "something else"),
        ("not in the catalogue: {match}", "not in the catalogue: a", "not in the catalogue: a"),
    ],
)
def test_messages_are_said_by_the_rule_they_were_made_from(template, message, said):
    rule = replace(sample.RULES["chip.char-sign"], message=template)
    finding = sample.finding("chip.char-sign", "a.c", 1, "", message)
    assert say_message(finding, rule) == message
    with speaking("zh_CN"):
        assert say_message(finding, rule) == said
        assert say_message(finding, None) == message


def test_of_a_remedy_what_there_are_words_for_is_said():
    one = "Add a branch for the target."
    with speaking("zh_CN"):
        assert say_remedy(one) == "为目标加一个分支。"
        assert say_remedy(f"{one} Then  test.") == "为目标加一个分支。 Then test."
        assert say_remedy("Do something else.") == "Do something else."
    assert say_remedy(f"{one} Then  test.") == f"{one} Then  test."


def test_the_language_ends_with_its_context():
    with speaking("zh_CN"):
        assert say("blocked") == "受阻"
        with speaking("en"):
            assert say("blocked") == "blocked"
        assert say("{count} not known", count=3) == "3 个未知"
    assert say("blocked") == "blocked"
    assert say("{count} more", count=1234) == "1,234 more"
    assert console.say is say


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh"}, "zh_CN"),
        ({"LANG": "zh_SG"}, "zh_CN"),
        ({"LANG": "zh_HK.UTF-8"}, "zh_TW"),
        ({"LANG": "zh-Hant"}, "zh_TW"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh_TW"),
    ],
)
def test_the_locale_says_the_language(environment, language):
    assert spoken(environment) == language
    assert language in LANGUAGES
