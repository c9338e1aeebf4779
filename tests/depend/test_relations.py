"""Relations as Debian Policy writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.depend.architecture import in_list, matches
from duanban.depend.relation import (
    Alternative,
    parse_binary,
    parse_provided,
    parse_source,
    split_relations,
)

NAMES = st.from_regex(r"[a-z0-9][a-z0-9+.\-]{1,8}", fullmatch=True).map(str.encode)
ALTERNATIVES = st.builds(
    lambda name, qualifier, relation: Alternative(name, qualifier, *relation),
    NAMES,
    st.sampled_from([b"", b"any", b"native", b"amd64"]),
    st.one_of(
        st.just((b"", b"")),
        st.tuples(st.sampled_from([b"<<", b"<=", b"=", b">=", b">>"]), NAMES),
    ),
)


@given(alternatives=st.lists(ALTERNATIVES, min_size=1, max_size=4))
def test_what_is_written_is_read(alternatives: list[Alternative]) -> None:
    text = " | ".join(str(one) for one in alternatives)
    assert parse_binary(text.encode()) == tuple(alternatives)


@given(text=st.binary(max_size=60))
def test_anything_is_read_without_an_error(text: bytes) -> None:
    for one in split_relations(text):
        parse_binary(one)
        parse_source(one, b"loong64")
        parse_provided(one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a", [b"a"]),
        (b"a [amd64]", None),
        (b"a [!amd64]", [b"a"]),
        (b"a [linux-any]", [b"a"]),
        (b"a [any-loong64 amd64]", [b"a"]),
        (b"a [hurd-any] | b", [b"b"]),
        (b"a <!nocheck>", [b"a"]),
        (b"a <stage1>", None),
        (b"a <stage1> <!cross>", [b"a"]),
        (b"a <!nocheck !nodoc>", [b"a"]),
        (b"a:native (>= 2) [linux-any] <!stage1>", [b"a"]),
    ],
)
def test_build_relations(text: bytes, expected: list[bytes] | None) -> None:
    found = parse_source(text, b"loong64")
    assert (None if found is None else [one.name for one in found]) == expected


def test_profiles_switch_relations() -> None:
    assert parse_source(b"a <!nocheck>", b"loong64", [b"nocheck"]) is None
    assert parse_source(b"a <stage1>", b"loong64", [b"stage1"]) is not None
    assert parse_source(b"a <!nocheck !nodoc>", b"loong64", [b"nodoc"]) is None


@pytest.mark.parametrize(
    ("wildcard", "architecture", "expected"),
    [
        (b"any", b"loong64", True),
        (b"all", b"loong64", False),
        (b"linux-any", b"loong64", True),
        (b"linux-any", b"hurd-amd64", False),
        (b"any-amd64", b"x32", True),
        (b"any-arm", b"armhf", True),
        (b"any-arm", b"arm64", False),
        (b"gnu-linux-any", b"riscv64", True),
        (b"musl-linux-any", b"riscv64", False),
        (b"musl-any-any", b"musl-linux-loong64", True),
        (b"eabihf-any-any-any", b"armhf", True),
        (b"kfreebsd-any", b"kfreebsd-amd64", True),
    ],
)
def test_wildcards(wildcard: bytes, architecture: bytes, expected: bool) -> None:
    assert matches(wildcard, architecture) is expected


def test_lists_of_architectures() -> None:
    assert in_list(b"amd64 loong64", b"loong64")
    assert not in_list(b"!loong64 !amd64", b"loong64")
    assert in_list(b"!amd64", b"loong64")


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"a", (b"a", b"")), (b"a (= 1.0-1)", (b"a", b"1.0-1")), (b"a:any", (b"a", b""))],
)
def test_provided(text: bytes, expected: tuple[bytes, bytes]) -> None:
    assert parse_provided(text) == expected
