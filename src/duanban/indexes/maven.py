"""Copies of what a local Maven repository has: jars with native parts, by classifier and content.

Layout (Maven, "Repository layout"): GROUP/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].jar, the
group with slashes for its dots.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from duanban.binaries.payloads import payloads
from duanban.indexes import records
from duanban.indexes.interface import Copy, Fetched, Index, Progress, Request, Wanted
from duanban.indexes.versions import later, maven_key
from duanban.inventory.knowledge import conventions, listed
from duanban.model import Answer, Offer
from duanban.model.errors import UsageError
from duanban.targets.interface import Target


class Jars(Struct, frozen=True, omit_defaults=True):
    """The jars of a version."""

    classifiers: list[str] = []
    """Of those for one machine: `linux-x86_64`, `natives-linux-arm64`."""
    native: list[str] = []
    """Machines of the ELF files in the jars."""


Versions = dict[str, Jars]


class Maven:
    """Local Maven repositories that the user names."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Read the names of all jars, and the headers of the native code in them."""
        if not request.given:
            raise UsageError(f"{request.name}: {request.known.how or 'name its directories'}")
        found: dict[str, Versions] = {}
        for given in request.given:
            root = Path(given)
            if not root.is_dir():
                raise UsageError(f"{given}: no directory")
            for number, jar in enumerate(_jars(root)):
                progress(f"reading the jars of {given}", number, 0)
                _add(found, jar, root)
        return records.write(directory, found)

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return _Open(copy, records.read(copy, directory, Versions))


def _jars(root: Path) -> Iterator[Path]:
    for base, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            path = Path(base, name)
            if name.endswith(".jar") and path.is_file() and not path.is_symlink():
                yield path


def _add(found: dict[str, Versions], jar: Path, root: Path) -> None:
    parts = jar.relative_to(root).parts
    if len(parts) < 4:
        return
    *group, artifact, version, name = parts
    stem = f"{artifact}-{version}"
    if not name.startswith(stem):
        return
    classifier = name[len(stem) : -len(".jar")].lstrip("-")
    if classifier in ("sources", "javadoc", "tests"):
        return
    versions = found.setdefault(f"{'.'.join(group)}/{artifact}", {})
    known = versions.get(version, Jars())
    machines = {one.machine for one in payloads(jar, name) if one.format == "elf"}
    versions[version] = Jars(
        sorted({*known.classifiers, *([classifier] if _machine_of(classifier) else [])}),
        sorted({*known.native, *machines}),
    )


@cache
def _words() -> dict[str, str]:
    names = conventions().machine_names
    return {name.lower(): machine for machine, group in names.items() for name in group}


def _machine_of(classifier: str) -> str:
    """Return the machine that a classifier names, in GNU's words; empty if it names none."""
    lowered = classifier.lower()
    for word in sorted(_words(), key=len, reverse=True):
        if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", lowered):
            return _words()[word]
    return ""


class _Open:
    """A copy that is open for questions."""

    def __init__(self, copy: Copy, artifacts: dict[str, Versions]) -> None:
        self._artifacts = artifacts
        self.source = copy.provenance

    def concerns(self, wanted: Wanted) -> bool:
        return wanted.type == "maven"

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Say whether the jars of a version have native parts, and one for the target."""
        versions = self._artifacts.get(f"{wanted.namespace}/{wanted.name}")
        if versions is None:
            return ()
        jars = versions.get(wanted.version)
        if jars is None:
            return ()  # the repository has other versions, which says nothing of this one
        machine = target.architecture.name
        linux = [one for one in jars.classifiers if "linux" in one.lower() or "-" not in one]
        machines = {*jars.native, *(_machine_of(one) for one in linux)}
        if not machines or machine in machines:
            return (Offer(Answer.SAME_VERSION, self.source, version=wanted.version),)
        detail = f"brings native code for {listed(tuple(sorted(machines)), most=8)}"
        others = [
            version
            for version, other in versions.items()
            if machine in {*other.native, *map(_machine_of, other.classifiers)}
        ]
        # The first later one; of those before only the newest can be of use.
        ready = later("maven", wanted.version, others) or sorted(others, key=maven_key)[-1:]
        found = [Offer(Answer.OTHER_VERSION, self.source, version=one) for one in ready[:1]]
        return (*found, Offer(Answer.NONE, self.source, version=wanted.version, detail=detail))
