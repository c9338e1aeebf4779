"""What fixers see: the tree as it is, what was found in it, and what each line is on the target."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from duanban.answers.interface import How
from duanban.indexes.library import Library
from duanban.indexes.store import Store
from duanban.indexes.wanted import wanted_of
from duanban.model import Component, Finding, Offer, Severity, TargetResult, Truth
from duanban.scan.build.membership import SOURCES, BuildFiles
from duanban.scan.interface import MacroEnvironment, Region
from duanban.scan.languages import language_of
from duanban.scan.place import Elsewhere
from duanban.scan.read import MAX_TEXT_SIZE, base_directory, open_regular
from duanban.scan.readers import CSource, read_source
from duanban.scan.setup import environment_of
from duanban.scan.walk import walk
from duanban.targets.interface import Target

C_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inl", ".tcc", ".m", ".mm")
"""Endings of files of the C family, where names of it are looked for."""


class Text:
    """A text file of the tree.

    Args:
        path: relative to the root.
        data: its bytes.
        environment: what the preprocessor knows on the target.
    """

    def __init__(self, path: str, data: bytes, environment: MacroEnvironment) -> None:
        self.path = path
        self.data = data
        self.language = language_of(path, data[:4096])
        self._environment = environment

    @cached_property
    def c(self) -> CSource:
        """The file as the reader of C sees it."""
        marked = self.data.startswith(b"\xef\xbb\xbf")
        return CSource(b"   " + self.data[3:] if marked else self.data)

    @cached_property
    def lines(self) -> list[int]:
        """Offsets at which the lines begin."""
        starts = [0]
        at = self.data.find(b"\n") + 1
        while at:
            starts.append(at)
            at = self.data.find(b"\n", at) + 1
        return starts

    def line(self, offset: int) -> int:
        """Return the line, from 1, of an offset."""
        return bisect_right(self.lines, offset)

    def start(self, line: int) -> int:
        """Return the offset at which a line, from 1, begins; the end of the file after the last."""
        return self.lines[line - 1] if line <= len(self.lines) else len(self.data)

    def span(self, first: int, last: int) -> bytes:
        """Return the lines from `first` to `last`, both included."""
        return self.data[self.start(first) : self.start(last + 1)]

    @cached_property
    def _regions(self) -> Sequence[Region]:
        source = self.c if self.language == "c" else read_source(self.language, self.data)
        return source.regions(self._environment)

    def state(self, line: int) -> Truth:
        """Return whether the target compiles a line, as far as the file itself tells."""
        region = self._region(line)
        return region.state if region else Truth.TRUE

    def guard(self, line: int) -> str:
        """Return the conditions around a line; empty at the top level, within include guards."""
        region = self._region(line)
        return region.guard if region else ""

    def _region(self, line: int) -> Region | None:
        for region in self._regions:
            if region.line <= line <= region.end_line:
                return region
        return None


class Work:
    """A tree that is to stand on a target.

    Args:
        root: the tree.
        target: where it is to stand.
        result: of its check against the target.
        how: which fixers are asked, and what they may ask.
        asked: the user named the rules, so that what needs a look first counts as well.
    """

    def __init__(
        self,
        root: Path,
        target: Target,
        result: TargetResult,
        how: How,
        *,
        asked: bool = False,
    ) -> None:
        self.target = target
        self._library = Library(how.options.store or Store(), how.options.indexes)
        self._asked = asked
        self.vendor = how.vendor
        """Directory, relative to the root, with the tree's own SIMDe; empty for none."""
        self.tools = how.tools
        """A directory like the root of a system, before this one; None for none."""
        self.result = result
        self._base = base_directory(root)
        self._entries = {entry.path: entry for entry in walk(root).entries}
        self._texts: dict[str, Text | None] = {}
        self.environment = environment_of(target)
        self.elsewhere = Elsewhere(self._entries, [target.architecture.name])
        self._failing = {i for failure in result.needed_fails for i in failure.because}

    @property
    def machine(self) -> str:
        """The GNU name of the target's architecture."""
        return self.target.architecture.name

    @property
    def paths(self) -> Sequence[str]:
        """All regular files, relative to the root."""
        return tuple(self._entries)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the tree's directories, and of its files without their endings."""
        paths = [PurePosixPath(path) for path in self._entries]
        parts = (part for path in paths for part in path.parts[:-1])
        return frozenset((*parts, *(path.stem for path in paths)))

    def text(self, path: str) -> Text | None:
        """Return a file's bytes; None if there is none of that name, or it is no text."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> Text | None:
        entry = self._entries.get(path)
        if entry is None or entry.size > MAX_TEXT_SIZE:
            return None
        try:
            with os.fdopen(open_regular(f"{self._base}/{path}"), "rb") as file:
                data = file.read()
        except OSError:
            return None
        return None if b"\0" in data else Text(path, data, self.environment)

    def offers(self, component: Component) -> list[Offer]:
        """Return what the copies of package indexes say of a part; nothing if none knows it."""
        wanted = wanted_of(component)
        if wanted is None:
            return []
        opened = [one.index for one in self._library.of(self.target)]
        asked = [index for index in opened if index.concerns(wanted)]
        return [offer for index in asked for offer in index.offers(wanted, self.target)]

    def words(self, pattern: re.Pattern[bytes], suffixes: tuple[str, ...]) -> frozenset[bytes]:
        """Return what `pattern` matches anywhere in files with these endings."""
        found: set[bytes] = set()
        for path in self._entries:
            if path.endswith(suffixes):
                text = self._texts.get(path) or self._read(path)
                found.update(pattern.findall(text.data) if text else ())
        return frozenset(found)

    def findings(self, patterns: Sequence[str], *, unsure: bool = False) -> list[Finding]:
        """Return what is to be answered of the rules that `patterns` name.

        That is what blocks or degrades, or stops a unit. What needs a look first is left to people,
        unless they ask for its rule, or `unsure` says that the change does no harm in any case.
        """
        return [
            finding
            for finding in self.result.findings
            if any(fnmatchcase(finding.rule, pattern) for pattern in patterns)
            and self._counts(finding, unsure)
        ]

    def _counts(self, finding: Finding, unsure: bool) -> bool:
        if self._is_foreign(finding.path):
            return self._is_adopted(finding.path) or finding.path in self._taken
        if unsure or self._asked:
            return True
        return finding.id in self._failing or finding.severity is not Severity.REVIEW

    @cached_property
    def adopted(self) -> frozenset[str]:
        """Architectures whose own files the target needs, since others of the tree include them.

        Other files for other architectures are left alone: the target has no use for them.
        """
        by_id = {finding.id: finding for finding in self.result.findings}
        needed: set[str] = set()
        for failure in self.result.needed_fails:
            for i in failure.because:
                finding = by_id.get(i)
                if finding is None or not self._is_foreign(finding.path):
                    continue
                if not self._is_foreign(failure.path):
                    needed |= self.elsewhere.architectures(finding.path)
        # One is enough, and most trees were written for x86 first.
        return frozenset(needed & {"x86_64", "i386"} or needed)

    def _is_adopted(self, path: str) -> bool:
        return bool(self.elsewhere.architectures(path) & self.adopted)

    def _is_foreign(self, path: str) -> bool:
        return self.elsewhere.is_for_others(path, self.machine)

    @cached_property
    def _taken(self) -> frozenset[str]:
        """Sources that the target needs or builds, whatever machine their path names."""
        sources = tuple(f".{suffix}" for suffix in SOURCES)
        foreign = [
            path
            for path in self._entries
            if path.endswith(sources) and self.elsewhere.is_for_others(path, self.machine)
        ]
        files = BuildFiles(self.paths, self._bytes)
        found = files.membership(foreign, self.machine).items()
        needed = (failure.path for failure in self.result.needed_fails)
        return frozenset((*needed, *(path for path, built in found if built is Truth.TRUE)))

    def _bytes(self, path: str) -> bytes | None:
        text = self.text(path)
        return text.data if text is not None else None

    @cached_property
    def _by_place(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self._entries:
            if self._is_foreign(path):
                found.setdefault(self.elsewhere.place(path), []).append(path)
        return {place: tuple(paths) for place, paths in found.items()}

    def files(
        self,
        patterns: Sequence[str],
        accept: Callable[[Finding], bool] = lambda _: True,
        *,
        unsure: bool = False,
    ) -> Iterator[tuple[Text, tuple[str, ...]]]:
        """Yield the files that findings of these rules are about, with the findings' ids.

        A finding in a directory for another architecture stands for all files of that directory.

        Args:
            patterns: of rules.
            accept: says of a finding of them whether it counts.
            unsure: as of `findings`.
        """
        found: dict[str, list[str]] = {}
        for finding in filter(accept, self.findings(patterns, unsure=unsure)):
            paths: tuple[str, ...] = (finding.path,)
            if self._is_foreign(finding.path) and self._is_adopted(finding.path):
                paths = self._by_place.get(self.elsewhere.place(finding.path), paths)
            for path in paths:
                found.setdefault(path, []).append(finding.id)
        for path, ids in sorted(found.items()):
            text = self.text(path)
            if text is not None:
                yield text, tuple(ids)
