"""Names of the Intel headers: which header of SIMDe gives them, or what else says the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

FAMILY = {
    "mmintrin.h": "mmx.h", "xmmintrin.h": "sse.h", "emmintrin.h": "sse2.h", "pmmintrin.h": "sse3.h",
    "tmmintrin.h": "ssse3.h", "smmintrin.h": "sse4.1.h", "nmmintrin.h": "sse4.2.h",
    "avxintrin.h": "avx.h", "avx2intrin.h": "avx2.h", "fmaintrin.h": "fma.h",
    "f16cintrin.h": "f16c.h", "wmmintrin.h": "aes.h clmul.h sse2.h", "xopintrin.h": "xop.h",
}  # fmt: skip
"""Header of one extension to the header of SIMDe that gives the same (GCC's own headers say so)."""

UMBRELLAS = frozenset(
    (
        "immintrin.h", "x86intrin.h", "zmmintrin.h", "avx512fintrin.h", "avx512bwintrin.h",
        "avx512vlintrin.h", "avx512dqintrin.h", "ammintrin.h", "mm_malloc.h", "popcntintrin.h",
        "bmiintrin.h", "bmi2intrin.h", "lzcntintrin.h", "ia32intrin.h", "adxintrin.h",
        "x86gprintrin.h",
    )
)  # fmt: skip
"""Headers of many extensions, and of what SIMDe does not have: the names that are used decide."""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `x86_names.toml`."""

    names: tuple[str, ...]
    define: tuple[str, ...]
    source: str
    code: str = ""
    headers: tuple[str, ...] = ()
    assumes: str = ""


class _Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: tuple[Definition, ...]


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    includes: tuple[str, ...]
    names: str


class _Simde(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    headers: dict[str, _Header]


@cache
def _simde() -> _Simde:
    return msgspec.json.decode(_read("simde.json"), type=_Simde)


def _read(name: str) -> bytes:
    return files("duanban.answers").joinpath(name).read_bytes()


@cache
def simde_names() -> Mapping[str, str]:
    """Return the names that SIMDe gives, each with the header that does."""
    return {name: header for header, one in _simde().headers.items() for name in one.names.split()}


@cache
def definitions() -> Mapping[str, Definition]:
    """Return what else is known, by name."""
    table = msgspec.toml.decode(_read("x86_names.toml"), type=_Names)
    return {name: definition for definition in table.name for name in definition.names}


def without_included(headers: Iterable[str]) -> list[str]:
    """Return SIMDe headers without those that others of them include."""
    wanted = set(headers)
    return sorted(wanted - included_by(wanted))


def included_by(headers: Iterable[str]) -> frozenset[str]:
    """Return the SIMDe headers that `headers` include, and what these do."""
    return frozenset().union(*(_below(header) for header in headers))


@cache
def _below(header: str) -> frozenset[str]:
    direct = _simde().headers[header].includes
    return frozenset(direct).union(*(_below(name) for name in direct))


def definitions_for(names: Collection[str]) -> list[Definition]:
    """Return the definitions that give `names`, each once, in the order of the table."""
    known = definitions()
    return list(dict.fromkeys(known[name] for name in known if name in names))
