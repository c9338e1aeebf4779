"""Exceptions that a target grants, while they last."""

from __future__ import annotations

from datetime import date

from duanban.targets.interface import Target, Waiver


def expired_waivers(target: Target, day: date) -> tuple[Waiver, ...]:
    """Return the target's waivers that are no longer in force on `day`.

    A waiver is in force up to and including the day it expires. Expired ones are to be reported,
    so that nobody counts on them.
    """
    return tuple(waiver for waiver in target.waivers if waiver.expires < day)
