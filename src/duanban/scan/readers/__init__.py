"""Precise readers, one for each kind of language: bytes of a file → views and regions."""

from __future__ import annotations

from collections.abc import Callable

from duanban.scan.build.chains import BUILD_SYNTAXES
from duanban.scan.build.source import BuildSource
from duanban.scan.interface import Source
from duanban.scan.readers.assembler import AssemblerSource
from duanban.scan.readers.c import CSource
from duanban.scan.readers.fortran import FortranSource
from duanban.scan.readers.inline_asm import AsmStatement
from duanban.scan.readers.lexical import read_lexical
from duanban.scan.readers.nasm import NasmSource

__all__ = ["AsmStatement", "AssemblerSource", "CSource", "read_source"]

_CONDITIONAL = frozenset(BUILD_SYNTAXES) | {"python"}
"""Languages whose conditions on machines are evaluated, beside those of the preprocessor."""
_READERS: dict[str, Callable[[bytes], Source]] = {
    "c": CSource,
    "asm": AssemblerSource,
    "fortran": FortranSource,
    "nasm": NasmSource,
}


def read_source(language: str, data: bytes) -> Source:
    """Return `data` as the reader of `language` (a key of `languages.toml`) sees it.

    Any bytes are read; nothing is raised for malformed ones. Languages that the table does not
    describe are plain text, whose code view is all of it.
    """
    reader = _READERS.get(language)
    if reader is not None:
        return reader(data)
    plain = read_lexical(language, data)
    return BuildSource(language, plain) if language in _CONDITIONAL else plain
