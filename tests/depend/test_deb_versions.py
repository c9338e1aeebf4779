"""The order of Debian versions, against dpkg itself."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanban.depend.version import satisfies, version_key

# What dpkg accepts: digits first in the upstream part, no dash at the end.
_PART = st.text("019aAzZ.+~", max_size=6)
VERSIONS = st.builds(
    lambda epoch, digit, part, revision: f"{epoch}{digit}{part}{revision}",
    st.sampled_from(["", "", "", "0:", "1:", "10:"]),
    st.sampled_from("0129"),
    _PART,
    st.one_of(st.just(""), st.builds(lambda text: f"-{text}0", _PART)),
)


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not there to ask")
@settings(max_examples=60)
@given(one=VERSIONS, other=VERSIONS)
def test_dpkg_agrees(one: str, other: str) -> None:
    for operator, word in (
        (b"<<", "lt"),
        (b"<=", "le"),
        (b"=", "eq"),
        (b">=", "ge"),
        (b">>", "gt"),
    ):
        asked = subprocess.run(["dpkg", "--compare-versions", one, word, other], check=False)
        assert satisfies(one.encode(), operator, other.encode()) == (asked.returncode == 0), word


@given(one=VERSIONS, other=VERSIONS, third=VERSIONS)
def test_the_order_is_total(one: str, other: str, third: str) -> None:
    a, b, c = sorted(version_key(text.encode()) for text in (one, other, third))
    assert a <= b <= c
    assert version_key(one.encode()) == version_key(one.encode())


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("1.0~rc1", "1.0"),
        ("1.0", "1.0+b1"),
        ("1.0a", "1.0.1"),
        ("1.9", "1.10"),
        ("9", "1:0"),
        ("1.0-1", "1.0-1+deb1"),
        ("1.0", "1.0-1"),
        ("1.0-0~1", "1.0"),
    ],
)
def test_known_pairs(less: str, more: str) -> None:
    assert version_key(less.encode()) < version_key(more.encode())


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1.0-0"), ("0:1", "1"), ("1.01", "1.1"), ("1", "1-00")]
)
def test_equal_versions(one: str, other: str) -> None:
    assert satisfies(one.encode(), b"=", other.encode())
