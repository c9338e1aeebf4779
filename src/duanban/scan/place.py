"""Paths that speak of an architecture: `arch/x86/`, `memcpy-avx2.S`, `linux-arm64/`.

A file whose path names another architecture is not for the target. Where the target has a
counterpart at the same place (`arch/loongarch/` beside `arch/x86/`), the file is out of the
question; where it has none, the file is looked at like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """The names of `places.toml`."""

    pattern: re.Pattern[str]
    """Finds a name in a path; case does not matter."""
    architectures: dict[str, frozenset[str]]
    """Name to the architectures it stands for."""
    ambiguous: frozenset[str]
    """Names that mean other things as well: alone, without a counterpart, they say nothing."""
    counterparts: dict[str, tuple[str, ...]]
    """Architecture to the names that a directory or file for it may have."""
    generic: tuple[str, ...]
    """Names of what serves every architecture."""
    extensions: frozenset[str]
    """Those of the names that are of extensions, which a machine may do without."""


@cache
def place_names() -> PlaceNames:
    """Return the names, read once."""
    text = resources.files("duanban.scan").joinpath("places.toml").read_text("utf-8")
    architectures: dict[str, frozenset[str]] = {}
    counterparts: dict[str, tuple[str, ...]] = {}
    ambiguous: set[str] = set()
    extensions: set[str] = set()
    content = tomllib.loads(text)
    for place in content["place"]:
        for name in (*place["names"], *place["extensions"]):
            architectures[name] = frozenset(place["architectures"])
        ambiguous.update(place.get("ambiguous", ()))
        extensions.update(place["extensions"])
        for architecture in place["architectures"]:
            counterparts[architecture] = (*place["names"], *place["extensions"])
    longest_first = sorted(architectures, key=len, reverse=True)
    alternation = "|".join(re.escape(name) for name in longest_first)
    joining = "|".join(re.escape(name) for name in content["joining"])
    pattern = re.compile(
        rf"(?<![^/_.\-])((?:{alternation})(?![^/_.\-])|(?:{joining})(?=[a-z]))", re.IGNORECASE
    )
    return PlaceNames(
        pattern,
        architectures,
        frozenset(ambiguous),
        counterparts,
        tuple(content["generic"]),
        frozenset(extensions),
    )


NONE: frozenset[int] = frozenset()

_SHARED = {"aarch64": ("arm",)}
"""Names of a smaller sister under which projects often keep what serves both."""


class Elsewhere:
    """Decides for the paths of one tree which of them are for another architecture.

    Args:
        paths: all files of the tree, relative to its root.
        architectures: of the targets, in order.
    """

    def __init__(self, paths: Iterable[str], architectures: Sequence[str]) -> None:
        self._names = place_names()
        self._architectures = tuple(architectures)
        self._by_directory: dict[str, list[str]] = {}
        for path in paths:
            directory, _, name = path.rpartition("/")
            self._by_directory.setdefault(directory, []).append(name)
        search = self._names.pattern.search
        self._naming_files = {
            f"{directory}/{name}" if directory else name
            for directory, names in self._by_directory.items()
            for name in names
            if search(name)
        }
        self._present = frozenset(self._prefixes_that_name())

    def _prefixes_that_name(self) -> Iterable[str]:
        """Yield the directories and files whose path names an architecture, in lower case."""
        for directory in self._by_directory:
            if self._names.pattern.search(directory):
                yield directory.lower()
                yield from (parent.lower() for parent in _parents(directory))
        yield from (path.lower() for path in self._naming_files)

    @cached_property
    def _all(self) -> frozenset[str]:
        """Return all directories and files, in lower case."""
        found: set[str] = set()
        for directory, names in self._by_directory.items():
            prefix = f"{directory}/".lower() if directory else ""
            found.update(prefix + name.lower() for name in names)
            found.add(directory.lower())
            found.update(parent.lower() for parent in _parents(directory))
        return frozenset(found)

    def excluded(self) -> dict[str, frozenset[int]]:
        """Return, per path that is out of the question for a target, the indexes of those."""
        found: dict[str, frozenset[int]] = {}
        for directory, names in self._by_directory.items():
            whole = self._without(directory, 0)
            prefix = f"{directory}/" if directory else ""
            for name in names:
                path = prefix + name
                own = self._without(path, len(prefix)) if path in self._naming_files else NONE
                if whole or own:
                    found[path] = whole | own
        return found

    def _without(self, path: str, start: int) -> frozenset[int]:
        """Return the targets that have a counterpart for a name in `path` from `start` on."""
        without = NONE
        for match in self._names.pattern.finditer(path, start):
            end = path.find("/", match.end())
            without |= self._judge(path[: end if end >= 0 else len(path)], match)
        return without

    def is_for_others(self, path: str, architecture: str) -> bool:
        """Return whether `path` names architectures, and none of them is `architecture`."""
        named = self._meant(path)
        return bool(named) and not any(architecture in meant for meant in named)

    def is_its_own(self, path: str, architecture: str) -> bool:
        """Return whether `path` names architectures, and each time `architecture`."""
        named = self._meant(path)
        return bool(named) and all(architecture in meant for meant in named)

    def architectures(self, path: str) -> frozenset[str]:
        """Return the architectures that `path` names; none for a path that serves all."""
        return frozenset().union(*self._meant(path))

    def _meant(self, path: str) -> list[frozenset[str]]:
        return [
            self._names.architectures[match.group(1).lower()]
            for match in self._names.pattern.finditer(path)
            if match.group(1).lower() not in self._names.ambiguous or self._is_in_row(path, match)
        ]

    def _is_in_row(self, path: str, match: re.Match[str]) -> bool:
        """Return whether a name that may mean something else stands beside plain ones of its form.

        `impl_vmx` is for an architecture if there is `impl_sse`.
        """
        end = path.find("/", match.end())
        prefix = path[: end if end >= 0 else len(path)].lower()
        before, after = prefix[: match.start()], prefix[match.end() :]
        plain = self._names.architectures.keys() - self._names.ambiguous
        return any(f"{before}{name}{after}" in self._present for name in plain)

    def has_alternative(self, path: str) -> bool:
        """Return whether the place that `path` names has something for other architectures.

        That is a directory or file of the same form for a further architecture (`src/arm` beside
        `src/x86`), a generic one (`src/generic`, `sum_c.c`), or the name without the architecture
        (`sum.c` beside `sum_sse2.c`).
        """
        match = self._names.pattern.search(path)
        if match is None:
            return False
        end = path.find("/", match.end())
        prefix = path[: end if end >= 0 else len(path)].lower()
        before, after = prefix[: match.start()], prefix[match.end() :]
        meant = self._names.architectures[match.group(1).lower()]
        others = (name for name, served in self._names.architectures.items() if not served & meant)
        forms = {f"{before}{name}{after}" for name in (*others, *self._names.generic)}
        forms.add(before.rstrip("_-.") + after)
        forms.discard(prefix)
        return not forms.isdisjoint(self._all)

    def has_stand_in(self, path: str, others: Iterable[str], architecture: str) -> bool:
        """Return whether one of `others` is `path` for some machine that is not `architecture`.

        That is the same path but for the name of an architecture (`arch/pdp10/regs.h` for
        `arch/x86/regs.h`), of whatever machine, and none of what serves every architecture.
        """
        match = self._names.pattern.search(path)
        if match is None:
            return False
        before, after = path[: match.start()], path[match.end() :]
        own = (*self._names.counterparts.get(architecture, ()), *_SHARED.get(architecture, ()))
        fitting = {*own, *self._names.generic}
        return any(
            "/" not in (middle := other[len(before) : len(other) - len(after)])
            and middle.lower() not in fitting
            for other in others
            if other.startswith(before) and other.endswith(after) and other != path
        )

    def place(self, path: str) -> str:
        """Return the part of `path` up to the first component that names an architecture."""
        match = self._names.pattern.search(path)
        end = path.find("/", match.end()) if match else -1
        return path[:end] if end >= 0 else path

    def _judge(self, prefix: str, match: re.Match[str]) -> frozenset[int]:
        """Return the targets that have a counterpart of `prefix` and are not meant by it."""
        meant = self._names.architectures[match.group(1).lower()]
        return frozenset(
            index
            for index, architecture in enumerate(self._architectures)
            if architecture not in meant and self._has_counterpart(prefix, match, architecture)
        )

    def _has_counterpart(self, prefix: str, match: re.Match[str], architecture: str) -> bool:
        before, after = prefix[: match.start()].lower(), prefix[match.end() :].lower()
        return any(
            f"{before}{name}{after}" in self._present
            for name in self._names.counterparts.get(architecture, ())
        )


def _parents(path: str) -> Iterable[str]:
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
