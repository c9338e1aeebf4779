"""Which packages have what a build says is missing: headers and pkg-config's modules.

Debian's index of all files tells. A package of headers has one name on all of its architectures,
so that this machine's index speaks for the target, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from duanban.locate.interface import Progress
from duanban.proof.closure import lines_of_contents
from duanban.targets.interface import Architecture

_HEADER = re.compile(
    r"fatal error: ([\w./+-]+\.h\w*): No such file|'([\w./+-]+\.h\w*)' file not found"
)
_MODULE = re.compile(
    r"No package '([\w.+-]+)' found|ERROR: Dependency \"([\w.+-]+)\" not found"
    r"|Package '?([\w.+-]+?)'?(?:, required by '[^']*')?,? (?:was )?not found"
    r"|Could NOT find (\w+) \(missing"
)
_CHECKED = re.compile(r"^checking for ([\w./+-]+\.h)\.\.\. no$", re.MULTILINE)
_STOPPED = re.compile(r"^configure: error: ", re.MULTILINE)
_LINE = re.compile(r"(?P<path>\S+)\s+(?P<packages>\S+)")


def missing(log: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the headers and the modules of pkg-config that a build did not find."""
    headers = {one for found in _HEADER.findall(log) for one in found if one}
    modules = {one for found in _MODULE.findall(log) for one in found if one}
    if stopped := _STOPPED.search(log):  # at the last thing that it looked for
        headers |= set(_CHECKED.findall(log[: stopped.start()])[-1:])
    return frozenset(headers), frozenset(modules | {one.lower() for one in modules})


def packages_with(
    headers: Collection[str], modules: Collection[str], here: Architecture, progress: Progress
) -> tuple[str, ...]:
    """Return the development packages that have them, one for each that has one.

    Raises:
        FetchError: apt is missing, or cannot fetch the index.
    """
    if not headers and not modules:
        return ()
    triplet = f"{here.name}-linux-gnu"
    wanted = {
        f"{place}/{name}": name
        for name in headers
        for place in ("usr/include", f"usr/include/{triplet}")
    }
    for name in modules:
        for place in (f"usr/lib/{triplet}", "usr/share"):
            wanted[f"{place}/pkgconfig/{name}.pc"] = name
    return _found(wanted, lines_of_contents(here.names["debian"][0], progress))


def _found(wanted: dict[str, str], lines: Iterable[str]) -> tuple[str, ...]:
    """Return for each name the package with the shortest name, as it is seldom the special one."""
    ends = tuple(path.rpartition("/")[2] for path in wanted)
    found: dict[str, list[str]] = {}
    for line in lines:
        match = _LINE.match(line) if any(end in line for end in ends) else None
        if match and match["path"] in wanted:
            names = (one.rpartition("/")[2] for one in match["packages"].split(","))
            every = found.setdefault(wanted[match["path"]], [])
            every += [name for name in names if name.endswith("-dev")]
    chosen = (min(names, key=lambda name: (len(name), name)) for names in found.values() if names)
    return tuple(sorted(set(chosen)))
