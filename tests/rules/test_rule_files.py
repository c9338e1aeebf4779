"""The schema of rule files is strict, and errors name the file and the rule."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.model.errors import RuleError
from duanban.rules import load_files, load_rules
from duanban.rules.schema import parse_rule

GOOD = {
    "id": "chip.test.one",
    "title": "A rule",
    "layer": "chip",
    "severity": "blocks",
    "confidence": 0.5,
    "languages": ["c"],
    "view": "code",
    "patterns": ["x"],
    "message": "m",
    "why": "w",
    "remedy": "r",
    "effort": [0, 1, 2],
    "sources": ["s"],
    "positive": [{"name": "a.c", "text": "x"}],
    "negative": [{"name": "a.c", "text": "y"}],
}


def test_ids_are_unique_and_sorted():
    ids = [rule.id for rule in load_rules()]
    assert ids == sorted(set(ids))
    assert len(ids) > 60


def test_prefilter_defaults_to_the_patterns():
    assert parse_rule(GOOD, "f.toml").prefilter == ("x",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": "red"}, "unknown key `colour`"),
        ({"id": "Chip.x"}, "`id` must be"),
        ({"id": "os.test.one"}, "must begin with its layer"),
        ({"layer": "moon"}, "`layer` must be one of"),
        ({"severity": "bad"}, "`severity` must be one of"),
        ({"confidence": 0}, "`confidence`"),
        ({"confidence": True}, "`confidence`"),
        ({"languages": []}, "`languages`"),
        ({"patterns": "x"}, "`patterns`"),
        ({"view": "soul"}, "`view` must be one of"),
        ({"guard": "dog"}, "`guard` must be one of"),
        ({"effort": [3, 2, 1]}, "`effort`"),
        ({"effort": [1, 2]}, "`effort`"),
        ({"breaks_compile": 1}, "`breaks_compile`"),
        ({"positive": []}, "positive example"),
        ({"negative": [{"name": "a.c"}]}, "`text` is missing"),
        ({"condition": {"phase": "full"}}, "unknown key `phase`"),
        ({"condition": {"lookup": "moons"}}, "`lookup` must be one of"),
        ({"condition": {"where": {"moon": "== full"}}}, "not a fact"),
        ({"condition": {"where": {"bits": "about 64"}}}, "must be a comparison"),
        ({"judged_by": "moon"}, "`judged_by` must be one of"),
    ],
)
def test_breaches_are_named(change, reason):
    with pytest.raises(RuleError) as caught:
        parse_rule({**GOOD, **change}, "f.toml")
    assert str(caught.value).startswith("f.toml: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_nothing_may_be_left_out(key):
    with pytest.raises(RuleError):
        parse_rule({k: v for k, v in GOOD.items() if k != key}, "f.toml")


_JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers()))


@given(st.dictionaries(st.sampled_from([*GOOD, "condition", "guard", "excludes"]), _JUNK))
def test_damage_gives_a_rule_or_a_rule_error(damage):
    with contextlib.suppress(RuleError):
        parse_rule({**GOOD, **damage}, "f.toml")


@pytest.mark.parametrize(
    "content",
    ["[[rule]", "rule = 3", "rule = [3]", "moon = 1", "defaults = 3", "[defaults]\nid = 'a.b'"],
)
def test_files_that_are_no_rule_files(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_text(content)
    with pytest.raises(RuleError, match=r"^bad\.toml: "):
        load_files([path])


def test_file_that_cannot_be_read(tmp_path):
    with pytest.raises(RuleError, match=r"^none\.toml: "):
        load_files([tmp_path / "none.toml"])


def test_an_id_is_given_once(tmp_path):
    inline = "\n".join(
        f"{key} = {json.dumps(value)}"
        for key, value in GOOD.items()
        if key not in ("positive", "negative")
    )
    examples = "positive = [{name = 'a.c', text = 'x'}]\nnegative = [{name = 'a.c', text = 'y'}]"
    path = tmp_path / "twice.toml"
    path.write_text(f"[[rule]]\n{inline}\n{examples}\n" * 2)
    with pytest.raises(RuleError, match=r"twice\.toml: chip\.test\.one: another rule"):
        load_files([path])
