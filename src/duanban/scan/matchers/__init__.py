"""Engines that say which of many patterns occur in a file, in time linear in its length.

Hyperscan is the fastest where it has wheels (x86_64, aarch64); RE2's `Set` is the portable
engine; Python's `re` always works. All three give the same answer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from duanban.model.errors import UsageError
from duanban.scan.matchers.interface import Matcher

ENGINES = ("hyperscan", "re2", "re")


def build_matcher(patterns: Sequence[bytes], engine: str = "") -> Matcher:
    """Return a matcher for `patterns`, built with the best engine that is installed.

    Args:
        patterns: regular expressions in RE2 syntax without look-around or back-references.
        engine: one of `ENGINES`; empty takes `$DUANBAN_MATCHER`, else the best installed.

    Raises:
        UsageError: the engine asked for is unknown or not installed.
    """
    wanted = engine or os.environ.get("DUANBAN_MATCHER", "")
    if wanted and wanted not in ENGINES:
        raise UsageError(f"unknown matcher {wanted!r}: choose one of {', '.join(ENGINES)}")
    for name in (wanted,) if wanted else ENGINES:
        try:
            return _build(name, patterns)
        except ImportError as error:
            if wanted:
                raise UsageError(f"matcher {wanted!r} is not installed ({error})") from error
    raise AssertionError("the `re` engine is always there")


def _build(name: str, patterns: Sequence[bytes]) -> Matcher:
    if name == "hyperscan":
        from duanban.scan.matchers.hyperscan_engine import HyperscanMatcher  # noqa: PLC0415

        return HyperscanMatcher(patterns)
    if name == "re2":
        from duanban.scan.matchers.re2_engine import Re2Matcher  # noqa: PLC0415

        return Re2Matcher(patterns)
    from duanban.scan.matchers.re_engine import ReMatcher  # noqa: PLC0415

    return ReMatcher(patterns)
