"""Reads the catalogue that ships with the package."""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from duanban.alternatives.interface import Alternative, Catalogue, Part
from duanban.alternatives.schema import parse_alternative, parse_day, parse_part
from duanban.model import EvidenceKind, Support
from duanban.model.errors import RuleError

DIRECTORY = Path(__file__).parent / "catalogue"
_ALTERNATIVES = "alternatives.toml"
_COMPUTED = "debian.json"
"""What `scripts/verify_catalogue.py` found in package indexes."""


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue; read once per process.

    Raises RuleError where a file breaks the schema, which is a defect of the package.
    """
    return read_catalogue(DIRECTORY)


def read_catalogue(directory: Path) -> Catalogue:
    """Return the catalogue in `directory`.

    Raises:
        RuleError: a file cannot be read or breaks the schema, or an id stands twice.
    """
    computed = _computed(directory / _COMPUTED)
    content = _toml(directory / _ALTERNATIVES)
    dated = parse_day(content.get("dated"), _ALTERNATIVES)
    found: dict[str, Alternative] = {}
    for raw in content.get("alternative", []):
        supports: Mapping[str, Support] = computed.get(str(raw.get("id")), {})
        one = parse_alternative(raw, _ALTERNATIVES, dated, supports)
        if one.id in found:
            raise RuleError(f"{_ALTERNATIVES}: {one.id}: another alternative has this id")
        found[one.id] = one
    parts: dict[str, Part] = {}
    for path in sorted(directory.glob("*.toml")):
        for raw in _toml(path).get("part", []):
            part = parse_part(raw, path.name, found)
            if part.id in parts:
                raise RuleError(f"{path.name}: {part.id}: another part has this id")
            parts[part.id] = part
    indexes = {
        support.source.partition(":")[0]: support.date
        for each in computed.values()
        for support in each.values()
    }
    return Catalogue(dict(sorted(parts.items())), dict(sorted(found.items())), indexes)


def _computed(path: Path) -> Mapping[str, Mapping[str, Support]]:
    """Return alternative and machine to what an index says."""
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text("utf-8"))
        day, index = parse_day(document["date"], path.name), document["index"]
        found: dict[str, dict[str, Support]] = defaultdict(dict)
        for name, machines in document["alternatives"].items():
            for machine, (package, version) in machines.items():
                source = f"{index}: {package} {version}"
                found[name][machine] = Support(machine, EvidenceKind.COMPUTED, day, source)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"{path.name}: {error!r}") from error
    return found


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path.name}: {error}") from error
