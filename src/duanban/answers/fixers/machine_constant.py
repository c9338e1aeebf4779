"""The machine number of x86 in ELF headers and system call filters → the target's, on the target.

`AUDIT_ARCH_X86_64` in a filter for seccomp is about the program's own calls, so it becomes the
target's number there. `e_machine != EM_X86_64` may be about files for any machine, so it is changed
only where the rule is asked for. What x86 and others compile stays. A file that knows relocations
of x86-64 is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.guarded import Replacement, blocks, is_live, twice
from duanban.answers.interface import Change, Outcome, Refusal
from duanban.answers.naming import AUDIT_NAMES, CONDITIONS, ELF_NAMES
from duanban.answers.work import Text, Work

_NUMBER = re.compile(rb"\b(EM|AUDIT_ARCH)_X86_64\b")
_RELOCATION = re.compile(rb"\bR_X86_64_\w+")
ASSUMES = "the files that are looked at are those of the machine that the program runs on"


class MachineConstant:
    """See the module."""

    name = "machine-constant"
    title = "the machine number of x86 becomes the target's, on the target"
    rules = ("chip.constants.machine",)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each that is about x86-64 itself."""
        for text, _ in work.files(self.rules, unsure=True):
            found: list[Replacement] = []
            answered: list[str] = []
            assumes: tuple[str, ...] = ()
            for finding in work.findings(self.rules, unsure=True):
                if finding.path != text.path or not is_live(text, finding.line):
                    continue
                made = list(_replacements(work, text, finding.line, finding.end_line))
                is_own = any(b"AUDIT" in text.data[one.start : one.end] for one in made)
                if not is_own and finding not in work.findings(self.rules):
                    continue
                if not is_own and _RELOCATION.search(text.c.code):
                    reason = "the file knows relocations of x86-64, which no number changes"
                    yield Refusal(self.name, text.path, finding.line, reason, (finding.id,))
                    continue
                found += [one for one in made if one not in found]
                answered += [finding.id] if made else []
                assumes = assumes if is_own else (ASSUMES,)
            if found:
                condition = f"!{CONDITIONS[work.machine]}".encode()
                made_blocks = blocks(text, sorted(found, key=lambda one: one.start))
                edits = tuple(twice(text, block, condition) for block in made_blocks)
                why = f"has the number of {work.machine} there"
                yield Change(self.name, text.path, edits, why, assumes, tuple(answered))


def _replacements(work: Work, text: Text, first: int, last: int) -> Iterator[Replacement]:
    end = text.start(max(first, last) + 1)
    for match in _NUMBER.finditer(text.c.code, text.start(first), end):
        names = AUDIT_NAMES if match[1] == b"AUDIT_ARCH" else ELF_NAMES
        new = match[1] + b"_" + names[work.machine].encode()
        yield Replacement(match.start(), match.end(), new)
