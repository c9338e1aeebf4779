"""The page of short staves, as text and in a browser."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
import staves_sample as sample
from chromium import BROWSER, CONTRAST, SETTLED, Browser, Elements
from hypothesis import given
from hypothesis import strategies as st
from report_golden import check_golden

from duanban.report import bands, curve
from duanban.report.blockers import Waiters
from duanban.report.staves_page import render
from duanban.staves.interface import CurvePoint


def page_of(*pictures):
    return render(pictures, "duanban 0.1.0")


def test_golden():
    check_golden("staves.html", page_of(sample.small()))


@pytest.mark.parametrize("make", [sample.small, sample.large, sample.hostile])
def test_markup_is_well_formed_and_asks_for_nothing(make):
    for pictures in ([make()], [make(), make()]):
        page = Elements()
        page.feed(page_of(*pictures))
        page.check()
        assert [tag for tag, _ in page.seen].count("script") == 1


def test_a_thousand_items_and_staves_stay_below_a_megabyte_and_a_second():
    picture = sample.large(1_500, 1_200)
    started = time.process_time()
    text = page_of(picture)
    assert time.process_time() - started < 1.0
    assert len(text.encode()) < 1_000_000
    assert "… 200 more in the JSON report" in text


def test_nothing_held_back_is_a_page_too():
    empty = replace(sample.small(), staves=(), nodes=(), edges=(), curve=())
    assert "Nothing is held back" in page_of(empty)
    assert "<h1>Short staves</h1>" in page_of()


def test_layers_without_data_say_so():
    text = page_of(sample.small())
    assert "Not known (?): chip, crypto." in text
    assert "chip: no data" in text
    assert text.count('class="stave unknown"') == 2
    assert text.count('class="water"') == 7


def test_what_waits_stands_at_its_shortest_way():
    picture = sample.small()
    tree = Waiters(picture).tree(picture.staves[0])
    assert {node: (one.parent, one.distance, one.items) for node, one in tree.items()} == {
        0: (-1, 0, 3),
        1: (0, 1, 2),
        2: (1, 2, 1),
        3: (1, 2, 1),
    }


def test_what_leads_to_nothing_that_is_held_back_is_left_out():
    picture = sample.small()
    stave = replace(picture.staves[0], blocks=(2,))
    assert set(Waiters(picture).tree(stave)) == {0, 1, 2}


def test_of_a_full_column_the_rest_is_counted():
    text = page_of(sample.large())
    assert 'class="more"' in text


def test_bands_and_curve_take_what_comes():
    picture = sample.small()
    assert bands.svg(replace(picture, staves=()), "x") == ""
    assert "plan: 0 → 0" in curve.svg([CurvePoint(0, 0, 0)], 0, 5, "x")


# --- in a browser ---------------------------------------------------------------------------

in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, tmp_path):
    def opened(*pictures, **how):
        path = tmp_path / "staves.html"
        path.write_text(page_of(*pictures), encoding="utf-8")
        browser.open(path, **how)
        return browser

    yield opened
    assert not browser.problems
    asked = [url for url in browser.requests if not url.startswith("data:")]
    assert len(asked) == 1
    assert asked[0].startswith("file://")


SHOWN = "document.querySelectorAll('.stave-row:not([hidden])').length"


def choose(browser, field, change):
    browser.run(
        f"(() => {{ const f = document.getElementById('s-{field}'); f.{change};"
        "f.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


@in_browser
def test_filters(page):
    browser = page(sample.small())
    for field, change, back, count in (
        ("text", "value = 'READER'", "value = ''", 1),
        ("cause", "value = 'bootstrap cycle'", "value = ''", 2),
        ("layer", "value = 'toolchain'", "value = ''", 2),
        ("chosen", "checked = true", "checked = false", 1),
        ("doubtful", "checked = false", "checked = true", 2),
    ):
        choose(browser, field, change)
        assert browser.run(SHOWN) == count, field
        assert (
            browser.run("document.getElementById('s-count').textContent") == f"{count} of 3 staves"
        )
        choose(browser, field, back)
    choose(browser, "text", "value = 'nowhere'")
    assert browser.run(SHOWN) == 0
    browser.run("document.querySelector('#s-filters [type=reset]').click()")
    browser.run(SETTLED)
    assert browser.run(SHOWN) == 3


@in_browser
def test_a_band_leads_to_its_stave_even_if_that_is_filtered_out(page):
    browser = page(sample.small())
    choose(browser, "text", "value = 'compiler'")
    browser.run(
        "document.querySelector('a.flow').dispatchEvent("
        "new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )
    browser.run(SETTLED)
    assert browser.run("document.getElementById('p0s0').open")
    assert browser.run("document.activeElement.parentElement.id") == "p0s0"


@in_browser
def test_keyboard(page):
    browser = page(sample.small())
    browser.press("/")
    assert browser.run("document.activeElement.id") == "s-text"
    browser.run("document.activeElement.blur()")
    browser.press("j")
    browser.press("j")
    browser.press("k")
    assert browser.run("document.activeElement.parentElement.id") == "p0s0"
    browser.press("Enter", 13)
    browser.run(SETTLED)
    browser.run("document.querySelector('#p0s0 .node[tabindex=\"0\"]').focus()")
    browser.press("ArrowRight", 39)
    browser.press("ArrowDown", 40)
    assert browser.run("document.activeElement.textContent").startswith("reader")
    on = "document.querySelectorAll('#p0s0 .edges path.on').length"
    assert browser.run(on) == 2
    browser.press("ArrowLeft", 37)
    assert browser.run("document.activeElement.textContent").startswith("engine-dev")
    assert browser.run(on) == 1


@in_browser
def test_zoom(page):
    browser = page(sample.large())
    browser.run("document.getElementById('p0s0').open = true")
    width = "document.querySelector('#p0s0 .graph').getBoundingClientRect().width"
    before = browser.run(width)
    for button, ratio in (("in", 1.25), ("natural", 1), ("out", 0.8)):
        browser.run(f"document.querySelector('#p0s0 [data-zoom={button}]').click()")
        assert browser.run(width) == pytest.approx(before * ratio, rel=0.01)


@in_browser
@pytest.mark.parametrize("dark", [False, True])
def test_contrast_is_that_of_wcag_aa(page, dark):
    browser = page(sample.small(), dark=dark)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.run(SETTLED)
    assert browser.run(CONTRAST) == []


@in_browser
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen(page, width):
    for picture in (sample.large(), sample.hostile()):
        browser = page(picture, width=width)
        browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert browser.run("document.documentElement.scrollWidth") <= width


@in_browser
def test_without_scripts_all_but_the_filter_is_there(page):
    browser = page(sample.small(), scripts=False)
    document = browser.call("DOM.getDocument", depth=-1)["root"]["nodeId"]

    def is_seen(selector):
        node = browser.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        try:
            return bool(browser.call("DOM.getContentQuads", nodeId=node)["quads"])
        except RuntimeError:
            return False

    assert [is_seen(one) for one in (".barrel", ".bands", ".curve", "#p0s0", "#s-filters")] == [
        True, True, True, True, False,
    ]  # fmt: skip


@in_browser
def test_hostile_texts_stay_texts(page):
    browser = page(sample.hostile())
    assert browser.run("document.title").endswith("Duanban")
    assert browser.run("document.querySelectorAll('main script, main b b, img').length") == 0
    assert "document.title='owned'" in browser.run("document.getElementById('p0s0').textContent")


@given(st.integers(1, 60), st.integers(0, 60))
def test_the_plan_is_named_beside_its_point_within_the_chart(last, budget):
    points = [CurvePoint(n, n, n) for n in range(last + 1)]
    drawn = curve.svg(points, last, budget, "k")
    label = re.search(r'<text class="plan-name( end)?" x="([\d.]+)" y="([\d.]+)">([^<]*)', drawn)
    x, width = float(label[2]), 8.5 * len(label[4])
    left = x - width if label[1] else x
    assert left >= 0
    assert left + width <= 648
    assert 12 < float(label[3]) < 244
    one = [CurvePoint(0, 0, 0), CurvePoint(1, 4, 4)]
    assert '<desc id="kd">1 stave unlocks 4 of 4' in curve.svg(one, 4, 1, "k")
