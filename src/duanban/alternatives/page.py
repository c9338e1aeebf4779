"""The catalogue as a page of Markdown (docs/alternatives.md)."""

from __future__ import annotations

from collections.abc import Iterator

from duanban.alternatives.interface import Alternative, Catalogue, Part
from duanban.alternatives.schema import MACHINES
from duanban.model import EvidenceKind, Layer

_MARKS = {
    EvidenceKind.COMPUTED: "●",
    EvidenceKind.DOCUMENTED: "◐",
    EvidenceKind.ASSERTED: "○",
}


def markdown(catalogue: Catalogue) -> str:
    """Return the parts by layer, then the alternatives."""
    return "\n".join([*_summary(catalogue), *_parts(catalogue), *_alternatives(catalogue)]) + "\n"


def _summary(catalogue: Catalogue) -> Iterator[str]:
    supports = [each for one in catalogue.alternatives.values() for each in one.supports]
    kinds = ", ".join(
        f"{sum(each.kind is kind for each in supports)} {kind.value} ({mark})"
        for kind, mark in _MARKS.items()
    )
    indexes = ", ".join(f"{name} of {day}" for name, day in sorted(catalogue.verified.items()))
    yield (
        f"{len(catalogue.parts)} parts, {len(catalogue.alternatives)} alternatives; statements "
        f"that one runs on a machine: {kinds}. Computed from {indexes or 'no index'}."
    )
    yield ""


def _parts(catalogue: Catalogue) -> Iterator[str]:
    for layer in Layer:
        chosen = [one for one in catalogue.parts.values() if one.layer is layer]
        if chosen:
            yield from (f"## Parts: {layer.value}", "")
        for part in chosen:
            yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    where = f" ({part.jurisdiction})" if part.jurisdiction else ""
    yield from (
        f"### `{part.id}`: {part.title}",
        "",
        f"{part.why} Licence: {part.licence}. Decided by: {part.steward}{where}.",
        "",
        "| instead | hours | what decides |",
        "|---|---|---|",
    )
    for use in part.uses:
        note = f" ({use.note})" if use.note else ""
        yield (
            f"| {use.alternative.name} | {use.effort.low:g} to {use.effort.high:g} | "
            f"{use.depends}{note} |"
        )
    yield ""


def _alternatives(catalogue: Catalogue) -> Iterator[str]:
    yield from (
        "## Alternatives",
        "",
        f"| alternative | licence | decided by | {' | '.join(MACHINES)} | see |",
        f"|---|---|---|{'---|' * len(MACHINES)}---|",
    )
    for one in sorted(catalogue.alternatives.values(), key=lambda each: each.name.lower()):
        cells = " | ".join(_support(one, machine) for machine in MACHINES)
        yield (
            f"| {one.name} | {one.licence} | {one.steward} ({one.jurisdiction}) | {cells} | "
            f"{'; '.join(one.sources)} |"
        )


def _support(one: Alternative, machine: str) -> str:
    support = one.on(machine)
    if support is None:
        return ""
    mark = _MARKS[support.kind]
    if support.kind is not EvidenceKind.COMPUTED:
        return mark
    return f"{mark} {support.source.rpartition(' ')[2]}"
