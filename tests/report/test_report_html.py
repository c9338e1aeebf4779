from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest
import report_sample as sample
from chromium import BROWSER, CONTRAST, SETTLED, Browser, Elements
from report_golden import check_golden

from duanban.model import (
    Layer,
    Scanned,
    Severity,
    SystemReport,
    TargetResult,
    UnknownFact,
    Verdict,
)
from duanban.report import Options, formats
from duanban.report.barrel import height, svg
from duanban.report.html_data import page_data
from duanban.report.summary import Stave, staves

HTML = formats()["html"]
OPTIONS = Options(rules=sample.RULES)


def render(report):
    return HTML.render(report, OPTIONS)


def test_golden():
    check_golden("report.html", render(sample.report()))


def test_five_thousand_findings_stay_below_a_megabyte():
    for targets in (1, 3):
        report = sample.large(5_000, targets)
        assert sum(len(r.findings) for r in report.systems[0].targets) >= 4_998
        assert len(render(report).encode()) < 1_000_000


def test_targets_that_differ_share_the_room_for_graphs():
    report = sample.large(5_000, 3)
    (system,) = report.systems
    results = tuple(
        replace(
            result,
            findings=tuple(replace(f, severity=Severity.BLOCKS) for f in result.findings[number:]),
        )
        for number, result in enumerate(system.targets)
    )
    text = render(replace(report, systems=(replace(system, targets=results),)))
    assert text.count('class="graph"') == 6
    assert len(text.encode()) < 1_000_000


def test_ten_thousand_findings_take_less_than_a_second():
    report = sample.large(10_000)
    start = time.process_time()
    render(report)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("make", [sample.report, sample.hostile])
def test_markup_is_well_formed_and_asks_for_nothing(make):
    page = Elements()
    page.feed(render(make()))
    page.check()
    assert [tag for tag, _ in page.seen].count("script") == 2


def test_nothing_invisible_is_left():
    text = render(sample.hostile())
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x09\x0b-\x1f\x7f-\x9f]", text
    )
    assert "&lt;U+202E&gt;" in text
    text.encode("utf-8")


def test_data_holds_every_finding_once():
    data = json.loads(page_data(sample.report(), sample.RULES))
    report = sample.report()
    ids = {f.id for s in report.systems for r in s.targets for f in r.findings}
    assert sorted(data["columns"][16]) == sorted(ids)
    assert [0, 1, 2] in data["sets"]


def test_height_falls_as_more_is_held_back():
    heights = [height(Stave(Layer.CHIP, 1000, blocked, 0)) for blocked in (0, 1, 10, 100, 1000)]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == 1.0
    assert heights[-1] == 0.0
    assert height(Stave(Layer.CHIP, 10**9, 1, 1)) < 1.0


def unknown_report(*facts, files=9, findings=()):
    result = TargetResult(sample.LOONG, Verdict.UNKNOWN, findings=findings, unknown=facts)
    system = SystemReport("x", "x", "", Scanned(files, files), (), (result,))
    return replace(sample.report(), systems=(system,))


def test_a_barrel_of_which_nothing_is_known_holds_no_water():
    report = unknown_report(UnknownFact("what it is", "look"))
    made = staves(report.systems, sample.LOONG)
    assert [(one.blocked, one.open, one.parts) for one in made] == [(0, 9, 9)] * len(Layer)
    drawn = svg(made, "t", "k")
    assert drawn.count('class="open"') == drawn.count(">?</text>") == len(Layer)
    assert [height(one, sure=True) for one in made] == [0.0] * len(Layer)
    page = render(report)
    assert "Nothing is known to be held back. Not known (?): all layers." in page
    assert "Nothing is held back" not in page


def test_a_part_that_is_not_known_leaves_its_layer_open_and_no_other():
    report = unknown_report(UnknownFact("whether a builds", "build it", ("pkg:npm/a@1",)))
    made = {one.layer: one for one in staves(report.systems, sample.LOONG)}
    assert [layer for layer, one in made.items() if one.open] == [Layer.LIBRARY]
    assert 0 < height(made[Layer.LIBRARY], sure=True) < height(made[Layer.LIBRARY]) == 1.0
    assert "Not known (?): library (1 part)." in render(report)


def test_an_input_without_files_is_drawn_as_unknown():
    report = unknown_report(UnknownFact("what it is", "look"), files=0)
    assert svg(staves(report.systems, sample.LOONG), "t", "k").count(">?</text>") == len(Layer)
    assert "Not known (?): all layers." in render(report)


def test_what_several_targets_share_is_listed_once():
    page = render(sample.report())
    assert page.count("miniz.c:1201</span>") == 1
    fails = page.partition('id="h-fails"')[2].partition("</section>")[0]
    assert fails.count("<details>") == 1
    assert ", ".join((sample.LOONG, sample.ARM, sample.RISCV)) in fails


def test_staves_count_files_that_fail_for_a_header():
    report = sample.report()
    chip = staves(report.systems, sample.LOONG)[0]
    # Six files with intrinsics, and dispatch.c that only includes one of them.
    assert (chip.layer, chip.blocked, chip.parts) == (Layer.CHIP, 7, 214 + 57 + 3)


def test_an_empty_report_is_a_page_too():
    made = sample.report()
    assert "No target was checked" in render(replace(made, systems=()))
    assert svg([], "none", "x")


# --- in a browser ---------------------------------------------------------------------------

in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, tmp_path):
    def opened(report, **how):
        path = tmp_path / "report.html"
        path.write_text(render(report), encoding="utf-8")
        browser.open(path, **how)
        return browser

    yield opened
    assert not browser.problems
    # Its own address is all that was ever asked for; `data:` is the empty icon.
    assert [url for url in browser.requests if not url.startswith(("file://", "data:"))] == []
    assert len([url for url in browser.requests if url.startswith("file://")]) == 1


SHOWN = "document.querySelectorAll('#rows > details').length"


def choose(browser, field, value):
    browser.run(
        f"(() => {{ const f = document.getElementById('f-{field}'); f.value = {json.dumps(value)};"
        "f.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    browser.run(SETTLED)


@in_browser
def test_filters(page):
    browser = page(sample.report())
    assert browser.run(SHOWN) == 17
    choose(browser, "text", "PAGE_size mmap")
    assert browser.run(SHOWN) == 1
    choose(browser, "text", "")
    choose(browser, "path", "src/simd")
    assert browser.run(SHOWN) == 6
    assert browser.run("document.getElementById('count').textContent") == "6 / 17 findings"
    browser.run("document.getElementById('reset').click()")
    assert browser.run(SHOWN) == 17
    for field, label, count in [
        ("system", "webshop", 1),
        ("target", sample.ARM, 15),
        ("layer", "toolchain", 1),
        ("rule", "chip.char-sign", 5),
    ]:
        value = browser.run(
            f"[...document.querySelectorAll('#f-{field} option')]"
            f".find(o => o.textContent.trim() === {json.dumps(label)}).value"
        )
        choose(browser, field, value)
        assert browser.run(SHOWN) == count, field
        browser.run("document.getElementById('reset').click()")
    browser.run("document.querySelector('#f-severity [value=review]').click()")
    browser.run(SETTLED)
    assert browser.run(SHOWN) == 12


@in_browser
def test_a_verdict_leads_to_its_findings(page):
    browser = page(sample.report())
    browser.run('document.querySelector(\'[data-system="1"][data-target="0"]\').click()')
    assert browser.run(SHOWN) == 1
    assert "lightgbm" in browser.run("document.querySelector('#rows').textContent")


@in_browser
def test_keyboard(page):
    browser = page(sample.report())
    browser.press("/")
    assert browser.run("document.activeElement.id") == "f-text"
    for key in "ring.h":
        browser.press(key)
    browser.run(SETTLED)
    assert browser.run(SHOWN) == 1
    browser.press("Escape", 27)
    browser.run(SETTLED)  # emptying the field filters anew, which would take the focus away later
    browser.run("document.activeElement.blur(), document.getElementById('reset').click()")
    browser.press("j")
    browser.press("j")
    at = "[...document.querySelectorAll('#rows summary')].indexOf(document.activeElement)"
    assert browser.run(at) == 1
    browser.press("k")
    assert browser.run(at) == 0
    browser.press("Enter", 13)
    browser.run(SETTLED)
    opened = browser.run("document.activeElement.parentElement.innerText")
    for part in ("timestamp='2018-02-24'", "What to do", "Why", "Effort", "Sources"):
        assert part in opened


@in_browser
def test_pages(page):
    browser = page(sample.large(5_000))
    assert browser.run(SHOWN) == 100
    assert browser.run("document.getElementById('page').textContent") == "1 / 50"
    browser.run("document.getElementById('after').click()")
    assert browser.run("document.getElementById('page').textContent") == "2 / 50"
    assert browser.run("document.getElementById('before').disabled") is False


@in_browser
@pytest.mark.parametrize("dark", [False, True])
def test_contrast_is_that_of_wcag_aa(page, dark):
    browser = page(sample.report(), dark=dark)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.run(SETTLED)
    assert browser.run(CONTRAST) == []


@in_browser
def test_dark_and_light_by_system_and_by_button(page):
    background = "getComputedStyle(document.body).backgroundColor"
    browser = page(sample.report(), dark=True)
    dark = browser.run(background)
    browser.run("document.getElementById('theme').click()")
    light = browser.run(background)
    assert dark != light
    browser = page(sample.report(), dark=False)
    assert browser.run(background) == light
    assert browser.run("document.getElementById('theme').textContent") == "Dark"


@in_browser
def test_every_control_has_a_name(page):
    browser = page(sample.report())
    nameless = (
        "[...document.querySelectorAll('button, input, select')].filter(e =>"
        "!(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label'))).length"
    )
    assert browser.run(nameless) == 0


@in_browser
@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    for make in (sample.report, sample.hostile):
        browser = page(make(), width=width)
        assert browser.run("document.documentElement.scrollWidth") <= width


@in_browser
def test_the_summary_needs_no_scripts(page):
    browser = page(sample.report(), scripts=False)
    document = browser.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
    box = browser.call("DOM.querySelector", nodeId=document, selector="noscript .note")["nodeId"]
    assert box, "the note for readers without scripts is not shown"
    for selector, seen in (("#filters", False), (".matrix", True), (".barrel", True)):
        node = browser.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        quads = None
        try:
            quads = browser.call("DOM.getContentQuads", nodeId=node)["quads"]
        except RuntimeError:
            assert not seen, selector
        assert bool(quads) is seen, selector


@in_browser
def test_hostile_texts_stay_texts(page):
    browser = page(sample.hostile())
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.run(SETTLED)
    assert browser.run("document.title").endswith("Duanban")
    assert (
        browser.run("document.querySelectorAll('img, iframe, body script:not(#data)').length") == 1
    )
    shown = browser.run("document.getElementById('rows').textContent")
    assert "</script><script>document.title='owned'</script>" in shown
    assert "admin<U+202E><U+2066> // cilbup<U+2069>" in shown
