"""From a tree and a target to a proposal: check, ask every fixer, put their edits together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from duanban.answers.interface import ALL, Change, How, Proposal, Refusal, Unanswered
from duanban.answers.patch import ConflictError, apply, join, unified_diff
from duanban.answers.registry import FIXERS, chosen_fixers
from duanban.answers.work import Work
from duanban.check.core import CheckOptions, NotChecked, check
from duanban.check.suppress import today
from duanban.model import NOT_NEEDED, Finding, Severity, TargetResult
from duanban.targets.interface import Target

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


def propose(
    root: Path,
    target: Target,
    rules: Sequence[str] = (),
    how: How = ALL,
    progress: Progress = lambda *_: None,
) -> Proposal:
    """Return the changes that a machine can make so that a tree stands on a target.

    Nothing is written, and nothing of the tree is executed.

    Args:
        root: a directory.
        target: where it is to stand.
        rules: rule ids or patterns (`chip.asm.*`); only their findings are answered. None: all.
        how: which fixers to ask, and how to check.
        progress: told what is being done.

    Raises:
        UsageError: there is no fixer of that name.
        DuanbanError: the tree cannot be checked.
    """
    chosen_fixers(how.fixers)  # a wrong name shows before the work
    result = _checked(root, target, how.options, progress)
    return propose_for(root, target, result, rules, how)


def propose_for(
    root: Path,
    target: Target,
    result: TargetResult,
    rules: Sequence[str] = (),
    how: How = ALL,
) -> Proposal:
    """Return the changes to a tree that was checked already, with `result`."""
    work = Work(root, target, _only(result, rules), how, asked=bool(rules))
    merger = _Merger(work)
    for fixer in chosen_fixers(how.fixers):
        for outcome in fixer.outcomes(work):
            merger.add(outcome)
    files = merger.files()
    diff = unified_diff({path: (merger.before(path), new) for path, new in files.items()})
    changes = tuple(merger.changes)
    refused = tuple(one for one in merger.refusals if not one.findings)
    return Proposal(target.id, diff, changes, _unanswered(work, merger), files, refused)


def _checked(root: Path, target: Target, options: CheckOptions, progress: Progress) -> TargetResult:
    (system,) = check([str(root)], [target], options, today(), progress)
    if isinstance(system, NotChecked):
        raise system.error
    return system.targets[0]


def _only(result: TargetResult, rules: Sequence[str]) -> TargetResult:
    if not rules:
        return result
    kept = tuple(f for f in result.findings if any(fnmatchcase(f.rule, r) for r in rules))
    ids = {finding.id for finding in kept}
    parts = tuple(part for part in result.parts if part.finding in ids)
    return replace(result, findings=kept, parts=parts)


class _Merger:
    """Puts all changes together; of two that want the same bytes, the first has them."""

    def __init__(self, work: Work) -> None:
        self.changes: list[Change] = []
        self.refusals: list[Refusal] = []
        self._work = work
        self._by_path: dict[str, list[Change]] = {}

    def add(self, outcome: Change | Refusal) -> None:
        if isinstance(outcome, Refusal):
            self.refusals.append(outcome)
            return
        before = self._by_path.setdefault(outcome.path, [])
        try:
            join(edit for change in (*before, outcome) for edit in change.edits)
        except ConflictError:
            line = self._line(outcome)
            reason = "another change wants the same lines; apply that one and run again"
            refusal = Refusal(outcome.fixer, outcome.path, line, reason, outcome.answers)
            self.refusals.append(refusal)
            return
        before.append(outcome)
        self.changes.append(outcome)

    def _line(self, change: Change) -> int:
        text = self._work.text(change.path)
        return text.line(change.edits[0].start) if text else 0

    def before(self, path: str) -> bytes | None:
        text = self._work.text(path)
        return text.data if text else None

    def files(self) -> Mapping[str, bytes]:
        return {
            path: apply(self.before(path) or b"", join(e for c in changes for e in c.edits))
            for path, changes in sorted(self._by_path.items())
            if changes
        }


def _unanswered(work: Work, merger: _Merger) -> tuple[Unanswered, ...]:
    answered = {i for change in merger.changes for i in change.answers}
    refused: dict[str, Refusal] = {}
    for refusal in merger.refusals:
        for i in refusal.findings:
            refused.setdefault(i, refusal)
    needed = (f for f in work.result.findings if f.circumstance != NOT_NEEDED)
    left = (f for f in needed if f.id not in answered or f.id in refused)
    return tuple(_left(work, finding, refused.get(finding.id)) for finding in left)


def _left(work: Work, finding: Finding, refusal: Refusal | None) -> Unanswered:
    if refusal is None:
        return Unanswered(finding, finding.line, _why(work, finding))
    return Unanswered(finding, refusal.line, f"{refusal.fixer}: {refusal.reason}")


def _why(work: Work, finding: Finding) -> str:
    if not any(fnmatchcase(finding.rule, rule) for fixer in FIXERS for rule in fixer.rules):
        return f"no fixer answers this: {finding.remedy}"
    if finding in work.findings((finding.rule,)):
        return "no fixer answers it in this form"
    if finding.severity is Severity.REVIEW:
        return "someone must look first whether it matters"
    return "it stands in files for another architecture, which the target's build leaves out"
