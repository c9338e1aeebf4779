"""One file: prefilter, then the precise reader where a pattern stands, then each target."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from duanban.model import Truth
from duanban.rules.condition import applies
from duanban.rules.interface import Rule, Subject, View
from duanban.scan.build.enumerations import (
    Ending,
    Enumeration,
    enumerations_of,
    lacking,
    may_have_lists,
)
from duanban.scan.build.names import is_copied, is_for_other_system
from duanban.scan.build.source import statement_start
from duanban.scan.catalogue import Catalogue, ScanRule
from duanban.scan.interface import MacroEnvironment, Region, Source
from duanban.scan.languages import language_of
from duanban.scan.prefilter import ANY, Prefilter
from duanban.scan.readers import read_source
from duanban.scan.record import FileRecord, Hit
from duanban.scan.shapes import holds

HEAD = 8192
"""Bytes in which a NUL makes a file binary, as git and ripgrep judge it."""

CLUSTER_GAP = 25
"""Lines between two places of a rule, at most, for them to be one finding: about a screen."""

MAX_TEXT = 160
"""Characters of a line that are kept as evidence."""


class Place(NamedTuple):
    """Where a pattern matched, before any target is known."""

    line: int
    end_line: int
    offset: int
    text: bytes
    groups: tuple[bytes, ...]


class _Lists(NamedTuple):
    """The lists of machines in a file, and the rules about such lists."""

    rules: tuple[ScanRule, ...]
    found: list[Enumeration]
    source: Source
    lines: list[bytes]


def is_binary(data: bytes) -> bool:
    """Return whether `data` is no text: a NUL byte stands near its beginning."""
    return data.find(b"\0", 0, HEAD) >= 0


class Examiner:
    """Examines files, one after the other, for the rules and targets of a catalogue."""

    def __init__(
        self, catalogue: Catalogue, prefilter: Prefilter, environments: Sequence[MacroEnvironment]
    ) -> None:
        self.catalogue = catalogue
        self.prefilter = prefilter
        self.architecture_macros = _architecture_macros(environments)
        # Targets of one architecture share an environment, and so the regions of a file.
        self.environments = tuple(environments)

    def for_tree(self, headers: Sequence[frozenset[bytes]]) -> Examiner:
        """Return an examiner for a tree that brings `headers` itself (per target)."""
        environments = [
            replace(environment, tree_headers=brought)
            for environment, brought in zip(self.environments, headers, strict=True)
        ]
        return Examiner(self.catalogue, self.prefilter, environments)

    def examine(
        self, path: str, data: bytes, environments: Sequence[MacroEnvironment] | None = None
    ) -> FileRecord | None:
        """Return what stands in a text file, or None if nothing does.

        Args:
            path: of the file, as reports show it.
            data: its contents.
            environments: of the targets; None for those that hold for all files.
        """
        language = language_of(path, data[:HEAD])
        hits = self.prefilter.hits(language, data)
        if not hits:
            return None
        rules = [
            candidate
            for candidate in self.catalogue.candidates(hits)
            if language in candidate.rule.languages or ANY in candidate.rule.languages
        ]
        if any(one.rule.ending for one in rules) and not may_have_lists(path, language, data):
            rules = [one for one in rules if not one.rule.ending]
        if any(one.rule.subject is Subject.OPTION for one in rules) and (
            is_copied(path, data[:HEAD]) or is_for_other_system(path)
        ):
            rules = [one for one in rules if one.rule.subject is not Subject.OPTION]
        if not rules:
            return None
        source = read_source(language, data)
        found = [
            (rule, places)
            for rule in rules
            if not rule.rule.ending and (places := _places(rule, source, data))
        ]
        lists = _lists(language, source, data, rules)
        if not found and lists is None:
            return None
        environments = environments or self.environments
        per_target = self._judge(found, source, data, environments)
        listed: tuple[int, ...] = ()
        if lists is not None:
            per_target = self._with_lists(per_target, lists, environments)
            listed = tuple(
                sum(one.serves(environment.machine) for one in lists.found)
                for environment in environments
            )
        if not any(per_target) and not any(listed):
            return None
        return FileRecord(path, language=language, hits=per_target, listed=listed)

    def _judge(
        self,
        found: list[tuple[ScanRule, list[Place]]],
        source: Source,
        data: bytes,
        environments: Sequence[MacroEnvironment],
    ) -> tuple[tuple[Hit, ...], ...]:
        regions: dict[int, list[Region]] = {}
        per_target = []
        for index, target in enumerate(self.catalogue.targets):
            environment = environments[index]
            hits: list[Hit] = []
            for scan_rule, places in found:
                if index not in scan_rule.targets:
                    continue
                rule = scan_rule.rule
                kept = places
                if rule.condition.lookup or rule.condition.before:
                    kept = [p for p in places if applies(rule.condition, p.groups, target)]
                if rule.condition.lookup == "headers":
                    kept = [p for p in kept if p.groups[0] not in environment.tree_headers]
                if not kept:
                    continue
                if id(environment) not in regions:
                    regions[id(environment)] = source.regions(environment)
                if rule.shape:
                    shaped = self._shaped(rule.shape, source.code, regions[id(environment)])
                    kept = [place for place in kept if shaped(place)]
                hits.extend(self._hits(rule, kept, regions[id(environment)], data))
            there = {hit.rule for hit in hits}
            wanting = {one.rule.id for one, _ in found if one.rule.beside not in ("", *there)}
            hits = [hit for hit in hits if hit.rule not in wanting]
            hits.sort(key=lambda hit: (hit.line, hit.rule))
            per_target.append(tuple(hits))
        return tuple(per_target)

    def _with_lists(
        self,
        hits: tuple[tuple[Hit, ...], ...],
        lists: _Lists,
        environments: Sequence[MacroEnvironment],
    ) -> tuple[tuple[Hit, ...], ...]:
        """Return the hits of all targets with those of lists that leave the target out."""
        per_target = []
        for index, environment in enumerate(environments):
            lack = lacking(lists.found, environment, lists.source, self.architecture_macros)
            added = [
                _list_hit(rule.rule, one, environment.machine, region, lists.lines)
                for one, region in lack
                for rule in lists.rules
                if rule.rule.ending == one.ending and index in rule.targets
            ]
            every = sorted([*hits[index], *added], key=lambda hit: (hit.line, hit.rule))
            per_target.append(tuple(every))
        return tuple(per_target)

    def _hits(
        self, rule: Rule, places: list[Place], regions: list[Region], data: bytes
    ) -> Iterable[Hit]:
        fitting = self._fitting(rule, places, regions)
        # A file of assembler is one piece of work, however long.
        is_whole = rule.view is View.ASM and "c" not in rule.languages
        for group, region in _by_state(fitting) if is_whole else _clusters(fitting):
            yield _hit(rule, group, region, data)

    def _fitting(
        self, rule: Rule, places: list[Place], regions: list[Region]
    ) -> Iterator[tuple[Place, Region]]:
        """Yield the places that may be compiled, under a guard that fits the rule."""
        starts = [region.line for region in regions]
        region, fits, until = regions[0], False, 0
        for place in places:
            if place.line >= until:  # places rise, so a region is looked up once
                at = bisect_right(starts, place.line)
                region = regions[max(0, at - 1)]
                until = starts[at] if at < len(starts) else sys.maxsize
                fits = region.state is not Truth.FALSE and self._guard_fits(rule, region)
            if fits:
                yield place, region

    def _shaped(self, shape: str, code: bytes, regions: list[Region]) -> Callable[[Place], bool]:
        """Return what tells whether a place has the shape."""
        starts = [region.line for region in regions]

        def for_others(offset: int) -> bool:
            line = code.count(b"\n", 0, offset) + 1
            region = regions[max(0, bisect_right(starts, line) - 1)]
            return region.state is Truth.FALSE and self._names_machine(region)

        return lambda place: holds(shape, code, place.offset, for_others)

    def _guard_fits(self, rule: Rule, region: Region) -> bool:
        if not rule.guard:
            return True
        named = self._names_machine(region)
        return named if rule.guard == "architecture" else not named

    def _names_machine(self, region: Region) -> bool:
        return region.names_machine or not self.architecture_macros.isdisjoint(region.macros)


def _architecture_macros(environments: Sequence[MacroEnvironment]) -> frozenset[str]:
    """Names of macros that tell architectures apart: defined on one, surely not on another."""
    defined = {name for environment in environments for name in environment.architecture_macros}
    return frozenset(name.decode("ascii", "replace") for name in defined)


def _places(scan_rule: ScanRule, source: Source, data: bytes) -> list[Place]:
    rule = scan_rule.rule
    view = data if rule.view is View.TEXT else getattr(source, rule.view.value)
    if not view:
        return []
    places: list[Place] = []
    groups = scan_rule.pattern.groups
    line, counted = 1, 0
    for match in scan_rule.pattern.finditer(view):
        start, end = match.span()
        line += view.count(b"\n", counted, start)
        counted = start
        if scan_rule.excludes and _excluded(scan_rule, view, start):
            continue
        text = view[start:end]
        end_line = line + text.rstrip(b"\n").count(b"\n") if b"\n" in text else line
        captured = (
            tuple(g for i in range(1, groups + 1) if (g := match.group(i)) is not None)
            if groups
            else ()
        )
        places.append(Place(line, end_line, start, text, captured))
    return places


def _lists(language: str, source: Source, data: bytes, rules: Sequence[ScanRule]) -> _Lists | None:
    """Return the lists of machines in a file, or None if there are none that rules ask for."""
    asking = tuple(rule for rule in rules if rule.rule.ending)
    if not asking:
        return None
    found = enumerations_of(language, source)
    return _Lists(asking, found, source, data.split(b"\n")) if found else None


def _list_hit(
    rule: Rule, one: Enumeration, machine: str, region: Region, lines: Sequence[bytes]
) -> Hit:
    line = one.line_for(machine)
    return Hit(
        rule=rule.id,
        line=line,
        end_line=line,
        occurrences=1,
        # What is merely left out is to review anyway.
        certain=one.ending is not Ending.REFUSED or region.state is Truth.TRUE,
        guard=shortened(region.guard),
        match=", ".join(sorted(one.families)),
        snippet=readable(lines[min(one.first_line, len(lines)) - 1]),
        weight=one.weight,
    )


def _excluded(scan_rule: ScanRule, view: bytes, offset: int) -> bool:
    line = _line_at(view, offset)
    if any(pattern.search(line) for pattern in scan_rule.excludes):
        return True
    if scan_rule.rule.subject is not Subject.OPTION:
        return False
    head = _line_at(view, statement_start(view, offset))
    return head != line and any(pattern.search(head) for pattern in scan_rule.excludes)


def _line_at(view: bytes, offset: int) -> bytes:
    end = view.find(b"\n", offset)
    return view[view.rfind(b"\n", 0, offset) + 1 : end if end >= 0 else len(view)]


def _by_state(fitting: Iterable[tuple[Place, Region]]) -> Iterator[tuple[list[Place], Region]]:
    """Yield what is surely compiled, and what may be, each with its first region."""
    groups: dict[Truth, tuple[list[Place], Region]] = {}
    for place, region in fitting:
        groups.setdefault(region.state, ([], region))[0].append(place)
    yield from groups.values()


def _clusters(fitting: Iterable[tuple[Place, Region]]) -> Iterator[tuple[list[Place], Region]]:
    """Yield places that stand close together under the same guard, with their first region."""
    current: list[Place] = []
    first: Region | None = None
    for place, region in fitting:
        is_same = first is region or (
            first is not None and first.guard == region.guard and first.state is region.state
        )
        is_close = bool(current) and place.line - current[-1].end_line <= CLUSTER_GAP
        if current and first is not None and not (is_close and is_same):
            yield current, first
            current = []
        if not current:
            first = region
        current.append(place)
    if current and first is not None:
        yield current, first


def _hit(rule: Rule, places: list[Place], region: Region, data: bytes) -> Hit:
    first = places[0]
    begin = data.rfind(b"\n", 0, first.offset) + 1
    end = data.find(b"\n", first.offset)
    return Hit(
        rule=rule.id,
        line=first.line,
        end_line=places[-1].end_line,
        occurrences=len(places),
        certain=region.state is Truth.TRUE,
        guard=shortened(region.guard),
        match=readable(first.text),
        snippet=readable(data[begin : end if end >= 0 else len(data)]),
        undecided=() if region.state is Truth.TRUE else tuple(sorted(region.macros)),
    )


def readable(text: bytes) -> str:
    """Return `text` as one line without control characters, at most `MAX_TEXT` characters."""
    return shortened(text[: 4 * MAX_TEXT].decode("utf-8", "replace"))


def shortened(text: str) -> str:
    """Return `text` with blanks collapsed and unprintable characters replaced, cut to length."""
    words = " ".join(text.split())
    clean = words
    if not words.isprintable():
        clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
    return clean if len(clean) <= MAX_TEXT else clean[: MAX_TEXT - 1] + "…"
