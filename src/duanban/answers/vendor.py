"""The tree's own copy of SIMDe, made from the copy that this machine has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from posixpath import dirname, join, normpath

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
SYSTEM = Path("/usr/include")
"""Where Debian's libsimde-dev puts it; PyPI's simde-py is looked at as well."""


def simde_directory() -> Path | None:
    """Return the directory that `simde/x86/sse2.h` stands in on this machine, if it is there."""
    package = find_spec("simde_py")
    own = package.submodule_search_locations if package else None
    for place in (SYSTEM, *(Path(p) / "simde" for p in own or ()), *map(Path, own or ())):
        if (place / "simde" / "x86" / "sse2.h").is_file():
            return place
    return None


def files_needed(directory: Path, headers: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield headers (`simde/x86/sse2.h`) and all that they include, with their contents."""
    pending = sorted(headers)
    seen = set(pending)
    while pending:
        name = pending.pop(0)
        place = directory / name
        if not place.is_file():
            continue
        data = place.read_bytes()
        yield name, data
        for match in _INCLUDE.finditer(data):
            below = normpath(join(dirname(name), match[1].decode("utf-8", "replace")))
            if below not in seen and below.startswith("simde/"):
                seen.add(below)
                pending.append(below)
