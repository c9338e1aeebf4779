"""What package indexes say, put into words, and which parts are asked about how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from duanban.indexes.distribution import INDEPENDENT
from duanban.indexes.interface import Wanted
from duanban.indexes.library import Opened
from duanban.inventory.registry import reader_for
from duanban.inventory.sbom_reader import SbomReader
from duanban.model import Answer, ComponentState, Effort, Offer, UnknownFact
from duanban.targets.interface import Target

DISTRIBUTIONS = {"deb": "Debian", "rpm": "RPM", "apk": "Alpine"}
"""Type of package URL to what its packages are called."""
ARCHITECTURE_KEYS = {"deb": "debian", "rpm": "rpm", "apk": "rpm"}
LIBRARY_RULES = {
    Answer.OTHER_VERSION: "library.available.other-version",
    Answer.SOURCE_BUILDS: "library.available.source",
    Answer.UPSTREAM_CHANGE: "library.available.none",
    Answer.THIRD_PARTY_BUILD: "library.available.elsewhere",
    Answer.NONE: "library.available.none",
}
"""Rules for parts of languages that no lock file judges."""

SAYS = {
    "library.python.source-build": Answer.SOURCE_BUILDS,
    "library.python.wheels": Answer.NONE,
    "library.python.wheel-file": Answer.UNKNOWN,
    "library.installed.native": Answer.UNKNOWN,
    "library.npm.prebuilt": Answer.NONE,
    "library.npm.wasm": Answer.OTHER_VERSION,
    "runtime.npm.platform": Answer.NONE,
    "runtime.npm.native-addon": Answer.SOURCE_BUILDS,
}
"""What a finding of the inventory says by itself of the part that it is about."""

ASKED = ("npm", "pypi")
"""Types of parts that a registry has to be asked about where no lock file tells more."""
BY_HAND = {
    "maven": "`duanban index add maven` and a local Maven repository that has them",
    "oci": "`duanban index add images` and its manifest list",
    "docker": "`duanban index add images` and its manifest list",
    "gem": "build them once on the target; gems with extensions compile when they are installed",
}
"""Types of parts that may hold native code which no file of the system tells of, and what to do."""


def is_open(wanted: Wanted) -> bool:
    """Return whether the file that names a part says nothing of the machines that it is for."""
    if wanted.type in ("golang", "cargo", *BY_HAND):
        return wanted.component.state is not ComponentState.EMBEDDED
    reader = reader_for(wanted.component.path)
    return wanted.type in ASKED and (reader is None or isinstance(reader, SbomReader))


ANOTHER = Effort(0.0, 0.25, 1.0)
"""Hours for a further package of a source that has to be brought to the target anyway."""
OBTAINABLE = frozenset(
    {
        *(Answer.SAME_VERSION, Answer.OTHER_VERSION),
        *(Answer.SOURCE_BUILDS, Answer.THIRD_PARTY_BUILD),
    }
)
"""Answers with which a part can be had today."""


def own_architecture(packages: Iterable[Wanted]) -> str:
    """Return the architecture that most packages of a list have; empty if all are for any."""
    counted = Counter(p.architecture for p in packages if p.architecture not in INDEPENDENT)
    return min(counted, key=lambda name: (-counted[name], name), default="")


def title(wanted: Wanted) -> str:
    """Return what people call a part."""
    return f"{wanted.full_name} {wanted.version}".strip()


def called(offer: Offer, wanted: Wanted) -> str:
    """Return what an offer is called, with its version."""
    return f"{offer.name or wanted.full_name} {offer.version}".strip()


def told(offer: Offer, wanted: Wanted) -> str:
    """Return an offer in words."""
    there = f"{offer.source.index} has {called(offer, wanted)}" if offer.version else ""
    return "; ".join(filter(None, (there, offer.detail))) or f"says {offer.source.index}"


def renamed(wanted: Wanted, offer: Offer) -> str:
    """Return what becomes of a package: another version, another name."""
    if offer.name:
        return f"{wanted.name} -> {offer.name} {offer.version}"
    if offer.version:
        return f"{wanted.name} {wanted.version} -> {offer.version}"
    return wanted.name


def open_question(
    listed: str, silent: Sequence[Wanted], target: Target, opened: Sequence[Opened]
) -> UnknownFact:
    """Return the question that stays open where no index answers for a list of packages.

    Args:
        listed: the list, with the machine that it is for.
        silent: its packages that nobody answers for; at least one.
        target: that they are wanted on.
        opened: the copies that were asked.
    """
    machine = target.architecture.name
    names = [one.copy.name for one in opened]
    own_index = next((name for name in target.indexes if name not in names), "")
    how = f"`duanban index add {own_index}`, once; then check again"
    if any(one.index.concerns(silent[0]) for one in opened):
        how = f"give the index `Packages` of {machine} too: `duanban index add NAME FILE...`"
    elif not own_index:
        how = f"compare with a package index of {target.title} by hand"
    return UnknownFact(
        f"whether the {len(silent)} {DISTRIBUTIONS[silent[0].type]} packages of {listed} "
        f"exist for {machine} in {target.title}",
        how,
        tuple(one.component.purl for one in silent),
    )
