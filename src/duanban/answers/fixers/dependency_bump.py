"""A pinned dependency without the target → the first later version that has it, as an index says.

`markupsafe==2.1.3` becomes `markupsafe==3.0.3` for riscv64, and `"rollup": "^4.0.0"` becomes
`"^4.7.0"`, if the copy of the index (`duanban index`) has them for it since then. Manifests are
changed; lock files hold hashes, and are made anew by their own tools: the command is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import basename, dirname
from urllib.parse import unquote

from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.locks import known_locks, locks_of, renewals
from duanban.answers.pins import PATTERNS, Bump, Stays, pins
from duanban.answers.work import Text, Work
from duanban.indexes.versions import later
from duanban.model import Answer, ShortPart

_PURL = re.compile(r"pkg:(\w+)/(?:([^@?]+)/)?([^@?/]+)@([^?]+)")
_MANIFESTS = {
    "pypi": r"(?:.*[-_.])?(?:requirements?|constraints)(?:[-_.].*)?\.(?:txt|in)|Pipfile"
    r"|pyproject\.toml|setup\.(?:cfg|py)",
    "npm": r"package\.json",
    "cargo": r"Cargo\.toml",
    "golang": r"go\.mod",
    "maven": r"pom\.xml|build\.gradle(?:\.kts)?|.*\.versions\.toml",
}
"""Type of package URL to the names of files that ask for such parts."""
_OF_OTHERS = re.compile(r"(?:^|/)(?:node_modules|vendor|third_party)/")
ASSUMES = "{name} {new} can stand in for {old}: what changed between them is to be read"


class DependencyBump:
    """See the module."""

    name = "dependency-bump"
    title = "a pinned dependency becomes the first later version that has the target"
    rules = ("library.available.*", "library.python.*", "library.npm.*", "runtime.npm.*")

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per manifest, and each short part that none pins."""
        for part in work.result.parts:
            match = _PURL.match(part.component)
            new = first_later(part)
            if match is None or match[1] not in PATTERNS or not new:
                continue
            kind, namespace, name, old = (unquote(text or "") for text in match.groups())
            yield from self._part(work, part, Bump(kind, namespace, name, old, new))

    def _part(self, work: Work, part: ShortPart, bump: Bump) -> Iterator[Outcome]:
        ids = (part.finding,) if part.finding else ()
        index = next(one.source for one in part.offers if one.version == bump.new)
        has = f"{bump.full} {bump.new} has the target ({index.index}, {index.date})"
        edits: dict[str, dict[Edit, None]] = {}
        left = False
        for text, found in pins(bump, _manifests(work, part.path, bump.kind)):
            if isinstance(found, Stays):
                left = True
                reason = f"{has}; {found.reason}"
                yield Refusal(self.name, text.path, text.line(found.offset), reason, ids)
            else:
                edits.setdefault(text.path, {})[found] = None
        for path, ones in edits.items():
            assumes = (ASSUMES.format(name=bump.full, new=bump.new, old=bump.old),)
            then = tuple(renewals(work, path, bump.kind))
            yield Change(self.name, path, tuple(ones), has, assumes, ids, then)
        if not edits and not left:
            way = [unquote(purl.partition("/")[2]) for purl in part.route[:-1]]
            by = f"; it comes by way of {' → '.join(way)}" if way else ""
            reason = f"{has}; no manifest asks for {bump.old}{by}"
            yield Refusal(self.name, part.path, 0, reason, ids)


def first_later(part: ShortPart) -> str:
    """Return the first version after the wanted one that an index has for the target."""
    match = _PURL.match(part.component)
    if match is None or match[1] not in PATTERNS:
        return ""
    offered = [
        offer.version
        for offer in part.offers
        if offer.answer is Answer.OTHER_VERSION and not offer.name
    ]
    return next(iter(later(match[1], unquote(match[4]), offered)), "")


def _manifests(work: Work, path: str, kind: str) -> Sequence[Text]:
    """Return the manifests that a part may be pinned in.

    For a lock file they are those that it holds for; else the file that names the part, and those
    beside it. Of Maven's, those above may give its properties.
    """
    wanted = re.compile(_MANIFESTS[kind])
    place = dirname(path)
    above = f"{place}/"
    is_lock = any(f"/{path}".endswith(f"/{lock.file}") for lock in known_locks())
    found = []
    for one in dict.fromkeys((path, *work.paths)):
        if not wanted.fullmatch(basename(one)) or _OF_OTHERS.search(one):
            continue
        here = dirname(one)
        beside = here == place or (kind == "maven" and above.startswith(f"{here}/" if here else ""))
        held = is_lock and path in [lock for lock, _ in locks_of(work, one, kind)]
        text = work.text(one) if one == path or beside or held else None
        if text is not None:
            found.append(text)
    return found
