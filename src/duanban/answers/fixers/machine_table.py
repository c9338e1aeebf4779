"""Tables of machines in programs → a row for the target, where two rows tell what it is.

`"x86_64": "amd64"` and `"aarch64": "arm64"` tell `"loongarch64": "loong64"`; `case EM_AARCH64:` and
`case EM_X86_64:` that return the machine's name tell the third. A row that names what must exist
somewhere (a package, a file to download, a constant of the program) is not written: what it would
be is said, and who knows that it exists can put it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.rows import Told, told_rows
from duanban.answers.work import Text, Work

_NEW = re.compile(rb"\b(?:EM|AUDIT_ARCH)_\w+")


LANGUAGES = ("python", "javascript", "go", "rust", "java", "ruby", "perl", "php", "c")
ASSUMES = "what a table says of two other 64-bit machines holds for the target, too"


class MachineTable:
    """See the module."""

    name = "machine-table"
    title = "tables of machines in programs get the target's row, where two rows tell it"
    rules = (
        "runtime.list.open",
        "runtime.python.machine-table",
        "runtime.node.arch-compared",
        "runtime.node.prebuilt-table",
        "chip.list.open",
        "chip.constants.machine",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each row that someone must confirm."""
        for text, _ in work.files(self.rules, unsure=True):
            if text.language not in LANGUAGES:
                continue
            wanted = [f for f in work.findings(self.rules, unsure=True) if f.path == text.path]
            edits: dict[Edit, None] = {}
            answered: list[str] = []
            assumes: set[str] = set()
            for finding in wanted:
                for told in told_rows(text, work.machine, finding.line):
                    if told.doubt:
                        row = told.text.strip().decode("utf-8", "replace")
                        reason = f"the row would be `{row}`; nobody here knows {told.doubt}"
                        line = told.behind
                        yield Refusal(self.name, text.path, line, reason, (finding.id,))
                    else:
                        edits[_edit(text, told)] = None
                        answered.append(finding.id)
                        assumes |= {ASSUMES} if told.is_like_others else set()
            if edits:
                why = f"has a row for {work.machine}, as for the machines beside it"
                yield Change(
                    self.name, text.path, tuple(edits), why, tuple(assumes), tuple(answered)
                )


def _edit(text: Text, told: Told) -> Edit:
    """Return the edit that puts a row in; in C under the macro that a new constant is."""
    at = text.start(told.behind + 1)
    row = told.text if told.text.endswith(b"\n") else told.text + b"\n"
    new = _NEW.search(row) if text.language == "c" else None
    if new is not None:
        row = b"#ifdef %s\n%s#endif\n" % (new[0], row)
    return Edit(at, at, row)
