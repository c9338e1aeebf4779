"""The catalogues of report words say all that reports say, and nothing else.

A new label or title of a rule needs its entry in `src/duanban/report/languages/zh_CN.po`; then run
`scripts/catalogues.py`. Messages and first sentences of remedies stay English until they have one.
"""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path

import pytest

from duanban.report.words import LANGUAGES, catalogue, read
from duanban.rules import load_rules

ROOT = Path(__file__).parents[2]
CHINESE = [language for language in LANGUAGES if language != "en"]
_spec = importlib.util.spec_from_file_location("catalogues", ROOT / "scripts" / "catalogues.py")
assert _spec is not None
catalogues = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogues)


@pytest.mark.parametrize("language", CHINESE)
def test_a_catalogue_is_complete_and_has_nothing_dead(language):
    has = set(catalogue(language))
    titles = {rule.title for rule in load_rules()}
    labels = set(catalogues.labels())
    assert min(len(titles), len(labels)) > 100
    assert (labels | titles) - has == set(), "translate these in zh_CN.po"
    said = set(catalogues.said())
    assert len(said & has) > 0.95 * len(said)
    assert len(has - said) < 0.05 * len(said), "nobody says these"


@pytest.mark.parametrize("language", CHINESE)
def test_words_keep_their_places_and_their_code(language):
    for english, chinese in catalogue(language).items():
        places = re.compile(r"\{\w+\}")
        assert sorted(places.findall(chinese)) == sorted(places.findall(english)), english
        code = re.compile(r"`[^`]+`")
        assert sorted(code.findall(chinese)) == sorted(code.findall(english)), english


def test_traditional_is_made_of_simplified():
    pytest.importorskip("opencc", reason="OpenCC is not installed")
    simplified = (catalogues.LANGUAGES / "zh_CN.po").read_text("utf-8")
    made = catalogues.traditional(simplified)
    assert (catalogues.LANGUAGES / "zh_TW.po").read_text("utf-8") == made


@pytest.mark.parametrize("language", CHINESE)
def test_catalogues_are_read_as_gettext_reads_them(language):
    pofile = pytest.importorskip("babel.messages.pofile", reason="Babel is not installed")
    text = (catalogues.LANGUAGES / f"{language}.po").read_bytes()
    known = {m.id: m.string for m in pofile.read_po(io.BytesIO(text)) if m.id}
    assert read(text.decode()) == known


def test_a_long_entry_may_take_several_lines():
    text = 'msgid ""\nmsgstr "head"\n\n# note\nmsgid "a "\n"\\"b\\""\nmsgstr ""\n"c"\n"d\\\\"\n'
    assert read(text) == {'a "b"': "cd\\"}
