"""Target files: those that ship with the tool, and the user's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from duanban.model.errors import TargetError
from duanban.targets import schema
from duanban.targets.architectures import architecture
from duanban.targets.interface import (
    Criterion,
    LayerPolicy,
    Milestone,
    Objective,
    Platform,
    Target,
    Waiver,
)
from duanban.targets.objectives import FACTS

MAXIMAL_SIZE = 1 << 20
"""Bytes of a target file; a larger one is refused."""
MAXIMAL_CHAIN = 8
"""Targets that may extend each other."""


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """A line of `duanban targets list`."""

    id: str
    title: str
    architecture: str
    os: str
    os_version: str


def list_targets() -> list[TargetSummary]:
    """Return the targets that ship with the tool, by id; reads no architecture's facts."""
    found = []
    for name, path in sorted(_shipped().items()):
        table = _decode(path.read_bytes(), path.name)
        platform = table.platform
        found.append(
            TargetSummary(
                name,
                table.title,
                platform.architecture if platform else "",
                platform.os if platform else "",
                platform.os_version if platform else "",
            )
        )
    return found


def load_target(id_or_path: str) -> Target:
    """Return the target with that id, or the one in that file (a name that ends in `.toml`).

    Raises:
        TargetError: there is none, or its file breaks the schema; names the file and the key.
    """
    return _load(id_or_path, Path.cwd(), ())


@cache
def _shipped() -> dict[str, Path]:
    folder = Path(str(files(__package__).joinpath("stacks")))
    return {path.stem: path for path in folder.glob("*.toml")}


def _find(id_or_path: str, beside: Path) -> Path:
    if id_or_path.endswith(".toml"):
        path = beside / id_or_path
        if not path.is_file():
            raise TargetError(f"no target file {id_or_path}")
        return path
    if id_or_path not in _shipped():
        close = get_close_matches(id_or_path, sorted(_shipped()), n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise TargetError(
            f"unknown target {id_or_path!r}; {hint}`duanban targets list` names them all, "
            "and a file of your own ends in .toml"
        )
    return _shipped()[id_or_path]


def _decode(data: bytes, name: str) -> schema.TargetTable:
    try:
        return schema.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TargetError(f"target file {name}: {error}") from error


def _load(id_or_path: str, beside: Path, chain: tuple[Path, ...]) -> Target:
    path = _find(id_or_path, beside).resolve()
    if path in chain or len(chain) >= MAXIMAL_CHAIN:
        raise TargetError(f"target file {path.name}: `extends` goes round in a circle or too far")
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMAL_SIZE + 1)
    except OSError as error:
        raise TargetError(f"target file {id_or_path}: {error.strerror}") from error
    if len(data) > MAXIMAL_SIZE:
        raise TargetError(f"target file {path.name}: larger than {MAXIMAL_SIZE} bytes")
    table = _decode(data, path.name)
    base = _load(table.extends, path.parent, (*chain, path)) if table.extends else None
    try:
        return _build(table, table.id or path.stem, base)
    except TargetError as error:
        raise TargetError(f"target file {path.name}: {error}") from error


def _build(table: schema.TargetTable, name: str, base: Target | None) -> Target:
    """Return the target of `table`; what it leaves out comes from `base`."""
    criteria = {
        key: Criterion(key, item.question, item.kind, item.fact)
        for key, item in table.criteria.items()
    }
    if table.platform is None and base is None:
        raise TargetError("[platform] is missing")
    own = Target(
        id=name,
        title=table.title,
        platform=_platform(table.platform) if table.platform else base.platform,  # type: ignore[union-attr]
        description=table.description,
        layers={
            layer.value: LayerPolicy(tuple(item.accept), tuple(item.replace))
            for layer, item in table.layers.items()
        },
        severity=table.severity,
        criteria=criteria,
        objectives=tuple(_objective(item) for item in table.objectives),
        milestones=tuple(_milestone(item) for item in table.milestones),
        waivers=tuple(
            Waiver(item.rule, item.match, item.reason, item.owner, item.expires)
            for item in table.waivers
        ),
        sources=tuple(table.sources),
        indexes=tuple(table.indexes),
    )
    merged = own if base is None else _merged(own, base)
    _check_criteria(merged)
    return merged


def _merged(own: Target, base: Target) -> Target:
    """Return `own` over `base`: tables are joined key by key, lists of `base` come first."""
    replaced = {objective.id for objective in own.objectives}
    kept = tuple(item for item in base.objectives if item.id not in replaced)
    return replace(
        own,
        description=own.description or base.description,
        layers={**base.layers, **own.layers},
        severity={**base.severity, **own.severity},
        criteria={**base.criteria, **own.criteria},
        objectives=kept + own.objectives,
        milestones=base.milestones + own.milestones,
        waivers=base.waivers + own.waivers,
        sources=tuple(dict.fromkeys(base.sources + own.sources)),
        indexes=tuple(dict.fromkeys(own.indexes + base.indexes)),
    )


def _platform(table: schema.PlatformTable) -> Platform:
    facts = architecture(table.architecture)
    sizes = tuple(table.page_sizes or facts.page_sizes)
    for size in sizes:
        if size not in facts.page_sizes:
            raise TargetError(
                f"platform.page_sizes: Linux cannot be built with {size} on {facts.name}"
            )
    return Platform(
        architecture=facts,
        os=table.os,
        os_version=table.os_version,
        libc=table.libc,
        libc_version=table.libc_version,
        page_sizes=sizes,
        compiler=table.compiler,
        kernel=table.kernel,
    )


def _objective(table: schema.ObjectiveTable) -> Objective:
    levels: dict[int, tuple[str, ...]] = {}
    for key, criteria in table.levels.items():
        if key not in {"1", "2", "3", "4"}:
            raise TargetError(f"objectives.{table.id}.levels: {key!r} is not a level from 1 to 4")
        levels[int(key)] = tuple(criteria)
    highest = max(levels, default=0)
    if sorted(levels) != list(range(1, highest + 1)):
        raise TargetError(f"objectives.{table.id}.levels: no level may be left out below {highest}")
    if table.floor > highest:
        raise TargetError(f"objectives.{table.id}.floor: {table.floor} is above the top level")
    return Objective(table.id, table.title, table.weight, table.floor, levels)


def _milestone(table: schema.MilestoneTable) -> Milestone:
    if (table.at_least is None) == (table.at_most is None):
        raise TargetError(f"milestones {table.date}: give one of at_least and at_most")
    return Milestone(table.date, table.metric, table.at_least, table.at_most, table.scope)


def _check_criteria(target: Target) -> None:
    """Raise TargetError for an unknown criterion of an objective or an unknown computed fact."""
    for objective in target.objectives:
        for name in (name for names in objective.levels.values() for name in names):
            if name not in target.criteria:
                raise TargetError(f"objectives.{objective.id}: no criterion {name!r}")
    for criterion in target.criteria.values():
        if criterion.kind == "computed" and criterion.fact not in FACTS:
            known = ", ".join(FACTS)
            raise TargetError(
                f"criteria.{criterion.id}.fact: {criterion.fact!r} is not computed; known: {known}"
            )
