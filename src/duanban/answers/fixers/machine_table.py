"""Tables of machines in programs → a row for the target, where two rows tell what it is.

`"x86_64": "amd64"` and `"aarch64": "arm64"` tell `"loongarch64": "loong64"`; `case EM_AARCH64:` and
`case EM_X86_64:` that return the machine's name tell the third. A row that names what must exist
somewhere (a package, a file to download, a constant of the program) is not written: what it would
be is said, and who knows that it exists can put it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.rows import NEAR, Told, told_rows
from duanban.answers.work import Text, Work
from duanban.scan.build.names import is_aside

_NEW = re.compile(rb"\b(?:EM|AUDIT_ARCH)_\w+")


LANGUAGES = ("python", "javascript", "go", "rust", "java", "ruby", "perl", "php", "c", "xml")
SHORT = (".java", ".kt", ".rs", "pom.xml")
"""Files whose tables of two machines are looked at without that a finding is about them."""
_ARM = re.compile(rb"(?i)aarch64|arm64")
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
        seen: set[str] = set()
        for text, _ in work.files(self.rules, unsure=True):
            if text.language in LANGUAGES:
                seen.add(text.path)
                yield from self._file(work, text)
        for path in work.paths:
            if path in seen or not path.endswith(SHORT) or is_aside(path):
                continue
            other = work.elsewhere.is_for_others(path, work.machine)
            short = None if other else work.text(path)
            if short is not None and _ARM.search(short.data):
                yield from self._short(work, short)

    def _file(self, work: Work, text: Text) -> Iterator[Outcome]:
        rows = _Rows(text)
        for finding in work.findings(self.rules, unsure=True):
            if finding.path != text.path:
                continue
            for told in told_rows(text, work.machine, finding.line):
                if told.doubt:
                    row = told.text.strip().decode("utf-8", "replace")
                    reason = f"the row would be `{row}`; nobody here knows {told.doubt}"
                    yield Refusal(self.name, text.path, told.behind, reason, (finding.id,))
                else:
                    rows.add(told)
                    rows.answered.append(finding.id)
        yield from rows.change(self.name, work.machine)

    def _short(self, work: Work, text: Text) -> Iterator[Outcome]:
        """Look at a file whose tables are too short to be findings."""
        rows = _Rows(text)
        for line in range(1, len(text.lines) + 1, NEAR):
            for told in told_rows(text, work.machine, line):
                if not told.doubt:
                    rows.add(told)
        yield from rows.change(self.name, work.machine)


@dataclass
class _Rows:
    """The rows that one file gets."""

    text: Text
    edits: dict[Edit, None] = field(default_factory=dict)
    assumes: set[str] = field(default_factory=set)
    answered: list[str] = field(default_factory=list)

    def add(self, told: Told) -> None:
        self.edits[_edit(self.text, told)] = None
        if told.is_like_others:
            self.assumes.add(ASSUMES)

    def change(self, fixer: str, machine: str) -> Iterator[Change]:
        if self.edits:
            why = f"has a row for {machine}, as for the machines beside it"
            edits, assumes = tuple(self.edits), tuple(self.assumes)
            yield Change(fixer, self.text.path, edits, why, assumes, tuple(self.answered))


def _edit(text: Text, told: Told) -> Edit:
    """Return the edit that puts a row in; in C under the macro that a new constant is."""
    at = text.start(told.behind + 1)
    row = told.text if told.text.endswith(b"\n") else told.text + b"\n"
    new = _NEW.search(row) if text.language == "c" else None
    if new is not None:
        row = b"#ifdef %s\n%s#endif\n" % (new[0], row)
    return Edit(at, at, row)
