"""The picture of an estate's staves: systems, the parts they need, and what has to be solved."""

from __future__ import annotations

from collections.abc import Sequence

from duanban.model import Layer
from duanban.model.purl import title_of
from duanban.report import summary
from duanban.staves.estate import EstateStave, EstateTarget, Member
from duanban.staves.picture import LayerCount, Node, Picture, PictureStave


def estate_picture(found: EstateTarget, members: Sequence[Member]) -> Picture:
    """Return what a page shows of one target.

    Args:
        found: its staves.
        members: the systems of the estate.
    """
    maker = _Maker(found, members)
    staves = tuple(maker.stave(stave) for stave in found.staves)
    layers = summary.staves([member.report for member in members], found.target)
    return Picture(
        title="Short staves of the estate",
        target=found.target,
        basis=_basis(members, found.target),
        layers=tuple(LayerCount(one.layer, one.parts, one.blocked, one.open) for one in layers),
        nodes=tuple(maker.nodes),
        edges=tuple(maker.edges),
        staves=staves,
        budget=found.plan.budget,
        unlocked=found.plan.unlocked,
        bound=found.plan.bound,
        curve=found.curve,
    )


def _basis(members: Sequence[Member], target: str) -> str:
    """Return which copies of indexes the answers rest on."""
    uses = {
        f"{use.source.index} of {use.source.date}"
        for member in members
        for result in member.report.targets
        if result.target == target
        for use in result.indexes
    }
    systems = f"{len(members)} systems" if len(members) != 1 else "1 system"
    return "; ".join([systems, *sorted(uses)])


class _Maker:
    """Numbers nodes and draws edges."""

    def __init__(self, found: EstateTarget, members: Sequence[Member]) -> None:
        self.nodes: list[Node] = []
        self.edges: dict[tuple[int, int], None] = {}
        self._chosen = set(found.plan.chosen)
        self._numbers: dict[tuple[str, str], int] = {}
        self._routes = {
            (member.name, part.component): part.route
            for member in members
            for result in member.report.targets
            if result.target == found.target
            for part in result.parts
        }
        for system in found.held:
            self._system(system.name)

    def stave(self, stave: EstateStave) -> PictureStave:
        """Return a cause, with its places among the nodes."""
        systems = [
            self._node(name, "system", Layer.APPLICATION, item=True) for name in stave.systems
        ]
        at: dict[int, None] = {}
        for part in stave.parts:
            if not part.startswith("pkg:"):  # a file of the system's own code
                continue
            node = self._node(title_of(part), "part", stave.layer)
            at[node] = None
            for name, system in zip(stave.systems, systems, strict=True):
                self._way(system, self._routes.get((name, part)), node, stave.layer)
        return PictureStave(
            name=stave.blocker.name,
            cause=stave.blocker.cause,
            layer=stave.layer,
            holds_back=stave.holds_back,
            alone=stave.alone,
            blocks=tuple(systems),
            at=tuple(at) or tuple(systems),
            chosen=stave.blocker in self._chosen,
            details=tuple(title_of(p) if p.startswith("pkg:") else p for p in stave.parts),
        )

    def _way(
        self, system: int, route: Sequence[str] | None, part: int, layer: Layer | None
    ) -> None:
        """Draw how a system reaches a part; nothing where it does not have it."""
        if route is None:
            return
        before = system
        for purl in route[:-1]:
            node = self._node(title_of(purl), "part", layer)
            self.edges[before, node] = None
            before = node
        if before != part:
            self.edges[before, part] = None

    def _system(self, name: str) -> int:
        return self._node(name, "system", Layer.APPLICATION, item=True)

    def _node(self, name: str, kind: str, layer: Layer | None, *, item: bool = False) -> int:
        number = self._numbers.setdefault((name, kind), len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(Node(name, kind, layer, item))
        return number
