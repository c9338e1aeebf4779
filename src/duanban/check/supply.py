"""What package indexes say of a system's parts on a target: findings, short parts, open questions.

It comes after the evidence of the tree, which is kept between runs: indexes change without the
tree changing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from duanban.check.supply_words import (
    ARCHITECTURE_KEYS,
    ASKED,
    BY_HAND,
    DISTRIBUTIONS,
    LIBRARY_RULES,
    OBTAINABLE,
    SAYS,
    called,
    is_open,
    open_question,
    own_architecture,
    renamed,
    title,
    told,
)
from duanban.indexes.distribution import GONE, INDEPENDENT
from duanban.indexes.interface import Wanted
from duanban.indexes.library import Library, Opened
from duanban.indexes.machine import machine_reason
from duanban.indexes.wanted import wanted_of
from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.inventory.reach import Reach, Route
from duanban.model import (
    Answer,
    Blocker,
    Component,
    Dependency,
    DependencyKind,
    Finding,
    IndexUse,
    Offer,
    Provenance,
    Severity,
    ShortPart,
    UnknownFact,
)
from duanban.targets.interface import Target


@dataclass(frozen=True, slots=True)
class Supplied:
    """What is known of one system on one target once the indexes were asked."""

    findings: tuple[Finding, ...]
    unknown: tuple[UnknownFact, ...]
    parts: tuple[ShortPart, ...]
    indexes: tuple[IndexUse, ...]


class Supply:
    """Asks the indexes about the parts of one system, for one target after the other."""

    def __init__(
        self,
        components: Sequence[Component],
        dependencies: Sequence[Dependency],
        library: Library,
        today: date,
    ) -> None:
        self._components = components
        self._dependencies = dependencies
        self._library = library
        self._today = today

    @cached_property
    def _wanted(self) -> dict[str, Wanted]:
        found = {one.purl: wanted_of(one) for one in self._components}
        return {purl: wanted for purl, wanted in found.items() if wanted is not None}

    @cached_property
    def reach(self) -> Reach:
        """How the system reaches its parts."""
        return Reach(self._components, self._dependencies)

    def on(
        self, target: Target, findings: Sequence[Finding], unknown: Sequence[UnknownFact]
    ) -> Supplied:
        """Return what the target's indexes make of what is known so far."""
        if not self._components:
            return Supplied(tuple(findings), tuple(unknown), (), ())
        one = _OnTarget(self, target, self._library.of(target), self._wanted)
        kept = [one.finding(finding) for finding in findings]
        facts = [fact for each in unknown for fact in one.fact(each)]
        facts += one.distributions()
        facts += one.others()
        facts += one.untried()
        indexes = tuple(
            IndexUse(
                opened.copy.provenance,
                (self._today - date.fromisoformat(opened.copy.dated)).days,
                one.asked[opened.copy.name],
                one.had[opened.copy.name],
            )
            for opened in one.opened
            if one.asked[opened.copy.name]
        )
        parts = sorted(one.parts, key=lambda part: (_grave(part), part.component))
        return Supplied((*kept, *one.found), tuple(facts), tuple(parts), indexes)


def _grave(part: ShortPart) -> tuple[int, int]:
    return -part.answer.rank, list(DependencyKind).index(part.kind)


class _OnTarget:
    """The questions of one target, and what came of them."""

    def __init__(
        self, supply: Supply, target: Target, opened: Sequence[Opened], wanted: dict[str, Wanted]
    ) -> None:
        self.target = target
        self.opened = opened
        self.asked: Counter[str] = Counter()
        self.had: Counter[str] = Counter()
        self.found: list[Finding] = []
        self.parts: list[ShortPart] = []
        self._supply = supply
        self._wanted = wanted
        self._solved: set[tuple[Blocker, ...]] = set()
        self._told: set[str] = set()
        """Parts that a finding or a question is about already."""

    def offers(self, wanted: Wanted) -> list[Offer]:
        """Return what all indexes say of a part, the best first."""
        found: list[Offer] = []
        for one in self.opened:
            if not one.index.concerns(wanted):
                continue
            said = one.index.offers(wanted, self.target)
            if said:
                self.asked[one.copy.name] += 1
                self.had[one.copy.name] += any(o.answer is Answer.SAME_VERSION for o in said)
            found += said
        return sorted(found, key=lambda offer: offer.answer.rank)

    def finding(self, finding: Finding) -> Finding:
        """Return a finding about a part as it weighs once it is known who offers the part."""
        wanted = self._wanted.get(finding.component)
        says = SAYS.get(finding.rule)
        if finding.component:
            self._told.add(finding.component)
        if wanted is None or says is None:
            return finding
        told = Offer(says, Provenance(finding.path, "", ""), detail=self._neutral(finding))
        offers = self.offers(wanted)
        if all(offer.answer is not says for offer in offers):  # else an index says it better
            offers = sorted([*offers, told], key=lambda offer: offer.answer.rank)
        best = offers[0]
        if best.answer in (Answer.SAME_VERSION, Answer.UNKNOWN) and says is Answer.UNKNOWN:
            return finding
        if finding.severity is Severity.BLOCKS and best.answer in OBTAINABLE:
            finding = replace(
                finding,
                severity=Severity.DEGRADES,
                remedy=f"{best.source.index} has {called(best, wanted)}. {finding.remedy}",
            )
        finding = self._weakened(finding, self._route(finding.component))
        self._short(wanted, offers, finding.id, finding)
        return finding

    def _neutral(self, finding: Finding) -> str:
        """Return the message without the machine, so that targets can share the answer."""
        return finding.message.replace(self.target.architecture.name, "the target")

    def fact(self, fact: UnknownFact) -> Iterator[UnknownFact]:
        """Yield what is left of a question about parts once the indexes have answered."""
        meant = [self._meant(purl) for purl in fact.parts]
        known = [one for several in meant for one in several]
        self._told.update(one.component.purl for one in known)
        open_ = [one for one in known if not self._answered(one)]
        if not all(meant) or len(open_) == len(known):
            yield fact
        elif open_:
            names = listed(tuple(title(one) for one in open_))
            machine = self.target.architecture.name
            purls = tuple(one.component.purl for one in open_)
            yield UnknownFact(f"whether {names} can be had for {machine}", fact.how, purls)

    def _meant(self, purl: str) -> list[Wanted]:
        """Return the parts that a package URL stands for, which may leave the version open."""
        if purl in self._wanted:
            return [self._wanted[purl]]
        stem = purl.partition("?")[0]
        return [one for known, one in self._wanted.items() if known.startswith(f"{stem}@")]

    def _answered(self, wanted: Wanted) -> bool:
        offers = self.offers(wanted)
        if not offers or offers[0].answer is Answer.UNKNOWN:
            return False
        said = {offer.answer for offer in offers}
        if said <= {Answer.UPSTREAM_CHANGE, Answer.UNKNOWN}:  # not that there is none today
            return False
        if offers[0].answer is not Answer.SAME_VERSION:
            self._library_part(wanted, offers)
        return True

    def _library_part(self, wanted: Wanted, offers: list[Offer]) -> None:
        best = offers[0]
        finding = make_finding(
            LIBRARY_RULES[best.answer],
            self.target,
            Evidence(wanted.component.path, component=wanted.component.purl, snippet=title(wanted)),
            match=title(wanted),
            detail=told(best, wanted),
        )
        finding = self._weakened(finding, self._route(wanted.component.purl))
        self.found.append(finding)
        self._short(wanted, offers, finding.id, finding)

    def others(self) -> Iterator[UnknownFact]:
        """Judge parts whose files say nothing of machines: modules, crates, jars, bills.

        Yields one question for each file and kind that no index answers.
        """
        silent: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
        judged = {part.component for part in self.parts} | self._told
        for purl, wanted in self._wanted.items():
            if purl in judged or not is_open(wanted):
                continue
            if not self._answered(wanted):
                silent[wanted.type, wanted.component.path].append(wanted)
        for (type, path), open_ in sorted(silent.items()):
            names = listed(tuple(title(one) for one in open_))
            machine = self.target.architecture.name
            yield UnknownFact(
                f"whether {names} ({path}) can be had for {machine}",
                f"`duanban index add {type} {path}`" if type in ASKED else BY_HAND[type],
                tuple(one.component.purl for one in open_),
            )

    def distributions(self) -> Iterator[UnknownFact]:
        """Judge the packages of distributions, list by list; yield what stays open."""
        lists: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
        for wanted in self._wanted.values():
            if wanted.type in DISTRIBUTIONS and wanted.architecture != "source":
                lists[wanted.type, wanted.component.path].append(wanted)
        for (type, path), packages in sorted(lists.items()):
            own = own_architecture(packages)
            names = self.target.architecture.names.get(ARCHITECTURE_KEYS[type], ())
            if not own or own in names:
                continue
            mine = [one for one in packages if one.architecture in (own, *INDEPENDENT)]
            yield from self._package_list(type, path, own, mine)

    def _package_list(
        self, type: str, path: str, own: str, packages: Sequence[Wanted]
    ) -> Iterator[UnknownFact]:
        alike: dict[str, list[tuple[Wanted, list[Offer]]]] = defaultdict(list)
        silent: list[Wanted] = []
        for wanted in packages:
            offers = self.offers(wanted)
            answer = offers[0].answer if offers else Answer.UNKNOWN
            if answer is Answer.UNKNOWN:
                silent.append(wanted)
            elif answer is Answer.NONE and self._is_implied(wanted):
                alike["os.package.implied"].append((wanted, offers))
            elif answer is Answer.NONE and offers[0].detail == GONE:
                alike["os.package.gone"].append((wanted, offers))
            elif answer is Answer.NONE:
                self._missing(wanted, offers)
            elif answer is not Answer.SAME_VERSION:
                alike["os.package.other-version"].append((wanted, offers))
        for rule, pairs in alike.items():
            self._together(rule, path, pairs)
        bound = [one for one, _ in alike["os.package.gone"] if one.architecture not in INDEPENDENT]
        if bound:
            names = listed(tuple(one.name for one in bound))
            machine = self.target.architecture.name
            yield UnknownFact(
                f"whether {names} ({path}), which {self.target.title} has on no machine, "
                f"can be had for {machine}",
                "see where they came from (`apt-cache policy NAME`), and what takes their place",
                tuple(one.component.purl for one in bound),
            )
        if silent:
            yield open_question(f"{path} ({own})", silent, self.target, self.opened)

    def _is_implied(self, wanted: Wanted) -> bool:
        """Return whether a package is there only because others need it.

        Those are judged themselves: in the target's version they need what is there, or they are
        short, and what stands behind that is known from the target's own index.
        """
        route = self._route(wanted.component.purl)
        return route is not None and len(route.through) > 1

    def _missing(self, wanted: Wanted, offers: list[Offer]) -> None:
        best = offers[0]
        rule, detail = "os.package.missing", best.detail
        if reason := machine_reason(wanted.name):
            rule, detail = "os.package.machine", reason
        elif best.version:
            rule = "os.package.uninstallable"
        finding = make_finding(
            rule,
            self.target,
            Evidence(
                wanted.component.path,
                component=wanted.component.purl,
                snippet=f"{wanted.name} {wanted.version}",
            ),
            match=wanted.name,
            detail=detail,
        )
        finding = self._weakened(finding, self._route(wanted.component.purl))
        self.found.append(finding)
        self._short(wanted, offers, finding.id, finding)

    def _together(self, rule: str, path: str, pairs: Sequence[tuple[Wanted, list[Offer]]]) -> None:
        """Make one finding of many packages of a list that are short in the same harmless way."""
        if not pairs:
            return
        names = tuple(renamed(wanted, offers[0]) for wanted, offers in pairs)
        count = len(pairs)
        finding = make_finding(
            rule,
            self.target,
            Evidence(path, occurrences=count),
            match=f"{count} package{'s' if count > 1 else ''}",
            detail=listed(names, most=6),
        )
        self.found.append(finding)
        for wanted, offers in pairs:
            self._short(wanted, offers, finding.id, None)

    def untried(self) -> Iterator[UnknownFact]:
        """Yield one question for all sources that must be built and nobody is known to build."""
        waiting = [
            part
            for part in self.parts
            if part.answer is Answer.SOURCE_BUILDS and part.kind is not DependencyKind.DEVELOPMENT
        ]
        if not waiting:
            return
        names = tuple(title(self._wanted[part.component]) for part in waiting)
        one = self._wanted[waiting[0].component]
        joint = "==" if one.type == "pypi" else "@"
        example = f"{one.type}:{one.full_name}{joint}{one.version}".rstrip(joint)
        machine = self.target.architecture.name
        yield UnknownFact(
            f"whether the source{'' if len(names) == 1 else 's'} of {listed(names)} "
            f"build{'s' if len(names) == 1 else ''} on {machine}",
            f"`duanban check {example} -t {self.target.id}`, or build on {machine} once",
            tuple(part.component for part in waiting),
        )

    def _route(self, purl: str) -> Route | None:
        return self._supply.reach.route(purl)

    @staticmethod
    def _weakened(finding: Finding, route: Route | None) -> Finding:
        """Return a finding about a part that the system does not need to run as one to look at."""
        if route is None or route.kind is DependencyKind.REQUIRED:
            return finding
        if route.kind is DependencyKind.DEVELOPMENT:
            return replace(finding, severity=Severity.REVIEW)
        if finding.severity is Severity.BLOCKS:
            return replace(finding, severity=Severity.DEGRADES)
        return finding

    def _short(
        self, wanted: Wanted, offers: Sequence[Offer], id: str, finding: Finding | None
    ) -> None:
        purl = wanted.component.purl
        route = self._route(purl)
        part = ShortPart(
            component=purl,
            offers=tuple(offers),
            route=route.through if route else (),
            path=(route.file if route else "") or wanted.component.path,
            kind=route.kind if route else DependencyKind.REQUIRED,
            finding=id,
        )
        if finding is not None:
            part = replace(part, effort_hours=finding.expected_hours.rounded())
        self.parts.append(part)
