"""Negative numbers in plain chars → `-fsigned-char` where it is built for the target.

The option makes plain char what it is on x86-64 and LoongArch. Declarations of single chars that
hold -1 are the matter of `char-sign`; this is for tables and fields whose type other code relies
on.
"""

from __future__ import annotations

from collections.abc import Iterator

from duanban.answers.build_option import build_files, compile_option, is_given, option_edits
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Work

OPTION = compile_option("-fsigned-char")
ASSUMES = "no inline function of another library depends on the sign of plain char"


class SignedChar:
    """See the module."""

    name = "signed-char"
    title = "-fsigned-char is given where plain chars hold negative numbers"
    rules = ("chip.char.negative",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per build file, and each finding without one."""
        if work.target.architecture.char_signed:
            return
        edits: dict[str, dict[Edit, None]] = {}
        answered: dict[str, list[str]] = {}
        for finding in work.findings(self.rules, unsure=True):
            texts = list(build_files(work, finding.path))
            made = {text.path: option_edits(text, work.machine, OPTION) for text in texts}
            if not any(made.values()) and not any(is_given(text, OPTION) for text in texts):
                reason = "no build file that names options is above it"
                yield Refusal(self.name, finding.path, finding.line, reason, (finding.id,))
            for path, own in made.items():
                edits.setdefault(path, {}).update(dict.fromkeys(own))
                answered.setdefault(path, []).append(finding.id)
        for path, wanted in edits.items():
            if wanted:
                why = f"gives {OPTION.text} for {work.machine}"
                ids = tuple(answered[path])
                yield Change(self.name, path, tuple(wanted), why, (ASSUMES,), ids)
