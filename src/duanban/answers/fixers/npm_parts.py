"""Lists of npm packages for one machine each → with the target's package, where a registry has it.

`"@esbuild/linux-x64": "0.19.12"` among `optionalDependencies` gets `"@esbuild/linux-riscv64":
"0.19.12"` beside it, if the copy of npm's index (`duanban index add npm .`) says that this package
is there in this version and for the target. A package whose own parts are all there for the target
gets the target in its `cpu`, too. What the registry does not have is not written, and said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.locks import renewals
from duanban.answers.work import Text, Work
from duanban.indexes.versions import in_simple_range
from duanban.inventory.npm_platform import platform_of_name, sibling_names
from duanban.inventory.purls import npm_purl
from duanban.model import Answer, Component, ComponentState
from duanban.targets.architectures import architecture

_OPTIONAL = re.compile(rb'"optionalDependencies"[ \t]*:[ \t]*\{([^{}]*)\}')
_ROW = re.compile(rb'"([^"\\\s]+)"([ \t]*:[ \t]*)"([^"\\\n]*)"')
_CPU = re.compile(rb'"cpu"[ \t]*:[ \t]*\[([^\]]*)\]')
_LAST = re.compile(rb'(?:(?P<between>,\s*)|\A\s*)(?P<last>"[^"\\\s]+")\s*\Z')
_EXACT = re.compile(r"v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)\Z")


@dataclass(frozen=True, slots=True)
class _Row:
    """The last row for Linux of a family of packages."""

    name: str
    version: str
    match: re.Match[bytes]


class NpmParts:
    """See the module."""

    name = "npm-parts"
    title = "lists of npm packages for one machine each get the target's, where there is one"
    rules = ("library.npm.*", "runtime.npm.platform", "runtime.node.cpu-list")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per manifest, and each package that is not there."""
        for path in work.paths:
            if basename(path) == "package.json" and "node_modules/" not in path:
                text = work.text(path)
                block = _OPTIONAL.search(text.data) if text else None
                if text is not None and block is not None:
                    yield from self._manifest(work, text, block)

    def _manifest(self, work: Work, text: Text, block: re.Match[bytes]) -> Iterator[Outcome]:
        ids = tuple(f.id for f in work.findings(self.rules, unsure=True) if f.path == text.path)
        own = _own_name(text)
        edits: list[Edit] = []
        added: list[str] = []
        lacking = False
        for row in _families(work, text, block):
            name, reason = _part(work, row)
            if reason:
                about = ids if own and own in row.name else ()
                lacking |= bool(about)
                line = text.line(row.match.start())
                yield Refusal(self.name, text.path, line, reason, about)
            else:
                edits.append(_beside(text, row, name))
                added.append(name)
        if any(own and own in name for name in added) and not lacking:
            edits += _cpu(work, text)
        if edits:
            why = f"lists {', '.join(added)}, which the registry has"
            then = tuple(renewals(work, text.path, "npm"))
            answered = () if lacking else ids
            yield Change(self.name, text.path, tuple(edits), why, (), answered, then)


def _own_name(text: Text) -> str:
    try:
        document = json.loads(text.data)
    except (ValueError, RecursionError):
        return ""
    name = document.get("name") if isinstance(document, dict) else None
    return name.rpartition("/")[2] if isinstance(name, str) else ""


def _families(work: Work, text: Text, block: re.Match[bytes]) -> Iterator[_Row]:
    """Yield the last row of each family of packages for Linux that lacks the target."""
    rows = list(_ROW.finditer(text.data, *block.span(1)))
    names = {match[1].decode("utf-8", "replace") for match in rows}
    families: dict[str, _Row] = {}
    for match in rows:
        name, version = (match[group].decode("utf-8", "replace") for group in (1, 3))
        platform = platform_of_name(name)
        siblings = sibling_names(name, work.machine)
        if not siblings or names & {*siblings} or platform is None:
            continue
        if platform.libc and work.target.platform.libc not in platform.libc:
            continue
        families[min(siblings)] = _Row(name, version, match)
    yield from families.values()


def _part(work: Work, row: _Row) -> tuple[str, str]:
    """Return the name of the target's package, or why there is none."""
    exact = _EXACT.match(row.version)
    others: list[str] = []
    none: list[str] = []
    for name in sibling_names(row.name, work.machine):
        purl = npm_purl(name, exact[1] if exact else "")
        offers = work.offers(Component(purl, ComponentState.DECLARED))
        there = [o for o in offers if o.answer in (Answer.SAME_VERSION, Answer.OTHER_VERSION)]
        if any(
            one.answer is Answer.SAME_VERSION
            and (exact or in_simple_range(row.version, one.version))
            for one in there
        ):
            return name, ""
        if offers:
            has = f"{name} {there[0].version}, not {row.version}" if there else f"no {name}"
            said = f"the registry has {has} ({offers[0].source.index}, {offers[0].source.date})"
            (others if there else none).append(said)
    unasked = f"nobody asked a registry for what {row.name} is on the target"
    return "", next(iter(others + none), f"{unasked}: `duanban index add npm .`")


def _beside(text: Text, row: _Row, name: str) -> Edit:
    """Return the edit that puts a row behind another, in the same form."""
    start = text.start(text.line(row.match.start()))
    lead = text.data[start : row.match.start()]
    between = b",\n" + lead if not lead.strip() else b", "
    new = b'%s"%s"%s"%s"' % (between, name.encode(), row.match[2], row.match[3])
    return Edit(row.match.end(), row.match.end(), new)


def _cpu(work: Work, text: Text) -> Iterator[Edit]:
    """Yield the edit that lets npm install a package on the target."""
    field = _CPU.search(text.data)
    last = _LAST.search(field[1]) if field else None
    own = architecture(work.machine).names["npm"][0].encode()
    if field is None or last is None or b'"%s"' % own in field[1] or b'"!' in field[1]:
        return
    at = field.start(1) + last.end("last")
    yield Edit(at, at, (last["between"] or b", ") + b'"%s"' % own)
