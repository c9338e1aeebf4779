"""A baseline: an earlier JSON report whose findings are known and do not count again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from duanban.model import Finding, Report, Suppressed
from duanban.model.errors import ConfigError
from duanban.report.as_json import decode

SOURCE = "baseline"
REASON = "already in the baseline"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Ids of the findings that an earlier report holds, by system and target."""

    known: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """(name or locator of the system, target id) to finding ids."""

    def apply(
        self, findings: Iterable[Finding], system: str, target: str
    ) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
        """Split `findings` into those that are new and those that the baseline already holds.

        `system` is the system's name or its locator; `target` the target's id.
        """
        ids = self.known.get((system, target), frozenset())
        new: list[Finding] = []
        old: list[Suppressed] = []
        for finding in findings:
            if finding.id in ids:
                old.append(Suppressed(finding, REASON, SOURCE))
            else:
                new.append(finding)
        return tuple(new), tuple(old)


def load_baseline(path: Path) -> Baseline:
    """Read the baseline at `path`: any JSON report that a check wrote.

    Raises:
        ConfigError: it cannot be read, or is not such a report; names the file and the place.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"baseline {path} cannot be read: {error.strerror}") from error
    return baseline_of(decode(data, f"baseline {path}"))


def baseline_of(report: Report) -> Baseline:
    """Return the baseline that `report` makes.

    A system is known by its name and by its locator, not by its version: a baseline is there to
    compare a system with its own past. What the report set aside by *its* baseline stays known.
    """
    known: dict[tuple[str, str], set[str]] = {}
    for system in report.systems:
        for result in system.targets:
            ids = {finding.id for finding in result.findings}
            ids.update(each.finding.id for each in result.suppressed if each.source == SOURCE)
            for key in {system.name, system.locator}:
                known.setdefault((key, result.target), set()).update(ids)
    return Baseline({key: frozenset(ids) for key, ids in known.items()})
