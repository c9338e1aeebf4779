"""Versions of Debian packages and their order (deb-version(7), Debian Policy 5.6.12)."""

from __future__ import annotations

import re
from functools import cache

_ORDER = bytes(
    0 if byte == ord("~") else byte if chr(byte).isalpha() and byte < 128 else (byte + 128) % 256
    for byte in range(256)
)
"""Per byte its rank within a part without digits: `~` before the end of the part (1), that before
letters, those before everything else. Versions are ASCII, so no two ranks meet."""

_PAIR = re.compile(rb"([^0-9]*)0*([0-9]*)")


@cache
def version_key(version: bytes) -> bytes:
    """Return bytes that compare as the versions do.

    A version is an epoch, an upstream part and a revision; of each part, stretches without and
    with digits are compared in turn. In the key each stretch without digits ends in 1, each number
    is its number of digits and the digits, and each part ends in 1.
    """
    epoch, colon, rest = version.partition(b":")
    if not colon:
        epoch, rest = b"0", version
    upstream, _, revision = rest.rpartition(b"-")
    if not upstream:
        upstream, revision = rest, b""
    return _part(epoch) + _part(upstream) + _part(revision)


@cache
def _part(text: bytes) -> bytes:
    keys = [
        letters.translate(_ORDER) + b"\1" + bytes((min(len(digits), 255),)) + digits
        for letters, digits in (m.groups() for m in _PAIR.finditer(text or b"0") if m.group())
    ]
    return b"".join(keys) + b"\1"


def satisfies(version: bytes, operator: bytes, wanted: bytes) -> bool:
    """Return whether `version` stands in the relation `operator` to `wanted`.

    Args:
        version: of a package.
        operator: `<<`, `<=`, `=`, `>=`, `>>`, or the obsolete `<` (which means `<=`) and `>`
            (which means `>=`); Debian Policy 7.1.
        wanted: what the relation names.
    """
    if operator == b"=":
        return version == wanted or version_key(version) == version_key(wanted)
    if version == wanted:
        return operator in (b">=", b"<=", b"<", b">")
    one, other = version_key(version), version_key(wanted)
    if operator in (b">=", b">"):
        return one >= other
    if operator == b">>":
        return one > other
    if operator == b"<<":
        return one < other
    return one <= other
