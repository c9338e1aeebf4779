"""A target as plain data, with where each fact comes from (`duanban targets show`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from duanban.targets.interface import Architecture, Objective, Target
from duanban.targets.waivers import expired_waivers

LARGE = ("macros", "headers", "syscalls", "builtins", "ucontext")
"""Tables of facts that are shown by their size."""


def describe(target: Target, day: date) -> dict[str, Any]:
    """Return `target` as dicts, lists and scalars in a fixed order; dates are ISO text.

    Large tables of facts are given by their number of entries. `architecture.facts` holds for
    each fact its value, its kind (`computed`, from compilers and headers, or `documented`) and
    its source. `day` decides which waivers have expired.
    """
    platform = target.platform
    expired = expired_waivers(target, day)
    return {
        "id": target.id,
        "title": target.title,
        "description": target.description.strip(),
        "sources": list(target.sources),
        "indexes": list(target.indexes),
        "platform": {
            "os": platform.os,
            "os_version": platform.os_version,
            "libc": platform.libc,
            "libc_version": platform.libc_version,
            "page_sizes": list(platform.page_sizes),
            "compiler": platform.compiler,
            "kernel": platform.kernel,
        },
        "architecture": _architecture(platform.architecture),
        "layers": {
            name: {"accept": list(policy.accept), "replace": list(policy.replace)}
            for name, policy in target.layers.items()
        },
        "severity": {pattern: severity.value for pattern, severity in target.severity.items()},
        "criteria": {
            item.id: {"question": item.question, "kind": item.kind, "fact": item.fact}
            for item in target.criteria.values()
        },
        "objectives": [_objective(item) for item in target.objectives],
        "milestones": [
            {
                "date": item.date.isoformat(),
                "metric": item.metric,
                "at_least": item.at_least,
                "at_most": item.at_most,
                "scope": item.scope,
            }
            for item in target.milestones
        ],
        "waivers": [
            {
                "rule": item.rule,
                "match": item.match,
                "reason": item.reason,
                "owner": item.owner,
                "expires": item.expires.isoformat(),
                "expired": item in expired,
            }
            for item in target.waivers
        ],
    }


def _architecture(facts: Architecture) -> dict[str, Any]:
    values: dict[str, Any] = {name: len(getattr(facts, name)) for name in LARGE}
    values |= {
        "elf_machine": facts.elf_machine,
        "bits": facts.bits,
        "little_endian": facts.little_endian,
        "char_signed": facts.char_signed,
        "page_sizes": list(facts.page_sizes),
        "memory_order": facts.memory_order,
        "cache_line": facts.cache_line,
        "long_double": facts.long_double,
        "unaligned_access": facts.unaligned_access,
        "names": {key: list(names) for key, names in facts.names.items()},
        "since": dict(facts.since),
    }
    return {
        "name": facts.name,
        "facts": {name: _fact(facts, name, values[name]) for name in values},
    }


def _fact(facts: Architecture, name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    source = facts.sources[name]
    kind, separator, text = source.partition("documented: ")
    if separator and not kind:
        return {"value": value, "kind": "documented", "source": text}
    return {"value": value, "kind": "computed", "source": source}


def _objective(item: Objective) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "weight": item.weight,
        "floor": item.floor,
        "levels": {str(level): list(names) for level, names in sorted(item.levels.items())},
    }
