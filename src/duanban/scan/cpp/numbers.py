"""Integers of the preprocessor: 64 bits, signed or unsigned (C17 6.10.1p4)."""

from __future__ import annotations

import re

_SIGN = 1 << 63
MASK = (1 << 64) - 1


class Unsigned(int):
    """A value of `uintmax_t`."""


Value = int | None
"""A value, or None where it is not known."""

_NUMBER = re.compile(
    rb"(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))"
    rb"([uU](?:ll|LL|[lLzZ])?|(?:ll|LL|[lLzZ])[uU]?)?"
)
_ESCAPES = {b"n": 10, b"t": 9, b"r": 13, b"a": 7, b"b": 8, b"f": 12, b"v": 11, b"e": 27}


def wrap(value: int, unsigned: bool) -> int:
    """Return `value` reduced to 64 bits."""
    value &= MASK
    if unsigned:
        return Unsigned(value)
    return value - (1 << 64) if value & _SIGN else value


def number(token: bytes) -> Value:
    """Return the value of an integer constant; None if it is not one (`1.5`, `2x`)."""
    if len(token) > 80:
        return None
    match = _NUMBER.fullmatch(token.replace(b"'", b""))
    if match is None:
        return None
    hexadecimal, binary, octal, decimal, suffix = match.groups()
    digits, base = (
        (hexadecimal, 16) if hexadecimal
        else (binary, 2) if binary
        else (octal, 8) if octal
        else (decimal, 10)
    )  # fmt: skip
    value = int(digits, base)
    if value > MASK:
        return None
    unsigned = (suffix is not None and b"u" in suffix.lower()) or value >= _SIGN
    return wrap(value, unsigned)


def character(token: bytes) -> Value:
    """Return the value of `'a'` where all targets agree on it: one character of ASCII."""
    inside = token[1:-1]
    if len(inside) == 1:
        return inside[0] if inside[0] < 128 else None
    if inside[:1] != b"\\":
        return None
    rest = inside[1:]
    if rest in _ESCAPES:
        return _ESCAPES[rest]
    if rest in (b"\\", b"'", b'"', b"?"):
        return rest[0]
    if re.fullmatch(rb"[0-7]{1,3}", rest):
        value = int(rest, 8)
    elif re.fullmatch(rb"x[0-9a-fA-F]{1,2}", rest):
        value = int(rest[1:], 16)
    else:
        return None
    return value if value < 128 else None  # above, the sign of char decides
