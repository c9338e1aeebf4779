"""Findings in files that are for one architecture by their path.

`src/x86/sum_avx2.c` does not compile on the target and need not: what matters is whether the
target has something in its place. So such findings are joined, one per rule and place, and weigh
as much as that is in doubt. The same goes for a header that only such files fail through, and for
sources that the build files leave out on the target. What a build file takes in under a condition
that nothing decides is to review, and so is what no unit that was followed came to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from duanban.check.findings import UNCERTAIN
from duanban.check.lone import HEADERS
from duanban.model import NOT_NEEDED, Effort, Finding, Layer, Severity, Truth
from duanban.rules.interface import Rule, Subject
from duanban.scan.build.names import is_aside, is_below_other_system, is_for_other_system
from duanban.scan.functions import ASSEMBLER
from duanban.scan.includes import UNIT_SUFFIXES
from duanban.scan.languages import language_of, program_languages
from duanban.scan.place import Elsewhere
from duanban.targets.interface import Target

SERVED = 0.05
"""Confidence that work is needed where further architectures or a generic version are served."""

SERVED_BY_OWN = "by its path for another architecture; the target has its own"
OWN = "by its path for another architecture; others have their own"
NOTHING = "by its path for another architecture; nothing stands beside it"
UNITS = "only units for another architecture compile it; others have their own"
SYSTEM = "by its name for another system"
TESTS = "only tests and examples come to it"
OPTIONAL = "by its path for another architecture, and nothing is known to need it"
LEFT_OUT = "the build files leave it out on the target"

COMPILED = (*UNIT_SUFFIXES, *HEADERS, *ASSEMBLER)
"""What is compiled, or included by what is; nothing else is C but what programs read."""

BY_PATH = (SERVED_BY_OWN, OWN, NOTHING, OPTIONAL)
"""Reasons for which findings of several files become one."""

CIRCUMSTANCE = {
    SERVED_BY_OWN: NOT_NEEDED,
    OWN: "served",
    NOTHING: "nothing beside",
    OPTIONAL: "optional",
    LEFT_OUT: "left out",
    UNITS: "left out",
    SYSTEM: "other system",
    TESTS: "aside",
}
"""What each reason is called in `calibration.toml`."""

EMULATED = (Subject.HEADER, Subject.INTRINSIC)
"""What SIMDe stands in for."""

ASIDE = 0.3
"""Factor on that of a place in tests, examples or documentation: no user waits for it."""

PASSED_BY = 0.1
"""Factor on that of a place in a unit that was followed and did not come to it."""

ALONE = 0.45
"""Factor on the confidence where the tree has nothing but the other architecture's version."""


def without_own(
    findings: Mapping[str, Sequence[Finding]],
    elsewhere: Elsewhere,
    target: Target,
    rules: Mapping[str, Rule],
) -> dict[str, list[Finding]]:
    """Leave out what is taken for another architecture's in files of the target's own.

    Architectures share names: `__m256i` is a type of LoongArch's LASX as well as of AVX. A file
    that its path gives to the target was written for it.

    Args:
        findings: for the target, by path.
        elsewhere: of the tree.
        target: the target.
        rules: by id.
    """
    return {
        path: [
            finding
            for finding in found
            if not rules[finding.rule].condition.belongs_to
            or not elsewhere.is_its_own(path, target.architecture.name)
        ]
        for path, found in findings.items()
    }


@dataclass(frozen=True)
class Reach:
    """Which sources a target needs, as far as their paths, build files and units tell."""

    elsewhere: Elsewhere
    architecture: str
    failing: Mapping[str, Iterable[str]]
    """Units that do not compile there, with the ids of the findings that cause it."""
    followed: Set[str]
    """Units that were followed whole."""
    idle: Set[str]
    """Ids of findings in functions that units have and do not use."""
    included: Set[str]
    """Files that something includes; empty if not all units were followed."""
    built: Mapping[str, Truth]
    """Whether build files take a source in; those of which they say nothing are not in it."""
    emulated: Set[str]
    """Files that can include an emulation of intrinsics in the place of the compiler's header."""
    served: frozenset[str] = frozenset()
    """Files for another architecture that the target has a counterpart of."""
    is_entered: Callable[[str], bool] = lambda _: True
    """Whether a build surely comes to a build file by itself, given its path."""
    is_assembler: bool = False
    """Whether most of what the tree compiles is assembler, so that nothing in C can stand in."""

    @cached_property
    def units(self) -> Mapping[str, Sequence[str]]:
        """The units that each finding stops, by its id; what others include is none by itself."""
        found: dict[str, list[str]] = {}
        for unit, causes in self.failing.items():
            for cause in () if unit in self.included else causes:
                found.setdefault(cause, []).append(unit)
        return found

    @cached_property
    def causing(self) -> frozenset[str]:
        """Ids of the findings that stop some unit."""
        return frozenset(cause for causes in self.failing.values() for cause in causes)

    def beside(self, finding: Finding) -> str:
        """Return why the finding's place may not be needed on the target; empty if it is."""
        units = self.units.get(finding.id) or [finding.path]
        if self.served.issuperset(units):
            return SERVED_BY_OWN
        if is_for_other_system(finding.path):
            return SYSTEM
        for_others = self.elsewhere.is_for_others(finding.path, self.architecture)
        if for_others and (by_path := self._by_path(finding)):
            return by_path
        needing = [unit for unit in units if not self.is_spared(unit)]
        if not needing:
            return LEFT_OUT if units == [finding.path] else UNITS
        if finding.path not in units and self._are_aside(needing):
            return TESTS
        return NOTHING if for_others else ""

    def _by_path(self, finding: Finding) -> str:
        """Return why a place in another architecture's file may not be needed; empty if it is."""
        if self.elsewhere.has_alternative(finding.path):
            return OWN
        return OPTIONAL if self.is_passed_by(finding) or self.is_undecided(finding) else ""

    def is_undecided(self, finding: Finding) -> bool:
        """Return whether only sources that may or may not be built come to the place."""
        units = self.units.get(finding.id) or [finding.path]
        return all(self.built.get(unit, Truth.TRUE) is not Truth.TRUE for unit in units)

    def is_passed_by(self, finding: Finding) -> bool:
        """Return whether the place stands where units were followed and none came to it."""
        path = finding.path
        is_offered = finding.id in self.idle and not path.endswith(UNIT_SUFFIXES)
        if finding.id in self.units or is_offered:
            return False
        return path in self.followed or path in self.included or not path.endswith(COMPILED)

    def is_apart(self, finding: Finding) -> bool:
        """Return whether it stands in a build file that nothing comes to by itself."""
        return finding.layer is Layer.TOOLCHAIN and not self.is_entered(finding.path)

    def _are_aside(self, units: Iterable[str]) -> bool:
        """Return whether all are tests and examples, and the tree has other units."""
        return all(map(is_aside, units)) and not all(map(is_aside, self.followed))

    def is_spared(self, unit: str) -> bool:
        """Return whether the target does without a unit."""
        if self.built.get(unit) is Truth.FALSE or is_below_other_system(unit):
            return True
        if unit in self.served:
            return True
        for_others = self.elsewhere.is_for_others(unit, self.architecture)
        return for_others and self.elsewhere.has_alternative(unit)


def without_other_systems(brought: Iterable[Finding]) -> list[Finding]:
    """Leave out binaries in directories for other systems: nothing of the target runs them.

    Args:
        brought: what the inventory found.
    """
    return [
        finding
        for finding in brought
        if finding.layer is not Layer.CHIP or not is_below_other_system(finding.path)
    ]


def is_assembler(paths: Sequence[str]) -> bool:
    """Return whether most source files of a tree of these paths are assembler, tests aside."""
    own = sum(path.endswith(ASSEMBLER) and not is_aside(path) for path in paths)
    others = (path for path in paths if _is_program(path) and not is_aside(path))
    return sum(1 for _ in islice(others, own)) < own  # no more are looked at than needed


def _is_program(path: str) -> bool:
    language = language_of(path, b"")
    return path.endswith(UNIT_SUFFIXES) if language == "c" else language in program_languages()


def join_by_place(
    findings: Mapping[str, Sequence[Finding]], reach: Reach, rules: Mapping[str, Rule]
) -> tuple[list[Finding], dict[str, str]]:
    """Join what stands in other architectures' files, and weigh down what may not be reached.

    Args:
        findings: for the target, by path.
        reach: which sources the target needs.
        rules: by id.

    Returns:
        All findings, those of other architectures' files joined, and the id of each finding that
        was joined to the id of what it became part of.
    """
    kept: list[Finding] = []
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for path, found in findings.items():
        for finding in found:
            beside = reach.beside(finding)
            if beside is SERVED_BY_OWN and finding.id not in reach.causing:
                continue  # it explains nothing
            weighed = finding if beside not in ("", NOTHING) else _weighed(finding, reach, rules)
            if not beside:
                kept.append(weighed)
                continue
            place = reach.elsewhere.place(path) if beside in BY_PATH else path
            if beside is SERVED_BY_OWN:  # one for the whole tree
                place = ""
            groups.setdefault((place, finding.rule, beside), []).append(weighed)
    renamed: dict[str, str] = {}
    for (place, rule, beside), members in groups.items():
        joined = _joined(place, rule, members, beside)
        kept.append(joined)
        renamed.update((member.id, joined.id) for member in members)
    return kept, renamed


def _weighed(finding: Finding, reach: Reach, rules: Mapping[str, Rule]) -> Finding:
    """Return `finding` as it weighs where it is not known that anything comes to its place."""
    if is_aside(finding.path):
        severity = max(finding.severity, Severity.DEGRADES, key=lambda one: one.rank)
        confidence = round(finding.confidence * ASIDE, 3)
        return replace(
            finding, severity=severity, confidence=confidence, circumstance=CIRCUMSTANCE[TESTS]
        )
    if finding.severity is not Severity.BLOCKS:
        return finding
    if finding.path in reach.emulated and rules[finding.rule].subject in EMULATED:
        return replace(
            finding,
            severity=Severity.DEGRADES,
            confidence=round(finding.confidence * UNCERTAIN, 3),
            message=f"{finding.message} (under another condition the file includes SIMDe)",
            circumstance="emulated",
        )
    if reach.is_undecided(finding) or reach.is_apart(finding):
        factor, circumstance = UNCERTAIN, "optional"
    elif rules[finding.rule].breaks_compile and reach.is_passed_by(finding):
        factor, circumstance = PASSED_BY, "passed by"
    elif reach.is_assembler and finding.path.endswith(ASSEMBLER):
        return replace(finding, circumstance="assembler tree")
    else:
        return finding
    confidence = round(finding.confidence * factor, 3)
    return replace(
        finding, severity=Severity.REVIEW, confidence=confidence, circumstance=circumstance
    )


def _joined(place: str, rule: str, members: Sequence[Finding], beside: str) -> Finding:
    first = max(members, key=lambda finding: finding.severity is Severity.BLOCKS)
    files = len({member.path for member in members})
    key = f"{rule}\n{place}/" if beside in BY_PATH else f"{rule}\n{place}\n{beside}"
    severity = first.severity
    confidence = round(first.confidence * ALONE, 3)
    effort = max((m.effort_hours for m in members), key=lambda e: e.likely)
    if beside is SERVED_BY_OWN:
        severity, confidence, effort = Severity.REVIEW, 0.0, Effort()
    elif beside is not NOTHING:
        confidence = min(first.confidence, SERVED)
        if severity is Severity.BLOCKS:
            severity = Severity.DEGRADES
    return replace(
        first,
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        severity=severity,
        confidence=confidence,
        message=f"{first.message} ({files} files{place and f' under {place}'}; {beside})"
        if files > 1
        else f"{first.message} ({beside})",
        occurrences=sum(member.occurrences for member in members),
        effort_hours=effort,
        circumstance=CIRCUMSTANCE[beside],
    )
