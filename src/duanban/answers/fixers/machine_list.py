"""Lists of machines in build files, scripts and packaging → with the target's name in them.

A list is written with one separator throughout: `x86_64|aarch64`, `amd64 arm64`,
`"x64", "arm64"`, `CPU STREQUAL "x86_64" OR CPU STREQUAL "aarch64"`. The target's name is put
behind the last one, in the naming scheme of the list (GNU, Debian, Go, npm ...), if at least two
machines of the target's width and byte order, of different makers, stand in it: what holds for
both is taken to hold for the target. A list of directories or files of the tree is left where the
target has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.naming import relatives
from duanban.answers.work import Text, Work
from duanban.model import Finding, Severity
from duanban.scan.build.names import Mention, mentions
from duanban.scan.build.source import BuildSource
from duanban.scan.readers import read_source
from duanban.targets.architectures import architecture

SCHEMES = ("gnu", "debian", "go", "rpm", "npm", "java", "meson", "rust", "oci", "kernel")
MIN_ALIKE = 2
LONGEST_SEPARATOR = 80
ASSUMES = "what a list says of two other 64-bit machines holds for {machine}, too"
CODE = ("chip.list.refused", "chip.error.*", "chip.registers.*", "chip.asm.*-file")
_NEGATED = re.compile(rb"(?i)\bNOT\b|!=|\bifneq\b|\bnot\b|\bunless\b|![ \t]*(?:defined|\()")
_OR = re.compile(rb"(?i)\bor\b|\|\|?")
"""More than one of these in a separator: there is something else between two machines."""


class MachineList:
    """See the module."""

    name = "machine-list"
    title = "lists of machines get the target's name"
    rules = (
        "toolchain.list.refused",
        "toolchain.list.open",
        "runtime.list.open",
        "runtime.python.machine-table",
        "runtime.python.machine-marker",
        "runtime.node.cpu-list",
    )

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each list that is not widened."""
        for text, _ in work.files(self.rules):
            if text.language in ("c", "asm"):
                continue
            wanted = [f for f in work.findings(self.rules) if f.path == text.path]
            edits: dict[Edit, None] = {}
            answered: list[str] = []
            for finding in wanted:
                edit = _widened(work, text, _lines(text, finding))
                if finding.rule.endswith(".refused") and _code_refuses(work):
                    reason = "the code itself does not have the machine yet"
                    yield Refusal(self.name, text.path, finding.line, reason, (finding.id,))
                elif edit is None:
                    reason = "it does not name two machines like the target in one list"
                    yield Refusal(self.name, text.path, finding.line, reason, (finding.id,))
                else:
                    edits[edit] = None
                    answered.append(finding.id)
            if edits:
                why = f"names {work.machine} beside other machines"
                assumes = (ASSUMES.format(machine=work.machine),)
                yield Change(self.name, text.path, tuple(edits), why, assumes, tuple(answered))
        yield from self._packaging(work)

    def _packaging(self, work: Work) -> Iterator[Outcome]:
        """Widen `Architecture:` of Debian's control files, which no rule is about."""
        for path in work.paths:
            text = work.text(path) if path.endswith("debian/control") else None
            if text is None:
                continue
            lines = [
                line
                for line in range(1, len(text.lines) + 1)
                if text.span(line, line).startswith(b"Architecture:")
            ]
            edits = [e for line in lines if (e := _widened(work, text, [line])) is not None]
            if edits:
                assumes = (ASSUMES.format(machine=work.machine),)
                why = f"is built for {work.machine}, too"
                yield Change(self.name, path, tuple(edits), why, assumes)


def _code_refuses(work: Work) -> bool:
    """Return whether the code, too, leaves the target out: then its build is right to refuse."""
    return any(
        finding.severity is Severity.BLOCKS or finding.rule == "chip.list.refused"
        for finding in work.findings(CODE)
    )


def _lines(text: Text, finding: Finding) -> list[int]:
    """Return the lines that may hold the list: about the finding, and the tests of its chain."""
    found = [finding.line, finding.line + 1, finding.line + 2]
    source = read_source(text.language, text.data)
    if isinstance(source, BuildSource):
        around = [c for c in source.chains if c.line <= finding.line <= c.end_line]
        for chain in sorted(around, key=lambda chain: chain.end_line - chain.line):
            found += [branch.line for branch in chain.branches]
    return [line for line in dict.fromkeys(found) if line <= len(text.lines)]


def _widened(work: Work, text: Text, lines: Sequence[int]) -> Edit | None:
    for line in lines:
        code = text.span(line, line)
        marker = code.find(b";") + 1 if b"platform_machine" in code else 0
        if _NEGATED.search(code, marker) or re.match(rb"[ \t]*(?:#|//|dnl\b)(?!:)", code):
            continue
        for run in _runs(code, list(mentions(code))):
            name = _name(work.machine, run)
            if name is None or _are_places(work, run, name):
                continue
            end = run[-1].end
            separator = _balanced(code[run[-2].end : run[-1].start])
            if all(code[m.start : m.end].isupper() for m in run):
                name = name.upper()
            if code[end : end + 1] not in (b"_", b"-") and len(_OR.findall(separator)) < MIN_ALIKE:
                at = text.start(line) + end
                return Edit(at, at, separator + name.encode())
    return None


def _are_places(work: Work, run: Sequence[Mention], name: str) -> bool:
    """Return whether the tree has directories or files of a list's names, and none of `name`."""
    return name not in work.names and sum(m.word in work.names for m in run) >= MIN_ALIKE


def _balanced(separator: bytes) -> bytes:
    """Return a separator without parentheses that something behind the list would have to close."""
    for _ in range(separator.count(b"(") - separator.count(b")")):
        separator = separator.replace(b"(", b"", 1)
    return separator


def _runs(code: bytes, found: Sequence[Mention]) -> Iterator[list[Mention]]:
    """Yield mentions that follow each other with one separator between them."""
    run: list[Mention] = []
    for mention in found:
        between = code[run[-1].end : mention.start] if run else b""
        if run and (len(between) > LONGEST_SEPARATOR or not between or between.isalnum()):
            if len(run) > 1:
                yield run
            run = []
        elif len(run) > 1 and between.strip() != code[run[-2].end : run[-1].start].strip():
            yield run
            run = [run[-1]]
        run.append(mention)
    if len(run) > 1:
        yield run


def _name(machine: str, run: Sequence[Mention]) -> str | None:
    """Return the target's name in the scheme of a list; None if the list does not tell."""
    like = relatives(machine)
    served = {m for mention in run for m in mention.machine.serves}
    if machine in served or len(served & {*like}) < MIN_ALIKE:
        return None
    words = {mention.word for mention in run}
    best: tuple[int, str] | None = None
    for scheme in SCHEMES:
        theirs = architecture(machine).names.get(scheme, ())
        known = {n.lower() for m in like for n in architecture(m).names.get(scheme, ())}
        fits = len(words & known)
        if theirs and fits and (best is None or fits > best[0]):
            best = (fits, theirs[0])
    return best[1] if best else None
