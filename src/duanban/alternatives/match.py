"""Which parts of the catalogue a system has, and what can stand in for them on a target."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from duanban.alternatives.interface import Catalogue, Part
from duanban.model import Alternatives, Finding, Suggestion
from duanban.targets.interface import Target

_INCLUDED = re.compile(r"""#\s*include\s*[<"]([^>"]+)[>"]""")
_WORD = re.compile(r"[^\s,:;()]+")
_INSTALLED = "library.installed.native"
"""The rule about an installed package with code for another machine."""
_BINARIES = "chip.payload."
"""What the ids of rules about binary files begin with."""


def alternatives_for(
    catalogue: Catalogue, target: Target, short: Iterable[str], findings: Sequence[Finding]
) -> tuple[Alternatives, ...]:
    """Return what can stand in for the parts that are short or that findings are about.

    Args:
        catalogue: what is known.
        target: where the system is to stand.
        short: purls of the parts that the target does not have as the system wants them, or does
            not accept.
        findings: those that count on the target.

    Parts of which nothing that stands in is known to run on the target's machine are left out.
    """
    wanting = {*short, *(one.component for one in findings if one.rule != _INSTALLED)}
    purls = sorted({*wanting, *(one.component for one in findings)} - {""})
    components: dict[str, list[str]] = defaultdict(list)
    for purl in purls:
        stem = purl.partition("?")[0].partition("@")[0]
        for part in catalogue.parts.values():
            if part.rebuilt and purl not in wanting:
                continue
            if any(fnmatchcase(stem, pattern) for pattern in part.purls):
                components[part.id].append(purl)
    about: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        for part in catalogue.parts.values():
            if _is_about(finding, part):
                about[part.id].append(finding.id)
    found = []
    for part in catalogue.parts.values():
        recognised = part.id in components or part.id in about
        if recognised and (suggestions := _suggestions(part, target)):
            found.append(
                Alternatives(
                    part.id,
                    part.title,
                    tuple(components[part.id]),
                    tuple(sorted(about[part.id])),
                    suggestions,
                )
            )
    return tuple(found)


def _is_about(finding: Finding, part: Part) -> bool:
    if finding.rule in part.rules:
        return True
    if part.headers and "include" in finding.snippet:
        match = _INCLUDED.search(finding.snippet)
        if match and match[1] in part.headers:
            return True
    if part.files and finding.rule.startswith(_BINARIES):
        words = {finding.path.rpartition("/")[2], *_WORD.findall(finding.message)}
        return any(fnmatchcase(word, pattern) for word in words for pattern in part.files)
    return False


def _suggestions(part: Part, target: Target) -> tuple[Suggestion, ...]:
    found = []
    for use in part.uses:
        one = use.alternative
        support = one.on(target.architecture.name)
        if support is not None:
            found.append(
                Suggestion(
                    one.name,
                    one.licence,
                    one.steward,
                    one.jurisdiction,
                    support,
                    use.effort,
                    use.depends,
                    use.note,
                )
            )
    return tuple(sorted(found, key=lambda each: (each.effort_hours.likely, each.name)))
