"""What a tree's own macros are on each target.

The preprocessor sees one file; this joins what all files of a tree say. For a macro that some
condition left undecided:

* the tree defines it, surely on the target: it is defined;
* the tree defines it, but on the target none of those places is compiled: it is not defined;
* the build system mentions it: a header check is answered from the target's headers, a switch for
  another architecture's instructions is off, anything else stays unknown;
* nobody mentions it: it is a switch that users may set and by default is not.

Macros depend on each other, so this is repeated until nothing changes: first everything is taken
to be undefined, then what is found to be defined or open is added (a least fixpoint).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from duanban.model import Truth
from duanban.scan.cpp.directives import MacroDefinition
from duanban.scan.cpp.outline import Outline
from duanban.scan.cpp.tracker import regions
from duanban.scan.includes import UNIT_SUFFIXES
from duanban.scan.interface import MacroEnvironment
from duanban.scan.place import place_names
from duanban.scan.readers import read_source
from duanban.scan.readers.c import CSource
from duanban.scan.survey import Surveyed
from duanban.scan.units.closed import header_of_check
from duanban.targets.architectures import UNKNOWN_VALUE
from duanban.targets.lacking import fails_check

ROUNDS = 4
"""How often macros that turn up in the conditions of others are looked for in turn."""

MAX_NAMES = 2_000
"""Macros that are looked for, at most; past that, the rest stay unknown."""

RESERVED = re.compile(rb"_[_A-Z]")
"""Names that belong to compilers and their libraries (C17 7.1.3): nobody here decides them."""


@dataclass(frozen=True, slots=True)
class _Fact:
    state: Truth
    """Whether the macro is defined."""
    body: bytes | None = None


_UNKNOWN = _Fact(Truth.UNKNOWN)
_UNDEFINED = _Fact(Truth.FALSE)


class Resolution:
    """The environments of the targets, with what was found out added.

    Args:
        environments: of the targets.
        facts: per target, what its macros are.
        own: per file, the macros that it defines itself.
    """

    def __init__(
        self,
        environments: Sequence[MacroEnvironment],
        facts: Sequence[Mapping[bytes, _Fact]],
        own: Mapping[str, frozenset[bytes]],
    ) -> None:
        self._given = tuple(environments)
        self._facts = tuple(facts)
        self._own = own
        self._everywhere = self._extended(frozenset())

    @property
    def given(self) -> tuple[MacroEnvironment, ...]:
        """The environments of the targets before anything of the tree is seen."""
        return self._given

    def environments_for(self, path: str) -> tuple[MacroEnvironment, ...]:
        """Return what is known on each target where the file `path` begins.

        What the file defines itself is not defined there yet; elsewhere it is.
        """
        own = self._own.get(path)
        return self._extended(own) if own else self._everywhere

    def _extended(self, own: frozenset[bytes]) -> tuple[MacroEnvironment, ...]:
        return tuple(
            _with(given, {**facts, **dict.fromkeys(own & facts.keys(), _UNDEFINED)})
            for given, facts in zip(self._given, self._facts, strict=True)
        )


def resolve(
    names: Iterable[bytes],
    environments: Sequence[MacroEnvironment],
    find: Callable[[Sequence[bytes]], Iterable[Surveyed]],
    read: Callable[[str], bytes | None],
    architectures: Sequence[str],
) -> Resolution:
    """Find out what `names` are.

    Args:
        names: macros that conditions ask for and that were not decided.
        environments: of the targets.
        find: looks for macros in all files of the tree.
        read: gives the bytes of a file of the tree.
        architectures: of the targets.
    """
    sites, wanted = _gather(names, environments, find, read)
    found = [
        _Solver(sites, wanted, environment, architecture, read).solve()
        for environment, architecture in zip(environments, architectures, strict=True)
    ]
    return Resolution(environments, found, {s.path: s.defines for s in sites if s.defines})


def _gather(
    names: Iterable[bytes],
    environments: Sequence[MacroEnvironment],
    find: Callable[[Sequence[bytes]], Iterable[Surveyed]],
    read: Callable[[str], bytes | None],
) -> tuple[list[Surveyed], frozenset[bytes]]:
    """Return where `names`, and the macros that their definitions depend on, stand."""
    wanted: set[bytes] = set()
    sites: dict[str, Surveyed] = {}
    new = {name for name in names if not RESERVED.match(name)}
    for _ in range(ROUNDS):
        new = set(sorted(new - wanted)[: MAX_NAMES - len(wanted)])
        if not new:
            break
        wanted |= new
        asked: set[bytes] = set()
        for found in find(sorted(new)):
            before = sites.get(found.path)
            sites[found.path] = joined = _joined(before, found)
            if before is None or before.defines != joined.defines:
                asked |= _asked_for(joined, environments, read)
        new = {name for name in asked if not RESERVED.match(name)}
    return [sites[path] for path in sorted(sites)], frozenset(wanted)


def _joined(one: Surveyed | None, other: Surveyed) -> Surveyed:
    if one is None:
        return other
    return replace(
        one, defines=one.defines | other.defines, configures=one.configures | other.configures
    )


def _asked_for(
    sites: Surveyed,
    environments: Sequence[MacroEnvironment],
    read: Callable[[str], bytes | None],
) -> set[bytes]:
    """Return the undecided macros that decide whether the definitions in a file count."""
    asked: set[bytes] = set()
    source = _source(sites, read)
    if source is None:
        return asked
    for environment in environments:
        start = _with(environment, dict.fromkeys(sites.defines, _UNDEFINED))
        for state, macros, _ in _defining(source, start):
            if state is Truth.UNKNOWN:
                asked.update(macro.encode("utf-8", "replace") for macro in macros)
    return {
        name
        for name in asked
        if any(name not in e.defined and name not in e.undefined for e in environments)
    }


@dataclass(frozen=True, slots=True)
class _Source:
    """What decides the definitions in a file; its text is not kept."""

    outline: Outline
    defines: tuple[MacroDefinition, ...]


def _source(sites: Surveyed, read: Callable[[str], bytes | None]) -> _Source | None:
    data = read(sites.path) if sites.defines else None
    if data is None:
        return None
    source = read_source("c", data)
    assert isinstance(source, CSource)
    defines = tuple(one for one in source.defines if one.name in sites.defines)
    return _Source(source.outline, defines)


def _defining(
    source: _Source, environment: MacroEnvironment
) -> Iterable[tuple[Truth, frozenset[str], MacroDefinition]]:
    """Yield, per definition, whether it counts and what that depends on."""
    found = regions(source.outline, environment)
    starts = [region.line for region in found]
    for definition in source.defines:
        region = found[max(0, bisect_right(starts, definition.line) - 1)]
        yield region.state, region.macros, definition


class _Solver:
    """Finds the least fixpoint for one target."""

    def __init__(
        self,
        sites: Sequence[Surveyed],
        wanted: frozenset[bytes],
        environment: MacroEnvironment,
        architecture: str,
        read: Callable[[str], bytes | None],
    ) -> None:
        self._environment = environment
        self._architecture = architecture
        self._configured = frozenset(name for s in sites for name in s.configures)
        self._sites = [s for s in sites if s.defines and not self._is_elsewhere(s.path)]
        self._sources = {s.path: source for s in self._sites if (source := _source(s, read))}
        self._wanted = frozenset(
            name
            for name in wanted
            if name not in environment.defined and name not in environment.undefined
        )

    def solve(self) -> dict[bytes, _Fact]:
        """Return what each macro is."""
        facts = {name: self._by_convention(name) for name in self._wanted}
        for _ in range(ROUNDS):
            found = self._step(facts)
            if found == facts:
                break
            facts = found
        return facts

    def _step(self, facts: Mapping[bytes, _Fact]) -> dict[bytes, _Fact]:
        states: dict[bytes, list[tuple[Truth, bytes | None]]] = defaultdict(list)
        for sites in self._sites:
            source = self._sources.get(sites.path)
            if source is None:
                continue
            own = dict.fromkeys(sites.defines, _UNDEFINED)
            start = _with(self._environment, {**facts, **own})
            for state, _, definition in _defining(source, start):
                if state is not Truth.FALSE:
                    # What a unit defines holds for that unit alone.
                    seen = Truth.UNKNOWN if sites.path.endswith(UNIT_SUFFIXES) else state
                    body = definition.body if definition.params is None else None
                    states[definition.name].append((seen, body))
        return {name: self._join(name, states[name]) for name in facts}

    def _join(self, name: bytes, states: Sequence[tuple[Truth, bytes | None]]) -> _Fact:
        bodies = {body for state, body in states if state is Truth.TRUE}
        if bodies:
            return _Fact(Truth.TRUE, bodies.pop() if len(bodies) == 1 else None)
        return _UNKNOWN if states else self._by_convention(name)

    def _by_convention(self, name: bytes) -> _Fact:
        """Return what a macro is that no header of the tree defines on the target."""
        if self._is_elsewhere(name.decode("ascii", "replace")):
            return _UNDEFINED
        if name not in self._configured:
            return _UNDEFINED
        header = header_of_check(name.decode("ascii", "replace"))
        if header is None:
            return _UNDEFINED if fails_check(name, self._environment.machine) else _UNKNOWN
        state = self._environment.has_include(header.encode())
        return _Fact(state, b"1" if state is Truth.TRUE else None)

    def _is_elsewhere(self, name: str) -> bool:
        """Return whether a path or macro names other architectures and not the target's."""
        names = place_names()
        words = {match.group(1).lower() for match in names.pattern.finditer(name)}
        named = [names.architectures[word] for word in words - names.ambiguous]
        return bool(named) and not any(self._architecture in meant for meant in named)


def _with(environment: MacroEnvironment, facts: Mapping[bytes, _Fact]) -> MacroEnvironment:
    """Return `environment` with `facts` added; they take precedence."""
    defined = {
        name: fact.body if fact.body is not None else UNKNOWN_VALUE
        for name, fact in facts.items()
        if fact.state is Truth.TRUE
    }
    undefined = {name for name, fact in facts.items() if fact.state is Truth.FALSE}
    return replace(
        environment,
        defined={**environment.defined, **defined},
        undefined=environment.undefined | undefined,
    )
