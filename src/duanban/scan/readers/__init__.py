"""Precise readers, one for each kind of language: bytes of a file → views and regions."""

from __future__ import annotations

from duanban.scan.interface import PlainSource, Source
from duanban.scan.readers.c import CSource


def read_source(language: str, data: bytes) -> Source:
    """Return `data` as the reader of `language` sees it (see `scan/languages.toml`)."""
    if language == "c":
        return CSource(data)
    return PlainSource(data)
