"""Writes package URLs quickly: what `packageurl` gives, for the few types that readers need.

Canonical form as https://github.com/package-url/purl-spec says; a test compares with `packageurl`.
"""

from __future__ import annotations

import re
from urllib.parse import quote

_PLAIN = re.compile(r"[A-Za-z0-9.~_-]*\Z")
_PYPI_SEPARATORS = re.compile(r"[-_.]+")


def _quoted(text: str) -> str:
    if _PLAIN.match(text):
        return text
    return quote(text, errors="replace").replace("%3A", ":")


def _with_version(stem: str, version: str) -> str:
    return f"{stem}@{_quoted(version)}" if version else stem


def deb_purl(name: str, version: str, architecture: str, vendor: str = "debian") -> str:
    """Return the package URL of a Debian binary package."""
    stem = _with_version(f"pkg:deb/{_quoted(vendor)}/{_quoted(name.lower())}", version)
    return f"{stem}?arch={_quoted(architecture)}" if architecture else stem


def pypi_name(name: str) -> str:
    """Return the normalised name of a Python distribution (PEP 503)."""
    return _PYPI_SEPARATORS.sub("-", name).lower()


def pypi_purl(name: str, version: str = "") -> str:
    """Return the package URL of a Python distribution."""
    return _with_version(f"pkg:pypi/{_quoted(name).lower().replace('_', '-')}", version)


def npm_purl(name: str, version: str = "") -> str:
    """Return the package URL of an npm package, with or without a scope."""
    scope, slash, base = name.rpartition("/")
    stem = f"{_quoted(scope)}/{_quoted(base).lower()}" if slash else _quoted(name).lower()
    return _with_version(f"pkg:npm/{stem}", version)


def make_purl(
    kind: str, name: str, version: str = "", namespace: str = "", **qualifiers: str
) -> str:
    """Return a package URL of any type; empty parts and qualifiers are left out."""
    parts = [part for part in namespace.split("/") if part] + [name]
    stem = _with_version("/".join([f"pkg:{kind}", *map(_quoted, parts)]), version)
    given = [f"{key}={_quoted(value)}" for key, value in sorted(qualifiers.items()) if value]
    return f"{stem}?{'&'.join(given)}" if given else stem


def qualifier(purl: str, name: str) -> str:
    """Return the value of a qualifier as it stands in the purl; empty if it has none."""
    for pair in purl.partition("#")[0].partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return value
    return ""


def split_version(purl: str) -> tuple[str, str]:
    """Return a package URL without version and qualifiers, and its version."""
    stem, _, version = purl.partition("?")[0].partition("@")
    return stem, version
