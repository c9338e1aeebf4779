"""The order of versions, as each kind of registry has it.

Semantic Versioning 2.0.0 (npm, Cargo, Go), PEP 440 (PyPI), and Maven's "Version Order
Specification" (POM Reference). A version that is none in its scheme has no place in the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key
from itertools import pairwise, zip_longest
from typing import Any

from packaging.version import InvalidVersion, Version

Key = Any
"""Compares with keys of the same kind as the versions do."""

_SEMVER = re.compile(
    r"v?(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.(?P<patch>\d+))?"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\Z"
)


def semver_key(version: str) -> Key | None:
    """Return the key of a semantic version; a leading `v` and missing parts are forgiven."""
    match = _SEMVER.match(version)
    if match is None:
        return None
    parts = tuple(int(match[part] or 0) for part in ("major", "minor", "patch"))
    return (*parts, match["pre"] is None, tuple(map(_identifier, (match["pre"] or "").split("."))))


def _identifier(text: str) -> tuple[bool, int, str]:
    """Return what sorts the parts of a pre-release: numbers as such, and before words."""
    return (False, int(text), "") if text.isdecimal() else (True, 0, text)


def in_simple_range(wanted: str, version: str) -> bool:
    """Return whether npm's range `wanted` has a version; False for ranges of other forms.

    The forms are `^1.2.3`, `~1.2.3`, `>=1.2.3`, a version, and `*`.
    """
    match = re.match(r"\s*(\^|~|>=|=|)\s*(\d\S*)\s*\Z", wanted)
    own = semver_key(version)
    least = semver_key(match[2]) if match else None
    if wanted.strip() in ("", "*", "latest"):
        return True
    if match is None or own is None or least is None or own < least:
        return False
    fixed = {"^": next((n for n in range(3) if least[n]), 2) + 1, "~": 2, ">=": 0}.get(match[1], 5)
    return bool(own[:fixed] == least[:fixed])


def pep440_key(version: str) -> Key | None:
    """Return the key of a version of a Python project."""
    try:
        return Version(version)
    except InvalidVersion:
        return None


_TOKEN = re.compile(r"\d+|[^\d.-]+|[.-]")
_QUALIFIERS = ("alpha", "beta", "milestone", "rc", "snapshot", "", "sp")
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}


def maven_key(version: str) -> Key:
    """Return the key of a version of a Maven artifact; every text is one.

    Maven orders odd texts in circles (`1` < `1.a.1` < `1-alpha` < `1`: a word comes before a list,
    and a list is ordered by what it begins with), but not what releases are called.
    """
    return _by_maven(_maven_items(version))


def _maven_items(version: str) -> list[Any]:
    """Return numbers and qualifiers, in lists inside lists.

    A list of its own is what stands behind a hyphen, where digits and letters meet, and a
    qualifier that ends the version or stands before digits.
    """
    lists: list[list[Any]] = [[]]

    def deeper() -> None:
        lists[-1].append([])
        lists.append(lists[-1][-1])

    tokens = [*_TOKEN.findall(version.lower()), ""]
    missing = True
    """Whether nothing stands before a separator, which then stands for a zero."""
    for part, following in pairwise(tokens):
        is_separator = part in (".", "-")
        meets = not is_separator and following not in (".", "-", "")
        if not is_separator:
            if not part.isdecimal() and lists[-1] and (meets or not following):
                deeper()
            lists[-1].append(_maven_item(part, before_digit=meets))
        elif missing:
            lists[-1].append(0)
        missing = is_separator
        if part == "-" or meets:
            deeper()
    for one in reversed(lists):
        _trim(one)
    return lists[0]


def _maven_item(part: str, *, before_digit: bool) -> int | str:
    if part.isdecimal():
        return int(part)
    word = _SHORT.get(part, part) if before_digit else part
    return _ALIASES.get(word, word)


def _trim(items: list[Any]) -> None:
    """Take away what says nothing (0, "", an empty list) from the end, and before lists there."""
    for at in range(len(items) - 1, -1, -1):
        if items[at] in (0, "", []):
            del items[at]
        elif not isinstance(items[at], list):
            break


def _rank(item: object) -> int:
    """Return the place of a kind: qualifiers, then lists, then numbers."""
    return 0 if isinstance(item, str) else 1 if isinstance(item, list) else 2


def _sortable(item: int | str) -> tuple[int, str]:
    if isinstance(item, int):
        return item, ""
    known = item in _QUALIFIERS
    return (_QUALIFIERS.index(item), "") if known else (len(_QUALIFIERS), item)


def _compare_maven(one: Any, other: Any) -> int:  # noqa: ANN401 - items nest without end
    if one is None:
        return -_compare_maven(other, None) if other is not None else 0
    if other is None:
        other = 0 if isinstance(one, int) else "" if isinstance(one, str) else []
    if _rank(one) != _rank(other):
        return _rank(one) - _rank(other)
    if isinstance(one, list):
        pairs = zip_longest(one, other)
        return next((found for pair in pairs if (found := _compare_maven(*pair))), 0)
    a, b = _sortable(one), _sortable(other)
    return (a > b) - (a < b)


_by_maven: Callable[[Any], Key] = cmp_to_key(_compare_maven)
_UNSTABLE = re.compile(
    r"(?i)(?<![a-z])(?:alpha|beta|milestone|rc|cr|snapshot|pre|ea|dev|[abm](?=\d))"
)

KEYS: Mapping[str, Callable[[str], Key | None]] = {
    "npm": semver_key,
    "cargo": semver_key,
    "golang": semver_key,
    "pypi": pep440_key,
    "maven": maven_key,
}
"""Type of a package URL to the order of its versions."""


def is_prerelease(kind: str, version: str) -> bool:
    """Return whether a version comes before a release that it is meant for."""
    key = KEYS[kind](version)
    if kind == "pypi":
        return key is not None and key.is_prerelease
    if kind == "maven":
        return _UNSTABLE.search(version) is not None
    return key is not None and not key[3]


def later(kind: str, version: str, others: Iterable[str]) -> list[str]:
    """Return the releases among `others` that come after `version`, in order.

    Pre-releases are left out, unless `version` is one.
    """
    order = KEYS[kind]
    own = order(version)
    if own is None:
        return []
    keyed = [(key, one) for one in others if (key := order(one)) is not None and key > own]
    found = [one for _, one in sorted(keyed, key=lambda pair: pair[0])]
    return [one for one in found if is_prerelease(kind, version) or not is_prerelease(kind, one)]
