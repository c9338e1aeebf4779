from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.check.suppress import Suppression, apply_suppressions, covers, today
from duanban.model import Effort, Finding, Layer, Severity
from duanban.model.errors import ConfigError

DAY = date(2026, 11, 23)


def finding(id="a", rule="chip.char-sign", path="src/a.c"):
    return Finding(
        id, rule, Layer.CHIP, Severity.REVIEW, 0.5, path, 1, 1, "message", "remedy", Effort(1, 2, 3)
    )


@pytest.mark.parametrize(
    ("glob", "text", "expected"),
    [
        ("src/*.c", "src/a.c", True),
        ("src/*.c", "src/x/a.c", False),
        ("src/**", "src/x/y/a.c", True),
        ("src/**/a.c", "src/a.c", True),
        ("src/**/a.c", "src/x/y/a.c", True),
        ("src/**/a.c", "src/x/y/b.c", False),
        ("**/a.c", "a.c", True),
        ("src", "src/x/a.c", True),
        ("src/", "src/a.c", True),
        ("./src", "src/a.c", True),
        ("src", "src2/a.c", False),
        ("sr", "src", False),
        ("?.c", "a.c", True),
        ("?", "/", False),
        ("[ab].c", "b.c", True),
        ("[!ab].c", "b.c", False),
        ("A.c", "a.c", False),
        ("**", "x/y", True),
        ("", "x", False),
        ("a.c", "a+c", False),
        ("chip.*", "chip.intrinsics.x86", True),
    ],
)
def test_covers(glob, text, expected):
    assert covers(glob, text) is expected


@given(st.lists(st.sampled_from(["a", "b", "**", "*", "?"]), min_size=1, max_size=5), st.data())
def test_covers_agrees_with_a_plain_recursive_reading(parts, data):
    names = data.draw(st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5))

    def reads(parts, names):
        if not parts:
            return True
        if parts[0] == "**":
            return reads(parts[1:], names) or (bool(names) and reads(parts, names[1:]))
        one = {"*": True, "?": bool(names) and len(names[0]) == 1}
        fits = bool(names) and one.get(parts[0], parts[0] == names[0])
        return fits and reads(parts[1:], names[1:])

    assert covers("/".join(parts), "/".join(names)) is reads(parts, names)


@pytest.mark.parametrize("glob", ["*a" * 40 + "b", "**/" * 60 + "b", "**/*a" * 20 + "b"])
def test_a_hostile_glob_takes_no_time(glob):
    start = time.process_time()
    assert not covers(glob, "a" * 2000)
    assert not covers(glob, "/".join("a" * 200))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "fields",
    [
        {"rule": "chip.other"},
        {"rule": "chip.char-sign", "path": "tests/**"},
        {"id": "b"},
        {"id": "a", "target": "debian-*"},
    ],
)
def test_every_field_must_cover(fields):
    kept, aside, _ = apply_suppressions(
        [finding()], [Suppression("why", **fields)], "openeuler-x", DAY
    )
    assert kept
    assert not aside


def test_what_is_set_aside_keeps_reason_owner_source_and_date():
    suppression = Suppression(
        "why", rule="chip.*", owner="me", expires=date(2027, 1, 1), source="pyproject.toml"
    )
    kept, (aside,), warnings = apply_suppressions([finding()], [suppression], "t", DAY)
    assert kept == () == warnings
    assert aside.finding == finding()
    assert aside.reason == "why (owner: me)"
    assert (aside.source, aside.expires) == ("pyproject.toml", "2027-01-01")


def test_it_holds_through_its_last_day_and_no_longer():
    suppression = Suppression("why", rule="chip.*", expires=DAY)
    assert apply_suppressions([finding()], [suppression], "t", DAY)[1]
    kept, aside, (warning,) = apply_suppressions(
        [finding()], [suppression], "t", date(2026, 11, 24)
    )
    assert kept == (finding(),)
    assert not aside
    assert "expired on 2026-11-23" in warning.fact
    assert "1 finding" in warning.fact
    assert "duanban.toml" in warning.how


def test_an_expired_one_that_covers_nothing_is_no_question():
    suppression = Suppression("why", rule="os.*", expires=date(2020, 1, 1))
    assert apply_suppressions([finding()], [suppression], "t", DAY)[2] == ()


def test_no_finding_is_lost_and_order_stays():
    findings = [finding(str(number), path=f"src/{number}.c") for number in range(20)]
    kept, aside, _ = apply_suppressions(findings, [Suppression("why", path="src/1*.c")], "t", DAY)
    assert [each.id for each in kept] == [str(n) for n in range(20) if not str(n).startswith("1")]
    assert {*kept, *(each.finding for each in aside)} == {*findings}


def test_today(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert today() == date(1970, 1, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH"):
        today()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert today() >= date(2026, 1, 1)
