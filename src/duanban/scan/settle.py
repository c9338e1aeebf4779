"""The second look: places that one file alone left undecided, decided by the whole tree."""

from __future__ import annotations

from collections.abc import Sequence

from duanban.scan.definitions import SiteFinder, Sites
from duanban.scan.examine import Examiner
from duanban.scan.read import read_text
from duanban.scan.record import FileRecord
from duanban.scan.resolve import Resolution, resolve
from duanban.scan.walk import Entry
from duanban.scan.workers import Job, map_files


def settle(
    base: str,
    entries: Sequence[Entry],
    records: Sequence[FileRecord],
    examiner: Examiner,
    jobs: int,
) -> tuple[list[FileRecord], Resolution]:
    """Decide what can be decided of the uncertain hits in `records`.

    Args:
        base: the directory that paths are relative to.
        entries: the files of the tree that may define macros.
        records: of the scan.
        examiner: of the scan.
        jobs: processes to read with.

    Returns:
        The records, those with uncertain hits made anew, and what the macros are.
    """
    undecided = {record.path: names for record in records if (names := _undecided(record))}
    wanted = frozenset(name.encode("utf-8", "replace") for n in undecided.values() for name in n)

    def find(names: Sequence[bytes]) -> list[Sites]:
        job = Job(entries, SiteFinder(base, names))
        return [sites for _, found in map_files(job, jobs) for sites in found]

    def read(path: str) -> bytes | None:
        return read_text(f"{base}/{path}")

    architectures = [target.architecture.name for target in examiner.catalogue.targets]
    resolution = resolve(wanted, examiner.environments, find, read, architectures)
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
