"""Keys of TOML that are long on purpose.

For a key of n parts (`a.a.a`), `tomllib` keeps n tuples of up to n names until the table ends: a
file of 100 kB can ask for 10 GB. No document that means well has keys of more than a few parts.
"""

from __future__ import annotations

import re

MOST_PARTS = 16
"""Dots of one key that are still taken for honest."""

_STRING_OR_COMMENT = re.compile(
    rb'"""(?:[^\\]|\\.)*?(?:"{3,5}|\\?\Z)'
    rb"|'''.*?(?:'{3,5}|\Z)"
    rb'|"(?:[^"\\\n]|\\.)*+(?:"|\n|\\?\Z)'
    rb"|'[^'\n]*+(?:'|\n|\Z)"
    rb"|#[^\n]*+",
    re.DOTALL,
)
"""Every alternative matches where it begins to, closed or not, so that the time is linear. TOML
finds strings and comments alike (https://toml.io/en/v1.0.0#string), wherever they stand."""

_LONG_KEY = re.compile(
    rb'(?<![\w"-])(?:[\w-]++|"")(?:[ \t]*+\.[ \t]*+(?:[\w-]++|"")){%d}' % (MOST_PARTS + 1)
)


def has_long_key(data: bytes) -> bool:
    """Return whether TOML `data` has a dotted key of more than `MOST_PARTS` dots."""
    if all(line.count(b".") <= MOST_PARTS for line in data.split(b"\n")):
        return False  # a key stands on one line
    return _LONG_KEY.search(_STRING_OR_COMMENT.sub(_blank, data)) is not None


def _blank(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text.startswith(b"#"):
        return b""
    return b'""\n' if text.endswith(b"\n") else b'""'
