"""Findings that someone set aside with a reason, until a date."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from duanban.model import Finding, Suppressed, UnknownFact
from duanban.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings that are set aside: those that every given field covers; empty covers all."""

    reason: str
    """Why; never empty."""
    rule: str = ""
    """Rule id, or a glob of rule ids (`chip.*`)."""
    path: str = ""
    """Glob of paths (see `covers`)."""
    id: str = ""
    """A finding's id."""
    target: str = ""
    """Target id, or a glob of target ids."""
    expires: date | None = None
    """The last day on which it holds."""
    owner: str = ""
    """Who answers for it."""
    source: str = "duanban.toml"
    """The file that it stands in."""

    def matches(self, finding: Finding, target: str) -> bool:
        """Return whether `finding`, made for `target`, is one that is set aside."""
        return (
            (not self.id or self.id == finding.id)
            and (not self.rule or covers(self.rule, finding.rule))
            and (not self.path or covers(self.path, finding.path))
            and (not self.target or covers(self.target, target))
        )

    def describe(self) -> str:
        """Return what it covers, for a message."""
        fields = (
            ("rule", self.rule),
            ("path", self.path),
            ("id", self.id),
            ("target", self.target),
        )
        return ", ".join(f"{name} {value}" for name, value in fields if value)


def covers(glob: str, text: str) -> bool:
    """Return whether `glob` covers `text`, a path with `/` or a dotted name.

    `*`, `?` and `[abc]` stay within one directory, a `**` between slashes crosses any number of
    them. A glob that names a directory covers what is below it; the comparison heeds case.
    The time taken is bounded by the product of both lengths, whatever the glob.
    """
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    if not parts:
        return False
    places = _with_skipped_stars({0}, parts)
    for name in text.split("/"):
        if len(parts) in places:
            return True
        places = _with_skipped_stars(
            {
                place if parts[place] == "**" else place + 1
                for place in places
                if parts[place] == "**" or fnmatchcase(name, parts[place])
            },
            parts,
        )
    return len(parts) in places


def _with_skipped_stars(places: set[int], parts: Sequence[str]) -> set[int]:
    """Return `places` and those that follow when a `**` stands for no directory at all."""
    reached = set(places)
    for place in sorted(places):
        following = place
        while following < len(parts) and parts[following] == "**":
            following += 1
            reached.add(following)
    return reached


def apply_suppressions(
    findings: Iterable[Finding],
    suppressions: Sequence[Suppression],
    target: str,
    today: date,
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...], tuple[UnknownFact, ...]]:
    """Split `findings` for `target` into those that count and those that are set aside.

    A suppression holds up to and including the day it expires; after that it sets nothing aside.
    Of several that cover a finding, the first holds.

    Returns:
        The findings that count, those set aside with reason and source, and for each expired
        suppression that would have covered something the question whether it still holds.
    """
    holding = [each for each in suppressions if each.expires is None or today <= each.expires]
    expired = [each for each in suppressions if each.expires is not None and today > each.expires]
    would_cover = [0] * len(expired)
    kept: list[Finding] = []
    aside: list[Suppressed] = []
    for finding in findings:
        holds = next((each for each in holding if each.matches(finding, target)), None)
        if holds is not None:
            aside.append(_suppressed(finding, holds))
            continue
        kept.append(finding)
        for index, each in enumerate(expired):
            would_cover[index] += each.matches(finding, target)
    warnings = tuple(
        _question(each, count) for each, count in zip(expired, would_cover, strict=True) if count
    )
    return tuple(kept), tuple(aside), warnings


def _question(expired: Suppression, count: int) -> UnknownFact:
    findings = "1 finding" if count == 1 else f"{count:,} findings"
    return UnknownFact(
        f"whether the suppression of {expired.describe()}, expired on {expired.expires}, "
        f"still holds; until then {findings} it covered count again",
        f"in {expired.source}, give it a new date and reason, or remove it",
    )


def _suppressed(finding: Finding, suppression: Suppression) -> Suppressed:
    reason = suppression.reason
    if suppression.owner:
        reason = f"{reason} (owner: {suppression.owner})"
    expires = suppression.expires.isoformat() if suppression.expires else ""
    return Suppressed(finding, reason, suppression.source, expires)


def today() -> date:
    """Return today's date in UTC, or that of SOURCE_DATE_EPOCH where it is set.

    See https://reproducible-builds.org/specs/source-date-epoch/.

    Raises:
        ConfigError: SOURCE_DATE_EPOCH is not a number of seconds.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH={epoch!r} is not a number of seconds") from None
