"""The whole check of a distribution's indexes for one architecture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from duanban.depend.control import read_stanzas
from duanban.depend.explain import Explainer
from duanban.depend.impact import impacts
from duanban.depend.installable import check
from duanban.depend.pause import no_garbage_collection
from duanban.depend.source import SOURCE_FIELDS, add_sources
from duanban.depend.store import Progress, load
from duanban.depend.universe import Universe


@dataclass(frozen=True, slots=True)
class Broken:
    """A package that cannot be installed, or a source that cannot be built."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class DependReport:
    """What a check found (schema `duanban.depend/1`)."""

    architecture: str
    packages: int
    broken: tuple[Broken, ...]
    sources: int
    unbuildable: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class NamedImpact:
    """What goes with a binary package."""

    name: str
    version: str
    packages: int
    """Other binary packages that can no longer be installed."""
    sources: int
    """Sources that can no longer be built."""


def removal_impact(
    packages: Path,
    sources: Path | None,
    architecture: str,
    progress: Progress = lambda _: None,
) -> list[NamedImpact]:
    """Return for every installable package what would be lost without it, the gravest first.

    Args, Raises: as of `check_indexes`.
    """
    with no_garbage_collection():
        universe, _ = _universe(packages, sources, architecture, progress)
        progress("checking")
        outcome = check(universe)
        progress("removing each package in turn")
        found = [
            NamedImpact(
                universe.names[one.index].decode("utf-8", "replace"),
                universe.versions[one.index].decode("utf-8", "replace"),
                one.packages,
                one.sources,
            )
            for one in impacts(universe, outcome)
        ]
    return sorted(found, key=lambda one: (-one.packages, -one.sources, one.name, one.version))


def check_indexes(
    packages: Path,
    sources: Path | None,
    architecture: str,
    progress: Progress = lambda _: None,
    profiles: Sequence[str] = (),
) -> DependReport:
    """Check every binary package of an index, and every source.

    Args:
        packages: a `Packages` file.
        sources: a `Sources` file; None leaves sources out.
        architecture: Debian's name of the architecture that both are for.
        progress: told what is being done.
        profiles: build profiles that are active (`nocheck`).

    Raises:
        UsageError: a file cannot be read, or holds nothing for the architecture.
    """
    with no_garbage_collection():
        universe, count = _universe(packages, sources, architecture, progress, profiles)
        progress("checking")
        outcome = check(universe)
        explainer = Explainer(universe, outcome)
        found = [
            (
                index >= universe.binaries,
                Broken(
                    universe.names[index].decode("utf-8", "replace"),
                    universe.versions[index].decode("utf-8", "replace"),
                    explainer.why(index),
                ),
            )
            for index in outcome.broken
        ]
    return DependReport(
        architecture=architecture,
        packages=universe.binaries,
        broken=_sorted(one for is_source, one in found if not is_source),
        sources=count,
        unbuildable=_sorted(one for is_source, one in found if is_source),
    )


def _sorted(found: Iterable[Broken]) -> tuple[Broken, ...]:
    return tuple(sorted(found, key=lambda one: (one.name, one.version)))


def _universe(
    packages: Path,
    sources: Path | None,
    architecture: str,
    progress: Progress,
    profiles: Sequence[str] = (),
) -> tuple[Universe, int]:
    """Return all packages and how many sources are among them."""
    builder = load(packages, architecture.encode(), progress)
    universe = builder.universe
    if sources is None:
        return universe, 0
    progress("reading sources")
    stanzas = read_stanzas(sources, SOURCE_FIELDS)
    return universe, add_sources(builder, stanzas, [profile.encode() for profile in profiles])
