"""Checks the systems of an estate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duanban.check.core import CheckOptions, NotChecked, check
from duanban.check.estate import EstateSystem
from duanban.check.gather import Progress
from duanban.check.suppress import today
from duanban.model.errors import DuanbanError
from duanban.staves.estate import Member
from duanban.targets.interface import Target


def check_estate(
    systems: Sequence[EstateSystem],
    targets: Sequence[Target],
    options: CheckOptions,
    progress: Progress,
    left_out: Callable[[DuanbanError], None],
) -> list[Member]:
    """Return the systems that could be checked.

    Args:
        systems: of the estate.
        targets: at least one.
        options: of the check.
        progress: told what is being done.
        left_out: told why a system could not be checked.
    """
    results = check([one.locator for one in systems], targets, options, today(), progress)
    members = []
    for system, result in zip(systems, results, strict=True):
        if isinstance(result, NotChecked):
            left_out(result.error)
        else:
            members.append(Member(system.name or result.name, result, system.weight))
    return members
