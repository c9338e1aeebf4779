"""Build constraints of Go, and lists of target_arch in Rust → with the target, where that is safe.

A file whose `//go:build` lists machines, and whose functions another file of its directory has for
one machine, is the portable form: `//go:build arm || mips || s390x` beside `sum_amd64.go`. A list
of two machines like the target (`amd64 || arm64 || ppc64le`) tells what holds for it as well, if
nothing in the directory is for all others. Files named `_GOARCH.go`, and functions without a body,
which an assembler file has, are left. Of Rust see `rust_lists.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname

from duanban.answers import rust_lists
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.naming import relatives
from duanban.answers.work import Text, Work
from duanban.scan.build.names import mentions
from duanban.targets.architectures import architecture

_BUILD = re.compile(rb"^//go:build[ \t]+(\w+(?:[ \t]*\|\|[ \t]*\w+)+)[ \t]*\r?$", re.MULTILINE)
_INNER = re.compile(
    rb"^//go:build[ \t]+[^!\n]*&&[ \t]*\([ \t]*(\w+(?:[ \t]*\|\|[ \t]*\w+)+)[ \t]*\)", re.MULTILINE
)
"""A list in parentheses, beside what else must hold: `linux && (amd64 || arm64)`."""
_PLUS = re.compile(rb"^//[ \t]*\+build[ \t]+(\w+(?:[ \t]+\w+)+)[ \t]*\r?$", re.MULTILINE)
_FUNCTION = re.compile(rb"^func[ \t]+(?:\([^)\n]*\)[ \t]*)?(\w+)[^\n]*$", re.MULTILINE)
MIN_ALIKE = 2
ASSUMES = "what a file says of two other 64-bit machines holds for {machine}, too"


class BuildTags:
    """See the module."""

    name = "build-tags"
    title = "build constraints of Go and lists of target_arch in Rust name the target"
    rules = ("runtime.list.open", "runtime.go.list-*")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per file, and each list that is not widened."""
        yield from rust_lists.outcomes(work, self.name, self.rules)
        for text, ids in work.files(self.rules, unsure=True):
            matches = [m for p in (_BUILD, _INNER, _PLUS) for m in p.finditer(text.data)]
            if text.language != "go" or not matches or _names(work.machine, matches[0][1]):
                continue
            reason, assumes = _judge(work, text, matches[0][1])
            if reason:
                yield Refusal(self.name, text.path, text.line(matches[0].start()), reason, ids)
                continue
            edits = tuple(_edit(work.machine, match) for match in matches)
            why = f"is built for {work.machine}, too"
            yield Change(self.name, text.path, edits, why, assumes, ids)


def _names(machine: str, test: bytes) -> bool:
    return any(machine in mention.machine.serves for mention in mentions(test))


def _edit(machine: str, match: re.Match[bytes]) -> Edit:
    joint = b" || " if b"||" in match[1] else b" "
    name = architecture(machine).names["go"][0].encode()
    return Edit(match.end(1), match.end(1), joint + name)


def _judge(work: Work, text: Text, test: bytes) -> tuple[str, tuple[str, ...]]:
    """Return why a list is not widened, or what widening it assumes."""
    own = _functions(text)
    if any(not has_body for has_body in own.values()):
        return "it declares functions that an assembler file has", ()
    beside = _beside(work, text)
    negated = [one for one in beside if re.search(rb"^//go:build[^\n]*!", one.data, re.MULTILINE)]
    if any(own.keys() & _functions(one).keys() for one in negated):
        return "another file of the directory is for all other machines", ()
    like = {m for mention in mentions(test) for m in mention.machine.serves} & {
        *relatives(work.machine)
    }
    has_others = any(own.keys() & _functions(one).keys() for one in beside)
    if not like and has_others:
        return "", ()  # the portable form: what is like the target has a form of its own
    if len(like) >= MIN_ALIKE:
        return "", (ASSUMES.format(machine=work.machine),)
    return "it does not name two machines like the target", ()


def _functions(text: Text) -> dict[bytes, bool]:
    """Return the functions of a file, and whether each has a body."""
    return {m[1]: m[0].rstrip().endswith((b"{", b"}")) for m in _FUNCTION.finditer(text.data)}


def _beside(work: Work, text: Text) -> Sequence[Text]:
    place = dirname(text.path)
    paths = [p for p in work.paths if dirname(p) == place and p.endswith(".go") and p != text.path]
    return [one for path in paths if (one := work.text(path))]
