"""The formats there are, and which one a file name asks for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from duanban.model.errors import UsageError
from duanban.report.as_csv import Csv
from duanban.report.as_cyclonedx import CycloneDx
from duanban.report.as_json import Json
from duanban.report.html import Html
from duanban.report.interface import Format
from duanban.report.markdown import Markdown
from duanban.report.sarif import Sarif
from duanban.report.terminal import Terminal

_FORMATS: tuple[Format, ...] = (Terminal(), Json(), Sarif(), Markdown(), Csv(), Html(), CycloneDx())


def formats() -> Mapping[str, Format]:
    """Return every format by its name."""
    return MappingProxyType({each.name: each for each in _FORMATS})


def format_for(path: str | None = None, explicit: str | None = None) -> Format:
    """Return the format that `explicit` names, or else the one that the file name `path` ends in.

    With neither, or for a path of `-` (standard output), it is the terminal format.

    Raises:
        UsageError: there is no such format, or the file name does not say which one is meant.
    """
    known = formats()
    if explicit is not None:
        if explicit not in known:
            raise UsageError(f"no format is called {explicit!r}; there are {', '.join(known)}")
        return known[explicit]
    if path is None or path == "-":
        return known["terminal"]
    # The longest ending wins, so that `x.sarif.json` is SARIF and not plain JSON.
    endings = sorted(
        ((suffix, each) for each in known.values() for suffix in each.suffixes),
        key=lambda pair: -len(pair[0]),
    )
    for suffix, each in endings:
        if path.lower().endswith(suffix):
            return each
    raise UsageError(
        f"{path}: its name does not say which format is meant; "
        f"end it in one of {', '.join(sorted(suffix for suffix, _ in endings))}, or name a format"
    )
