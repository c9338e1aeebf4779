"""`#[cfg(any(target_arch = ...))]` of Rust that lists machines → with the target.

A list is widened if it names two machines of the target's width and byte order, no other list of
the file names one of them, nothing in the file is for all others (`not(any(...))`), and what stands
under it says nothing of a machine. So `type Word = i64` under a list of 64-bit machines gets the
target; intrinsics, assembly and numbers that differ between two machines do not. The same list in
Cargo.toml (`[target.'cfg(any(...))'.dependencies]`) follows that of the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import basename

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.naming import relatives
from duanban.answers.work import Text, Work
from duanban.targets.architectures import architecture

_LIST = re.compile(
    rb"\bany\s*\(\s*(target_arch\s*=\s*\"\w+\"\s*(?:,\s*target_arch\s*=\s*\"\w+\"\s*)+),?\s*\)"
)
_NAME = re.compile(rb"target_arch\s*=\s*\"(\w+)\"")
_OF_MACHINE = re.compile(
    rb"\b(?:core|std)::arch\b|\basm!|_mm\w*_|\bmod[ \t]+\w+[ \t]*;|target_feature"
)
ITEM = 12
"""Lines below a condition that may stand under it."""
MIN_ALIKE = 2
ASSUMES = "what a list says of two other 64-bit machines holds for {machine}, too"


def outcomes(work: Work, fixer: str, rules: Sequence[str]) -> Iterator[Outcome]:
    """Yield one change per file of Rust, and each list that is not widened."""
    own = architecture(work.machine).names["rust"][0].encode()
    widened: set[frozenset[bytes]] = set()
    for text, ids in work.files(rules, unsure=True):
        if text.language != "rust":
            continue
        edits: list[Edit] = []
        for match in _LIST.finditer(text.data):
            names = _NAME.findall(match[1])
            if own in names:
                continue
            reason = _doubt(work, text, match, names)
            if reason:
                yield Refusal(fixer, text.path, text.line(match.start()), reason, ids)
            else:
                edits.append(_edit(match, own))
                widened.add(frozenset(names))
        if edits:
            assumes = (ASSUMES.format(machine=work.machine),)
            why = f"names {own.decode()} in lists of target_arch"
            yield Change(fixer, text.path, tuple(edits), why, assumes, ids)
    yield from _manifests(work, fixer, own, widened)


def _manifests(
    work: Work, fixer: str, own: bytes, widened: set[frozenset[bytes]]
) -> Iterator[Outcome]:
    """Yield the changes of manifests: dependencies of machines are those of the code's lists."""
    for path in work.paths if widened else ():
        text = work.text(path) if basename(path) == "Cargo.toml" else None
        found = _LIST.finditer(text.data) if text else ()
        edits = tuple(_edit(m, own) for m in found if frozenset(_NAME.findall(m[1])) in widened)
        if edits:
            why = f"has what the code asks for on {own.decode()}, too"
            yield Change(fixer, path, edits, why, (ASSUMES.format(machine=work.machine),))


def _edit(match: re.Match[bytes], name: bytes) -> Edit:
    """Return the edit that adds a name, with what stands between the last two."""
    found = list(_NAME.finditer(match[1]))
    between = match[1][found[-2].end() : found[-1].start()]
    at = match.start(1) + found[-1].end()
    written = re.sub(rb"\"\w+\"", b'"%s"' % name, found[-1][0])
    return Edit(at, at, between + written)


def _doubt(work: Work, text: Text, match: re.Match[bytes], names: list[bytes]) -> str:
    like = {architecture(m).names["rust"][0].encode() for m in relatives(work.machine)}
    if len(like & {*names}) < MIN_ALIKE:
        return "it does not name two machines like the target"
    if re.search(rb"\bnot\s*\(\s*\Z", text.data[: match.start()]):
        return "it says what is for all others"
    rest = text.data[: match.start()] + text.data[match.end() :]
    if re.search(rb"\bnot\s*\(\s*any\s*\([^()]*target_arch", rest):
        return "the file has a form for all others"
    if like & {*_NAME.findall(rest)}:
        return "the file treats a machine like the target apart"
    line = text.line(match.end())
    if _OF_MACHINE.search(text.span(line, line + ITEM)):
        return "what stands under it is for the machine itself"
    return ""
