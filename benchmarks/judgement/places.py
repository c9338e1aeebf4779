"""Whether the places that porters changed are among the flagged lines, against chance."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics import mean, quantile, ratio

File = tuple[str, str, str]
"""Package, architectures of the patch, path."""

WINDOW = 20
DRAWS = 300
DENSEST = 5.0
"""Flagged lines per 1,000 of the files with places, above which a tool flags too much."""
_ASIDE = re.compile(
    r"(^|/)(tests?|testing|testsuite|unittests?|docs?|documentation|examples?|\.github)(/|$)"
    r"|(^|/)(README|NEWS|ChangeLog|CHANGES|AUTHORS)[^/]*$|\.(md|rst|txt\.in|html|texi)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A span of lines that a porter replaced, added to or removed."""

    package: str
    arch: str
    """Of the patch: what is flagged differs from target to target."""
    path: str
    start: int
    end: int

    @property
    def file(self) -> File:
        """Return the key of the file that is scored."""
        return self.package, self.arch, self.path


@dataclass(frozen=True, slots=True)
class Found:
    """How many places were found, how densely was flagged, and what chance finds so densely."""

    places: int
    found: int
    flagged: int
    lines: int
    chance: float
    """Mean share that as many random lines per file find."""
    chance_low: float
    chance_high: float
    """95 % of the draws."""

    @property
    def share(self) -> float:
        """Return the share of places found."""
        return ratio(self.found, self.places)

    @property
    def density(self) -> float:
        """Return the flagged lines per 1,000 lines of the files that have places."""
        return ratio(1000 * self.flagged, self.lines)


def is_aside(path: str) -> bool:
    """Return whether a file is a test, an example or documentation, where no porting is scored."""
    return _ASIDE.search(path) is not None


def is_near(place: Place, lines: Sequence[int] | set[int]) -> bool:
    """Return whether a flagged line is within the window of the place."""
    return any(place.start - WINDOW <= line <= place.end + WINDOW for line in lines)


def score(
    places: Sequence[Place],
    flagged: Mapping[File, set[int]],
    lengths: Mapping[File, int],
    draws: int = DRAWS,
    seed: int = 0,
) -> Found:
    """Score the lines flagged in files against the places.

    The control keeps, for every file, the number of lines that were flagged, and puts them
    uniformly at random: what is gained over it is the choice of the lines, not of the files.
    """
    files = sorted({place.file for place in places})
    by_file = {file: [one for one in places if one.file == file] for file in files}
    found = sum(is_near(one, flagged.get(file, set())) for file in files for one in by_file[file])
    shares = []
    chance = random.Random(seed)  # same input, same control
    for _ in range(draws):
        hits = 0
        for file in files:
            length = max(lengths[file], 1)
            number = min(len(flagged.get(file, ())), length)
            drawn = chance.sample(range(1, length + 1), number)
            hits += sum(is_near(one, drawn) for one in by_file[file])
        shares.append(ratio(hits, len(places)))
    return Found(
        places=len(places),
        found=found,
        flagged=sum(len(flagged.get(file, ())) for file in files),
        lines=sum(lengths[file] for file in files),
        chance=mean(shares),
        chance_low=quantile(shares, 0.025),
        chance_high=quantile(shares, 0.975),
    )


def thin(
    ranked: Mapping[File, Mapping[int, float]],
    files: Sequence[File],
    lengths: Mapping[File, int],
    densest: float = DENSEST,
) -> dict[File, set[int]]:
    """Return the flagged lines that a reader who takes so many per 1,000 would look at.

    Args:
        ranked: flagged lines of each file with their weight; a reader takes the heaviest first.
        files: the files that are scored.
        lengths: their numbers of lines.
        densest: lines per 1,000, over all the files together.
    """
    room = int(densest * sum(lengths[file] for file in files) / 1000)
    every = [
        (-weight, file, line)
        for file in files
        for line, weight in ranked.get(file, {}).items()
    ]  # fmt: skip
    kept: dict[File, set[int]] = {}
    for _, file, line in sorted(every)[:room]:
        kept.setdefault(file, set()).add(line)
    return kept
