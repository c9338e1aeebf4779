"""The picture of what holds a checked system back: rules and short parts, and what waits for them.

Held back are files with a finding that blocks, files that will not compile for one, and parts by
way of which the system reaches one that is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from duanban.model import Finding, Layer, Report, Severity, TargetResult
from duanban.model.purl import title_of
from duanban.report import summary
from duanban.report.words import say
from duanban.staves.picture import LayerCount, Node, Picture, PictureStave

if TYPE_CHECKING:
    from duanban.rules.interface import Rule


@dataclass(slots=True)
class _Stave:
    """A cause while its places are gathered."""

    name: str
    cause: str
    layer: Layer
    at: dict[int, None] = field(default_factory=dict)
    blocks: dict[int, None] = field(default_factory=dict)


def pictures(report: Report, rules: Mapping[str, Rule]) -> list[Picture]:
    """Return a picture for each target that something blocks; targets that look the same share one.

    Args:
        report: of the check.
        rules: for the titles of what was found.
    """
    found: dict[Picture, list[str]] = {}
    targets = dict.fromkeys(r.target for system in report.systems for r in system.targets)
    for target in targets:
        made = _picture(report, target, rules)
        if made.staves:
            found.setdefault(replace(made, layers=()), []).append(target)
    return [replace(one, target=", ".join(names)) for one, names in found.items()]


def _picture(report: Report, target: str, rules: Mapping[str, Rule]) -> Picture:
    made = _Maker(rules)
    for system in report.systems:
        for result in system.targets:
            if result.target == target:
                # Paths of several systems may be the same, their files are not.
                made.add(system.name if len(report.systems) > 1 else "", result)
    layers = summary.staves(report.systems, target)
    return Picture(
        title="What holds back what",
        target="",
        basis="",
        layers=tuple(LayerCount(one.layer, one.parts, one.blocked, one.open) for one in layers),
        nodes=tuple(made.nodes),
        edges=tuple(made.edges),
        staves=made.staves(),
    )


class _Maker:
    """Gathers nodes, edges and causes."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.nodes: list[Node] = []
        self.edges: dict[tuple[int, int], None] = {}
        self._rules = rules
        self._numbers: dict[tuple[str, str], int] = {}
        self._staves: dict[tuple[str, str], _Stave] = {}

    def add(self, system: str, result: TargetResult) -> None:
        """Add what blocks a system on a target."""
        routes = {part.finding: part.route for part in result.parts if part.finding}
        known = {finding.id: finding for finding in result.findings}
        by_id = {
            finding.id: known.get(finding.part_of, finding)
            for finding in result.findings
            if finding.severity is Severity.BLOCKS
        }
        for finding in dict.fromkeys(by_id.values()):
            stave = self._stave(finding)
            place = self._place(system, finding)
            stave.at[place] = stave.blocks[place] = None
            self._route(system, finding, routes.get(finding.id, ()), place, stave)
        for failure in result.fails:
            unit = self._node(system, failure.path, "file", None)
            for cause in failure.because:
                if cause in by_id:
                    self._fails(system, unit, by_id[cause])

    def _fails(self, system: str, unit: int, finding: Finding) -> None:
        stave = self._stave(finding)
        place = self._place(system, finding)
        stave.at[place] = stave.blocks[unit] = None
        if place != unit:
            self.edges[unit, place] = None

    def _route(
        self, system: str, finding: Finding, route: Iterable[str], place: int, stave: _Stave
    ) -> None:
        """Add the parts by way of which a short one is reached."""
        awaited = place
        for purl in reversed([one for one in route if one != finding.component]):
            part = self._node(system, title_of(purl), "part", finding.layer)
            self.edges[part, awaited] = stave.blocks[part] = None
            awaited = part

    def _stave(self, finding: Finding) -> _Stave:
        rule = self._rules.get(finding.rule)
        if finding.component:
            key = (finding.component, finding.rule)
            name, cause = title_of(finding.component), say(rule.title) if rule else finding.rule
        else:
            key = ("", finding.rule)
            name, cause = say(rule.title) if rule else finding.rule, finding.rule
        return self._staves.setdefault(key, _Stave(name, cause, finding.layer))

    def _place(self, system: str, finding: Finding) -> int:
        if finding.component:
            return self._node(system, title_of(finding.component), "part", finding.layer)
        return self._node(system, finding.path, "file", finding.layer)

    def _node(self, system: str, name: str, kind: str, layer: Layer | None) -> int:
        shown = f"{system}: {name}" if system else name
        number = self._numbers.setdefault((shown, kind), len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(Node(shown, kind, layer, item=True))
        return number

    def staves(self) -> tuple[PictureStave, ...]:
        """Return the causes, the gravest first."""
        causes = [0] * len(self.nodes)
        for stave in self._staves.values():
            for node in stave.blocks:
                causes[node] += 1
        made = [
            PictureStave(
                name=stave.name,
                cause=stave.cause,
                layer=stave.layer,
                holds_back=len(stave.blocks),
                alone=sum(causes[node] == 1 for node in stave.blocks),
                blocks=tuple(stave.blocks),
                at=tuple(stave.at),
            )
            for stave in self._staves.values()
        ]
        return tuple(sorted(made, key=lambda one: (-one.alone, -one.holds_back, one.name)))
