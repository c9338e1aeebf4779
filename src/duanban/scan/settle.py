"""The second look: places that one file alone left undecided, decided by the whole tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from duanban.scan.examine import Examiner
from duanban.scan.read import read_text
from duanban.scan.record import FileRecord
from duanban.scan.resolve import Resolution, resolve
from duanban.scan.survey import Surveyed, Surveyor
from duanban.scan.walk import Entry
from duanban.scan.workers import Job, map_files
from duanban.targets.architectures import differing_macros

MAX_BYTES = 256 << 20
"""Bytes of a tree up to which it is read a second time, for its macros and includes.

In a larger one (kernels, browsers) what one file leaves undecided stays so and is reported as such,
and who includes a failing header is reported as not known.
"""


@dataclass(slots=True)
class TreeSurvey:
    """Looks through a tree for macros and includes, in as few readings as possible."""

    base: str
    entries: Sequence[Entry]
    jobs: int
    machine: frozenset[bytes]
    """Macros that tell architectures apart."""
    _includes: dict[str, tuple[bytes, ...]] | None = field(default=None)
    _stops: list[str] = field(default_factory=list)
    _needing: list[str] = field(default_factory=list)
    _assembling: list[str] = field(default_factory=list)
    _by_machine: frozenset[bytes] = frozenset()
    _naming: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _tests: dict[str, frozenset[bytes]] = field(default_factory=dict)
    is_too_large: bool = field(init=False)
    """Whether the tree is so large that it is not read a second time."""

    def __post_init__(self) -> None:
        self.is_too_large = sum(entry.size for entry in self.entries) > MAX_BYTES

    def find(self, names: Sequence[bytes]) -> list[Surveyed]:
        """Return what the files of the tree say of the macros `names`."""
        is_first = self._includes is None
        job = Job(self.entries, Surveyor(self.base, names, self.machine if is_first else None))
        found = [surveyed for _, batch in map_files(job, self.jobs) for surveyed in batch]
        if is_first:
            # Asked for along with the first macros, since reading costs more than looking.
            self._includes = {one.path: one.includes for one in found if one.includes}
            self._stops = [one.path for one in found if one.stops]
            self._needing = [one.path for one in found if one.needs_system]
            self._assembling = [one.path for one in found if one.assembles]
            self._tests = {one.path: one.tests for one in found if one.tests}
            self._by_machine = self.machine.union(
                differing_macros(), *(one.by_machine for one in found)
            )
            self._naming = {one.path: one.names_machine for one in found if one.names_machine}
        return [one for one in found if one.defines or one.configures]

    def includes(self) -> Mapping[str, tuple[bytes, ...]]:
        """Return the names that each file includes."""
        if self._includes is None:
            self.find(())
        assert self._includes is not None
        return self._includes

    def stops(self) -> Sequence[str]:
        """Return the files in which an `#error` stands."""
        self.includes()
        return self._stops

    def needing_system(self) -> Sequence[str]:
        """Return the files that mention what some architecture's system headers lack."""
        self.includes()
        return self._needing

    def assembling(self) -> Sequence[str]:
        """Return the files that may put inline assembly together by macros."""
        self.includes()
        return self._assembling

    def by_machine(self) -> frozenset[bytes]:
        """Return the macros that may be defined on one architecture and not on another.

        Those that tell architectures apart, and those of files that mention such a one.
        """
        self.includes()
        return self._by_machine

    def files(self) -> Sequence[str]:
        """Return the files of the C family that include something or have conditions."""
        return sorted(self.includes().keys() | self._tests.keys())

    def divided(self) -> Sequence[str]:
        """Return the files with conditions that may hold on one architecture and not on another."""
        names = self.by_machine()
        return sorted(path for path, tests in self._tests.items() if not tests.isdisjoint(names))

    def roots(self, varies: Callable[[bytes], bool]) -> set[str]:
        """Return the files that a difference between two platforms can begin in.

        Those with a condition on a macro that varies, on one whose body mentions such a macro, or
        on headers, and those that define the latter. What depends on macros that they define, in
        turn, is only compiled otherwise in units that include one of these.

        Args:
            varies: whether the platforms differ in a macro that no file of the tree has defined.
        """
        self.includes()
        asked = frozenset[bytes]().union(*self._tests.values(), *self._naming.values())
        deciding = {name for name in asked if varies(name)}
        deciding.update(*self._naming.values(), (b"__has_include", b"__has_include_next"))
        found = {path for path, tests in self._tests.items() if not tests.isdisjoint(deciding)}
        return found | self._naming.keys()


def settle(
    survey: TreeSurvey, records: Sequence[FileRecord], examiner: Examiner
) -> tuple[list[FileRecord], Resolution]:
    """Decide what can be decided of the uncertain hits in `records`.

    Args:
        survey: of the tree.
        records: of the scan.
        examiner: of the scan.

    Returns:
        The records, those with uncertain hits made anew, and what the macros are.
    """
    undecided = {record.path: names for record in records if (names := _undecided(record))}
    wanted = frozenset(name.encode("utf-8", "replace") for n in undecided.values() for name in n)
    if survey.is_too_large:
        wanted, undecided = frozenset(), {}

    def read(path: str) -> bytes | None:
        return read_text(f"{survey.base}/{path}")

    architectures = [target.architecture.name for target in examiner.catalogue.targets]
    resolution = resolve(wanted, examiner.environments, survey.find, read, architectures)
    settled: list[FileRecord] = []
    for record in records:
        if record.path not in undecided:
            settled.append(record)
        elif (data := read(record.path)) is not None:
            environments = resolution.environments_for(record.path)
            if (again := examiner.examine(record.path, data, environments)) is not None:
                settled.append(again)
    return settled, resolution


def _undecided(record: FileRecord) -> set[str]:
    return {name for hits in record.hits for hit in hits for name in hit.undecided}
