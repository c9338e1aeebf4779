"""The schema of target files (docs/targets.md): one struct per table, unknown keys rejected."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from duanban.model import Layer, Severity

Level = Annotated[int, Meta(ge=0, le=4)]
Text = Annotated[str, Meta(min_length=1)]
PageSize = Annotated[int, Meta(ge=4096, le=65536)]


class PlatformTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[platform]`."""

    architecture: Text
    os: Text
    os_version: str = ""
    libc: Literal["glibc", "musl"] = "glibc"
    libc_version: str = ""
    page_sizes: Annotated[list[PageSize], Meta(min_length=1)] | None = None
    compiler: str = ""
    kernel: str = ""


class LayerTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[layers.NAME]`."""

    accept: list[Text] = []
    replace: list[Text] = []


class CriterionTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[criteria.ID]`."""

    question: Text
    kind: Literal["computed", "evidence", "asserted"]
    fact: Text


class ObjectiveTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[objectives]]`."""

    id: Text
    title: Text
    weight: Annotated[float, Meta(gt=0)]
    floor: Level
    levels: dict[str, list[Text]]


class MilestoneTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[milestones]]`."""

    date: dt.date
    metric: Text
    at_least: float | None = None
    at_most: float | None = None
    scope: str = "all"


class WaiverTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[waivers]]`."""

    rule: Text
    match: Text
    reason: Text
    owner: Text
    expires: dt.date


class TargetTable(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole target file. Tables that `extends` may leave out are None where they are absent."""

    schema: Literal["duanban.target/1"]
    title: Text
    id: str = ""
    extends: str = ""
    description: str = ""
    sources: list[Text] = []
    indexes: list[Text] = []
    platform: PlatformTable | None = None
    layers: dict[Layer, LayerTable] = {}
    severity: dict[str, Severity] = {}
    criteria: dict[str, CriterionTable] = {}
    objectives: list[ObjectiveTable] = []
    milestones: list[MilestoneTable] = []
    waivers: list[WaiverTable] = []


def decode(data: bytes) -> TargetTable:
    """Return the target file `data` as its tables.

    Raises:
        msgspec.DecodeError: it is not TOML, or breaks the schema; the text names the key.
    """
    return msgspec.toml.decode(data, type=TargetTable)
