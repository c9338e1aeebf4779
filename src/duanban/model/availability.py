"""What there is of a part on a target, by package indexes of a certain day."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from duanban.model.component import DependencyKind
from duanban.model.finding import Effort


class Answer(StrEnum):
    """What an index says of a part on a target, the best first."""

    SAME_VERSION = "same-version"
    OTHER_VERSION = "other-version"
    """Ready to install, but in another version, or under another name."""
    SOURCE_BUILDS = "source-builds"
    """Its source can be had, and nothing known keeps it from building there."""
    UPSTREAM_CHANGE = "upstream-change"
    """A change for the target is proposed or merged upstream, and not yet released."""
    THIRD_PARTY_BUILD = "third-party-build"
    """Someone else than its makers offers it built for the target."""
    UNKNOWN = "unknown"
    NONE = "none"

    @property
    def rank(self) -> int:
        """Return 0 for the best, rising."""
        return list(Answer).index(self)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer stands: a copy of an index."""

    index: str
    """Its name (`debian-sid`)."""
    date: str
    """ISO date of what it says."""
    sha256: str
    """Of the file, or of all files of the copy together."""


@dataclass(frozen=True, slots=True, order=True)
class Blocker:
    """Something that would have to be solved for a part to come about on the target."""

    name: str
    """A source package, an npm or Python package."""
    cause: str
    """In words: `architecture list`, `no prebuilt part`."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer to the question what there is of a part."""

    answer: Answer
    source: Provenance
    name: str = ""
    """What it is called there, if not the same."""
    version: str = ""
    """That is there; empty where there is none or it is not known."""
    detail: str = ""
    """Why, or what exactly, in one line."""
    ways: tuple[tuple[Blocker, ...], ...] = ()
    """What would have to be solved: any one of these lists. Empty where the index cannot tell."""


@dataclass(frozen=True, slots=True)
class ShortPart:
    """A part that is not there on the target as the system wants it."""

    component: str
    """Its purl."""
    offers: tuple[Offer, ...]
    """What the indexes say, the best first; at least one."""
    route: tuple[str, ...] = ()
    """How the system reaches it: purls, from a part that it asks for itself to this one."""
    path: str = ""
    """The file that names it."""
    kind: DependencyKind = DependencyKind.REQUIRED
    effort_hours: Effort = field(default_factory=Effort)
    finding: str = ""
    """Id of the finding that says so; empty where it is no finding but a missing fact."""

    @property
    def answer(self) -> Answer:
        """Return the best answer."""
        return self.offers[0].answer


@dataclass(frozen=True, slots=True)
class IndexUse:
    """A copy of an index that a verdict rests on."""

    source: Provenance
    age_days: int
    """How old it was on the day of the check."""
    parts: int
    """Parts that it was asked about."""
    found: int
    """Of these, the ones that it has in the same version."""
