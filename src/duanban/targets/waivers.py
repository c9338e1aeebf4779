"""Exceptions that a target grants, while they last."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from duanban.model import Finding
from duanban.model.errors import UsageError
from duanban.targets.interface import Target, Waiver


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of one target on one day."""

    active: tuple[Waiver, ...]
    expired: tuple[Waiver, ...]
    """No longer in force; to be reported, so that nobody counts on them."""

    def covering(self, finding: Finding) -> Waiver | None:
        """Return the first active waiver that covers `finding`.

        Its `rule` must match the finding's rule and its `match` the finding's path or the
        package URL of its component.
        """
        for waiver in self.active:
            if fnmatchcase(finding.rule, waiver.rule) and (
                fnmatchcase(finding.path, waiver.match)
                or fnmatchcase(finding.component, waiver.match)
            ):
                return waiver
        return None


def waivers_on(target: Target, day: date) -> Waivers:
    """Return the target's waivers; one is in force up to and including the day it expires."""
    return Waivers(
        active=tuple(waiver for waiver in target.waivers if waiver.expires >= day),
        expired=tuple(waiver for waiver in target.waivers if waiver.expires < day),
    )


def today() -> date:
    """Return the current day in UTC, or that of SOURCE_DATE_EPOCH where it is set.

    Raises:
        UsageError: SOURCE_DATE_EPOCH is no number of seconds
            (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH is no number of seconds: {epoch!r}") from error
