"""`#if` chains of architectures for which nothing follows → a marked branch that someone must fill.

It is asked by name only (`--fixer arch-stub`). The branch stops the compiler and says what the
other branches define, so that nothing is forgotten and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from duanban.answers.fixers.arch_chain import RULES, lacking_chains, own_macros, sign_of
from duanban.answers.interface import Change, Edit, Outcome
from duanban.answers.naming import alone
from duanban.answers.work import Text, Work
from duanban.scan.build.chains import Chain

_DEFINES = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
_FUNCTION = re.compile(rb"^[A-Za-z_][\w \t*]*\b(\w+)[ \t]*\([^;{}()]*\)\s*\{", re.MULTILINE)
MOST = 8
"""Names that are told."""


class ArchStub:
    """See the module."""

    name = "arch-stub"
    title = "chains for which nothing follows get a marked branch to fill (asked by name only)"
    rules = RULES

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file."""
        texts = [text for text, _ in work.files(self.rules) if text.language == "c"]
        own = own_macros(work) if texts else frozenset()
        for text in texts:
            wanted = [f for f in work.findings(self.rules) if f.path == text.path]
            edits: list[Edit] = []
            answered: list[str] = []
            for chain in lacking_chains(work, text, own):
                edits.append(_stub(work, text, chain))
                answered += [f.id for f in wanted if chain.line <= f.line <= chain.end_line]
            if edits:
                why = f"marks what is to be written for {work.machine}"
                yield Change(self.name, text.path, tuple(edits), why, (), tuple(answered))


def _stub(work: Work, text: Text, chain: Chain) -> Edit:
    default = next((b for b in chain.branches if b.is_default), None)
    at = text.start(default.line if default is not None else chain.end_line)
    sign = sign_of(text, chain)
    test = alone(work.machine, chain.branches[0].test)
    told = ", ".join(_names(text, chain)) or _header(text, chain) or "what the branches above do"
    stub = f'{sign}elif {test}\n{sign}error "to be written for {work.machine}: {told}"\n'
    return Edit(at, at, stub.encode("latin-1"))


def _header(text: Text, chain: Chain) -> str:
    """Return the header that a branch includes, as one that is wanted; empty for none."""
    lines = range(chain.line, chain.end_line)
    return next((f"a header like {one.name}" for one in text.c.includes if one.line in lines), "")


def _names(text: Text, chain: Chain) -> list[str]:
    """Return names that each branch for a machine defines; those of the first if none is shared."""
    found = []
    for branch in chain.branches:
        if branch.is_default or branch.first_line > branch.end_line:
            continue
        code = text.c.code[text.start(branch.first_line) : text.start(branch.end_line + 1)]
        found.append(
            [m[1].decode("latin-1") for p in (_DEFINES, _FUNCTION) for m in p.finditer(code)]
        )
    if not found:
        return []
    shared = [name for name in found[0] if all(name in names for names in found)]
    return list(dict.fromkeys(shared or found[0]))[:MOST]
