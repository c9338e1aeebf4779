"""The order of versions: examples of the standards, Maven's own answers, and what any order has."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanban.indexes.versions import KEYS, is_prerelease, later, maven_key, semver_key

MAVEN = (Path(__file__).parent / "data/maven_versions.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", MAVEN)
def test_maven_orders_them_like_that(line):
    one, sign, other = line.split()
    first, second = maven_key(one), maven_key(other)
    assert (first > second) - (first < second) == {"<": -1, "=": 0, ">": 1}[sign]


@pytest.mark.parametrize(
    ("kind", "rising"),
    [
        # Semantic Versioning 2.0.0, 11.
        ("npm", "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11"),
        ("npm", "1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1 10.0.0"),
        ("cargo", "0.16.20 0.17 0.17.1"),
        # Go Modules Reference, Pseudo-versions.
        ("golang", "v0.0.0-20191109021931-daa7c04131f5 v0.0.0-20220811171246-fbc7d0a398ab v0.1.0"),
        ("golang", "v1.2.3 v1.2.4-0.20191109021931-daa7c04131f5 v1.2.4 v2.0.0+incompatible"),
        # PEP 440, Summary of permitted suffixes and relative ordering.
        ("pypi", "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0b2 1.0rc1 1.0 1.0.post456 1.1.dev1"),
        # POM Reference, Version Order Specification.
        ("maven", "1-alpha 1-beta 1-m3 1-rc 1-SNAPSHOT 1 1-sp 1-foo10 1-1 1.1"),
        ("maven", "4.1.9.Final 4.1.100.Final"),
    ],
)
def test_examples_of_the_standards(kind, rising):
    keys = [KEYS[kind](one) for one in rising.split()]
    assert all(one < other for one, other in pairwise(keys))


@pytest.mark.parametrize("version", ["", "latest", "1.x", "^1.0.0", "1.2.3.4", "git+ssh://a"])
def test_what_is_no_version_has_no_place(version):
    assert semver_key(version) is None
    assert later("npm", version, ["1.0.0"]) == []
    assert later("npm", "1.0.0", [version]) == []


@pytest.mark.parametrize(
    ("kind", "version", "others", "found"),
    [
        (
            "npm",
            "0.33.5",
            "0.34.5 0.34.0 0.35.0-rc.1 0.33.5 0.9.9 0.100.0",
            "0.34.0 0.34.5 0.100.0",
        ),
        ("npm", "1.0.0-rc.1", "1.0.0-rc.2 1.0.0", "1.0.0-rc.2 1.0.0"),
        ("maven", "5.9.0", "5.13.0 5.10.0 5.8.0 5.11.0-RC1", "5.10.0 5.13.0"),
        ("pypi", "9.0", "10.0 9.1rc1 8.9", "10.0"),
    ],
)
def test_later_releases_in_order(kind, version, others, found):
    assert later(kind, version, others.split()) == found.split()


@pytest.mark.parametrize(
    ("kind", "version", "early"),
    [
        ("maven", "2.0.0-M1", True),
        ("maven", "1.0.Beta2", True),
        ("maven", "1.0b2", True),
        ("maven", "31.1-android", False),
        ("maven", "4.1.100.Final", False),
        ("golang", "v0.0.0-20220811171246-fbc7d0a398ab", True),
        ("cargo", "1.0.0+build", False),
        ("pypi", "1.0.post1", False),
    ],
)
def test_pre_releases(kind, version, early):
    assert is_prerelease(kind, version) is early


TOKENS = st.sampled_from(["0", "1", "2", "10", "alpha", "a", "rc", "sp", "ga", "foo", ".", "-"])
VERSIONS = st.lists(TOKENS, max_size=6).map("".join)


@given(VERSIONS, VERSIONS)
def test_maven_compares_any_two_versions_one_way(one, other):
    a, b = maven_key(one), maven_key(other)
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a < b) == (b > a)


RELEASES = st.from_regex(
    r"[1-9](\.[0-9]){0,2}(-(alpha|beta|m|rc|sp|snapshot|foo)[0-9]?)?", fullmatch=True
)


@given(st.lists(RELEASES, min_size=3, max_size=3))
def test_maven_has_a_total_order_of_releases(versions):
    a, b, c = sorted(map(maven_key, versions))
    assert a <= b <= c
    assert a <= c


@given(VERSIONS)
def test_zeros_and_final_at_the_end_say_nothing_to_maven(version):
    assert maven_key(f"1{version}") == maven_key(f"1{version}".upper())
    assert maven_key("1.2") == maven_key("1.2.0") == maven_key("1.2-final") == maven_key("1.2.ga")


NUMBERS = st.integers(0, 30)
PARTS = st.tuples(NUMBERS, NUMBERS, NUMBERS)


@given(PARTS, PARTS)
def test_plain_versions_have_the_order_of_their_numbers_everywhere(one, other):
    a, b = ".".join(map(str, one)), ".".join(map(str, other))
    for kind, key in KEYS.items():
        assert (key(a) < key(b)) == (one < other), kind
