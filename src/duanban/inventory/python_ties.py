"""What the files of a locked Python package mean for a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.inventory.wheel_tags import fits, machines_of
from duanban.model import Finding, UnknownFact
from duanban.targets.interface import Target


@dataclass(frozen=True, slots=True)
class LockedFiles:
    """A locked package whose files are known by name."""

    evidence: Evidence
    name: str
    tags: tuple[str, ...]
    """Platform tags of all its wheels; at least one."""
    has_source: bool
    needed: Callable[[Target], bool]

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if the package is needed there and no wheel fits."""
        if any(fits(tag, target) for tag in self.tags) or not self.needed(target):
            return None
        rule = "library.python.source-build" if self.has_source else "library.python.wheels"
        detail = listed(machines_of(self.tags), most=8)
        return make_finding(rule, target, self.evidence, match=self.name, detail=detail)


@dataclass(frozen=True, slots=True)
class NoFileNames:
    """Packages of a file that does not say which wheels they have."""

    path: str
    packages: tuple[tuple[str, str, Callable[[Target], bool]], ...]
    """Name, package URL, and whether it is needed on a target."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return one missing fact for all of them that are needed on the target."""
        names, parts = _needed(self.packages, target)
        if not names:
            return None
        machine = target.architecture.name
        one = len(names) == 1
        return UnknownFact(
            f"whether {listed(names)} ({self.path}) {'has' if one else 'have'} wheels or "
            f"portable source for {machine}",
            "lock the dependencies with a tool that records file names (`uv lock`, `poetry lock` "
            "or `pip lock`), or ask the indexes (`duanban index add pypi` and the input), and "
            "check again",
            parts,
        )


@dataclass(frozen=True, slots=True)
class SourceOnly:
    """Packages that are locked to a source, which is built on every machine."""

    path: str
    packages: tuple[tuple[str, str, Callable[[Target], bool]], ...]
    """Name, package URL, and whether it is needed on a target."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return one missing fact for all of them that are needed on the target."""
        names, parts = _needed(self.packages, target)
        if not names:
            return None
        machine = target.architecture.name
        return UnknownFact(
            f"whether the sources of {listed(names)} ({self.path}; no wheels) build on {machine}",
            "check these sources too, for instance with `duanban check pypi:NAME==VERSION`",
            parts,
        )


def _needed(
    packages: Iterable[tuple[str, str, Callable[[Target], bool]]], target: Target
) -> tuple[list[str], tuple[str, ...]]:
    """Return the names and the package URLs of what is needed on `target`, sorted."""
    found = sorted({(name, purl) for name, purl, needed in packages if needed(target)})
    return list(dict.fromkeys(name for name, _ in found)), tuple(purl for _, purl in found)
