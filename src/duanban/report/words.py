"""The words of reports in the reader's language: gettext catalogues under `languages/`.

Code says everything in English; `say` looks that up in the catalogue of the language that the
report is written in. What has no entry stays English. The catalogues are read as text, so that
there is nothing to compile; `scripts/catalogues.py` makes those of 繁體 from those of 简体.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh_CN", "zh_TW")
_TRADITIONAL = re.compile(r"zh[-_](TW|HK|MO|Hant)", re.IGNORECASE)

_ENGLISH: Mapping[str, str] = {}
_catalogue: ContextVar[Mapping[str, str]] = ContextVar("catalogue")


def say(text: str, **values: object) -> str:
    """Return `text` in the language that is spoken, with `{name}` filled in from `values`."""
    said = _catalogue.get(_ENGLISH).get(text, text)
    shown = {name: f"{one:,}" if isinstance(one, int) else one for name, one in values.items()}
    return said.format(**shown) if values else said


def spaced(label: str) -> str:
    """Return a label with room for what follows; a wide colon has it already."""
    return label if label.endswith("：") else f"{label} "


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let `say` speak one of LANGUAGES until the context ends."""
    before = _catalogue.set(catalogue(language))
    try:
        yield
    finally:
        _catalogue.reset(before)


def spoken(environment: Mapping[str, str]) -> str:
    """Return the language that a user's environment asks for, as gettext reads it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := environment.get(name))), "")
    if not locale.startswith("zh"):
        return ENGLISH
    return "zh_TW" if _TRADITIONAL.match(locale) else "zh_CN"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return English to the language's words; nothing for English."""
    if language == ENGLISH:
        return _ENGLISH
    file = resources.files("duanban.report").joinpath("languages", f"{language}.po")
    return read(file.read_text("utf-8"))


def read(text: str) -> dict[str, str]:
    """Return the entries of a catalogue in gettext's PO format, without plurals and contexts."""
    entries: dict[str, str] = {}
    key = value = None
    for line in text.splitlines():
        if line.startswith("msgid "):
            key, value = _unquoted(line[6:]), None
        elif line.startswith("msgstr "):
            value = _unquoted(line[7:])
        elif line.startswith('"'):
            more = _unquoted(line)
            key, value = (f"{key}{more}", None) if value is None else (key, f"{value}{more}")
        if key and value:
            entries[key] = value
    return entries


def _unquoted(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text.strip()[1:-1])
