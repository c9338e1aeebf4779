"""Short staves of an estate: what its systems' findings and short parts share, and what to solve.

An item is a system, worth its weight. It is free when all that blocks it is solved; for a part
there may be several ways to solve it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from duanban.model import (
    Blocker,
    DependencyKind,
    Effort,
    Finding,
    Layer,
    Severity,
    ShortPart,
    SystemReport,
    TargetResult,
)
from duanban.model.purl import name_of
from duanban.staves.interface import CurvePoint
from duanban.staves.options import TRUE, Terms, all_of, any_of, bits
from duanban.staves.select import Selection

CREDIBLE = 0.5
"""A blocking finding less probable than this does not hold a system back by itself."""
OWN = "own code"
FACT = "fact to find out"


@dataclass(frozen=True, slots=True)
class Member:
    """A system of the estate."""

    name: str
    report: SystemReport
    weight: int = 1


@dataclass(frozen=True, slots=True)
class EstateStave:
    """A cause and what of the estate it holds back."""

    blocker: Blocker
    layer: Layer | None
    """None for a fact that is missing."""
    holds_back: int
    """Weight of the systems that have it in one of the ways in which they could be freed."""
    alone: int
    """Weight of the systems that stay blocked if all other causes are solved."""
    systems: tuple[str, ...]
    parts: tuple[str, ...]
    """Package URLs of the parts through which it holds them back, or paths in own code."""
    effort_hours: Effort
    """Of what was found where it sits; of a cause that many share it counts once."""


@dataclass(frozen=True, slots=True)
class EstatePlan:
    """The best causes to solve within a budget."""

    budget: int
    chosen: tuple[Blocker, ...]
    unlocked: int
    """Weight of the systems that it frees."""
    bound: int
    """No choice within the budget frees more."""


@dataclass(frozen=True, slots=True)
class HeldSystem:
    """A system that is held back."""

    name: str
    weight: int
    options: tuple[tuple[Blocker, ...], ...]
    """Lists of causes, each of which is enough."""


@dataclass(frozen=True, slots=True)
class EstateTarget:
    """The staves of one target."""

    target: str
    systems: int
    weight: int
    """Of all systems."""
    free: int
    """Weight of those that nothing holds back."""
    held: tuple[HeldSystem, ...]
    staves: tuple[EstateStave, ...]
    """The gravest first."""
    plan: EstatePlan
    curve: tuple[CurvePoint, ...]
    """The value of every budget, without what is free already."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A system that is held back, as the choice among causes sees it."""

    member: Member
    options: Terms
    needed: int

    @property
    def value(self) -> int:
        """Return what it is worth."""
        return self.member.weight


@dataclass
class _Roots:
    """Numbers for causes, with what is known of each."""

    numbers: dict[Blocker, int] = field(default_factory=dict)
    layers: dict[Blocker, Layer] = field(default_factory=dict)
    effort: dict[Blocker, Effort] = field(default_factory=dict)
    parts: dict[Blocker, set[str]] = field(default_factory=lambda: defaultdict(set))

    def ways(
        self, ways: Iterable[Sequence[Blocker]], layer: Layer | None, effort: Effort, part: str
    ) -> Terms:
        """Return the ways as terms, and keep what stands behind their causes."""
        terms = []
        for way in ways:
            mask = 0
            for blocker in way:
                mask |= 1 << self.numbers.setdefault(blocker, len(self.numbers))
                if layer is not None:
                    self.layers.setdefault(blocker, layer)
                if part:
                    self.parts[blocker].add(part)
                known = self.effort.get(blocker, Effort())
                own = blocker.cause == OWN
                self.effort[blocker] = known + effort if own else max(known, effort, key=_likely)
            terms.append((mask,))
        return any_of(terms)


def _likely(effort: Effort) -> float:
    return effort.likely


def analyse_estate(members: Sequence[Member], budget: int) -> tuple[EstateTarget, ...]:
    """Return the staves of every target that the systems were checked against, in their order."""
    targets = dict.fromkeys(result.target for one in members for result in one.report.targets)
    return tuple(_target(target, members, budget) for target in targets)


def _target(target: str, members: Sequence[Member], budget: int) -> EstateTarget:
    pairs = [
        (member, result)
        for member in members
        for result in member.report.targets
        if result.target == target
    ]
    unordered = _Roots()
    for member, result in pairs:
        _blocked(member, result, unordered)
    # Of choices that free as much, the one with the lower numbers is taken: the cheaper causes.
    cheapest = sorted(unordered.numbers, key=lambda one: (_likely(unordered.effort[one]), one))
    roots = _Roots({blocker: number for number, blocker in enumerate(cheapest)})
    items = [_Item(member, *_blocked(member, result, roots)) for member, result in pairs]
    held = [item for item in items if item.options != TRUE]
    blockers = list(roots.numbers)
    selection = Selection(held)
    point = selection.points[min(budget, len(selection.points) - 1)]
    chosen = tuple(blockers[number] for number in selection.chosen(budget))
    return EstateTarget(
        target=target,
        systems=len(items),
        weight=sum(item.value for item in items),
        free=sum(item.value for item in items if item.options == TRUE),
        held=tuple(
            HeldSystem(
                item.member.name,
                item.value,
                tuple(tuple(blockers[n] for n in bits(option)) for option in item.options),
            )
            for item in held
        ),
        staves=tuple(_staves(held, roots)),
        plan=EstatePlan(budget, chosen, point.unlocked, point.bound),
        curve=tuple(selection.points),
    )


def _blocked(member: Member, result: TargetResult, roots: _Roots) -> tuple[Terms, int]:
    """Return the sets of causes each of which frees the system, and those that all have."""
    causes = [*_causes(member, result, roots)]
    needed = 0
    for terms in causes:
        every = -1
        for term in terms:
            every &= term
        needed |= every
    return all_of(causes), needed


def _causes(member: Member, result: TargetResult, roots: _Roots) -> Iterator[Terms]:
    """Yield for each thing that holds the system back the ways to solve it."""
    parts = {part.finding: part for part in result.parts}
    for finding in result.findings:
        if finding.severity is not Severity.BLOCKS or finding.confidence < CREDIBLE:
            continue
        if finding.part_of:  # the whole is a cause of its own
            continue
        ways, part = _ways(member, finding, parts)
        yield roots.ways(ways, finding.layer, finding.expected_hours, part)
    for fact in result.unknown:
        yield roots.ways(((Blocker(fact.fact, FACT),),), None, Effort(), "")


def _ways(
    member: Member, finding: Finding, parts: Mapping[str, ShortPart]
) -> tuple[tuple[tuple[Blocker, ...], ...], str]:
    """Return how a finding can be solved, and the part or place that it is about."""
    if not finding.component:
        return ((Blocker(member.name, OWN),),), finding.path
    part = parts.get(finding.id)
    if part is not None and part.kind is DependencyKind.REQUIRED:
        for offer in part.offers:
            if offer.ways:
                return offer.ways, finding.component
    return ((Blocker(name_of(finding.component), finding.rule),),), finding.component


def _staves(held: Sequence[_Item], roots: _Roots) -> Iterator[EstateStave]:
    some: dict[int, list[Member]] = defaultdict(list)
    alone: dict[int, int] = defaultdict(int)
    for item in held:
        mask = 0
        for option in item.options:
            mask |= option
        for number in bits(mask):
            some[number].append(item.member)
            if item.needed >> number & 1:
                alone[number] += item.value
    found = [
        EstateStave(
            blocker=blocker,
            layer=roots.layers.get(blocker),
            holds_back=sum(member.weight for member in some[number]),
            alone=alone[number],
            systems=tuple(member.name for member in some[number]),
            parts=tuple(sorted(roots.parts[blocker])),
            effort_hours=roots.effort[blocker],
        )
        for blocker, number in roots.numbers.items()
        if some[number]
    ]
    yield from sorted(found, key=lambda s: (-s.alone, -s.holds_back, -len(s.parts), s.blocker))
