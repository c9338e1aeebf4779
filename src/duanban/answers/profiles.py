"""Profiles of Maven for one machine each, as rows of a table.

`<profile>` with `<arch>amd64</arch>` under `<os>` tells what is so on that machine. Only those for
Linux count, or for any system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.work import Text

_PROFILE = re.compile(
    rb"^([ \t]*)<profile>[ \t]*\r?\n(?:(?!\1</profile>)[^\n]*\n){1,200}\1</profile>", re.MULTILINE
)
_ARCH = re.compile(rb"<arch>\s*!?[\w.-]+\s*</arch>")
_OTHER_SYSTEM = re.compile(rb"(?i)<(?:family|name)>\s*(?!linux|unix)[^<]*</(?:family|name)>")
_ELEMENT = re.compile(rb"<([\w.-]+)>([^<>]*)</\1>")
_FREE = (b"id", b"arch", b"name", b"family", b"description")
"""Elements whose text names nothing that must exist."""


def profiles(text: Text) -> Iterator[tuple[int, int]]:
    """Yield the first and last lines of profiles for one machine."""
    for match in _PROFILE.finditer(text.data):
        if _ARCH.search(match[0]) and b"!" not in match[0] and not _OTHER_SYSTEM.search(match[0]):
            yield text.line(match.start()), text.line(match.end() - 1)


def doubt(profile: bytes, names: tuple[str, ...]) -> str:
    """Return what a profile takes for granted that nobody here can know; empty if nothing."""
    for element in _ELEMENT.finditer(profile):
        value = element[2].strip()
        named = [name for name in names if name.encode() in value]
        if element[1] not in _FREE and named and value.decode("utf-8", "replace") not in names:
            return f"whether {value.decode('utf-8', 'replace')} exists"
    return ""
