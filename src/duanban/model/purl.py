"""Package URLs as people say them (https://github.com/package-url/purl-spec)."""

from __future__ import annotations

from urllib.parse import unquote

_OF_DISTRIBUTIONS = ("deb", "rpm", "apk")


def name_of(purl: str) -> str:
    """Return the name in a package URL: `@img/sharp-linux-x64`; without a distribution."""
    stem = purl.partition("?")[0].partition("@")[0].removeprefix("pkg:")
    type, _, name = stem.partition("/")
    if type in _OF_DISTRIBUTIONS:  # what stands before the name is the distribution
        name = name.rpartition("/")[2]
    return unquote(name)


def title_of(purl: str) -> str:
    """Return name and version: `@img/sharp-linux-x64 0.34.0`."""
    version = unquote(purl.partition("?")[0].partition("@")[2])
    return f"{name_of(purl)} {version}".strip()
