"""What compilers said in proofs (`duanban prove --as-is`), held against what the check found.

A finding that is said to stop units, all of which compile for the target, is withdrawn: it is
listed as set aside, with the reason. A unit that no finding foresaw to fail becomes a finding with
the compiler's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import msgspec

from duanban.check.findings import finding_at
from duanban.locate import Located, data_directory
from duanban.locate.digest import tree_hash
from duanban.model import Failure, Finding, Skipped, Suppressed
from duanban.model.errors import ConfigError
from duanban.rules.interface import Rule
from duanban.targets.interface import Target

RULE = "toolchain.compiler.error"
SCHEMA = "duanban.proof/1"


class ProvenUnit(msgspec.Struct, frozen=True):
    """What the compilers said of one file."""

    path: str
    reference: bool
    target: bool
    line: int = 0
    place: str = ""
    message: str = ""


class Subject(msgspec.Struct, frozen=True):
    """The tree that was proved."""

    sha256: str
    name: str = ""


class Tool(msgspec.Struct, frozen=True):
    """A program that the outcome rests on."""

    name: str
    version: str


class ProofFile(msgspec.Struct, frozen=True):
    """What a check takes from a proof."""

    schema: str
    target: str
    mode: str
    subject: Subject
    tools: tuple[Tool, ...]
    units: tuple[ProvenUnit, ...]


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof that a check is to heed."""

    path: str
    proof: ProofFile

    @property
    def compiler(self) -> str:
        """Name and version of the compiler for the target."""
        tool = self.proof.tools[0] if self.proof.tools else Tool("a compiler", "")
        return f"{tool.name} {tool.version}".strip()


@dataclass(frozen=True, slots=True)
class Heeded:
    """What is left of the evidence once the compilers were heard."""

    findings: tuple[Finding, ...]
    fails: tuple[Failure, ...]
    withdrawn: tuple[Suppressed, ...] = ()


def load_proof(path: Path) -> Proven:
    """Read the proof at `path`.

    Raises:
        ConfigError: it cannot be read, is no proof, or is one of a patched tree.
    """
    try:
        proof = msgspec.json.decode(path.read_bytes(), type=ProofFile)
    except OSError as error:
        raise ConfigError(f"proof {path} cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} is not a proof: {error}") from error
    if proof.schema != SCHEMA:
        raise ConfigError(f"{path} has the schema {proof.schema}, not {SCHEMA}")
    if proof.mode != "as-is":
        raise ConfigError(f"{path} is a proof of a patched tree; make one with --as-is")
    return Proven(str(path), proof)


def stored(located: Located, targets: Sequence[Target]) -> tuple[Proven, ...]:
    """Return the newest stored proof of this very tree as it is, for each target that has one.

    The tree is read for its hash only if a tree of this name was proved.
    """
    directory = data_directory() / "proofs"
    if not directory.is_dir():
        return ()
    candidates: dict[str, list[Path]] = {}
    for target in targets:
        found = directory.glob(f"*-{escape(target.id)}-as-is-*.json")
        candidates[target.id] = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    proofs = {
        one: [proven for path in paths if (proven := _of_name(path, located.name)) is not None]
        for one, paths in candidates.items()
    }
    if not any(proofs.values()):
        return ()
    digest = tree_hash(located.root)
    newest = (
        next((one for one in every if one.proof.subject.sha256 == digest), None)
        for every in proofs.values()
    )
    return tuple(one for one in newest if one is not None)


def _of_name(path: Path, name: str) -> Proven | None:
    try:
        proven = load_proof(path)
    except ConfigError:  # of another version of Duanban
        return None
    return proven if proven.proof.subject.name == name else None


def about(proofs: Sequence[Proven], root: Path) -> tuple[tuple[Proven, ...], tuple[Skipped, ...]]:
    """Return those of `proofs` that are about this very tree, and the others with the reason."""
    if not proofs:
        return (), ()
    digest = tree_hash(root)
    fitting = tuple(one for one in proofs if one.proof.subject.sha256 == digest)
    others = (one.path for one in proofs if one not in fitting)
    return fitting, tuple(
        Skipped(path, "a proof of another tree, or of another state") for path in others
    )


def heed(
    proofs: Iterable[Proven],
    target: Target,
    findings: Sequence[Finding],
    fails: Sequence[Failure],
    rules: Mapping[str, Rule],
) -> Heeded:
    """Return what is left of `findings` and `fails` once the proofs for `target` were heard."""
    heeded = Heeded(tuple(findings), tuple(fails))
    for proven in proofs:
        if proven.proof.target == target.id:
            heeded = _heed(proven, target, heeded, rules)
    return heeded


def _heed(proven: Proven, target: Target, known: Heeded, rules: Mapping[str, Rule]) -> Heeded:
    units = {unit.path: unit for unit in proven.proof.units if unit.reference}
    compiled = {path for path, unit in units.items() if unit.target}
    refuted = {
        finding.id: stopped
        for finding in known.findings
        if rules[finding.rule].breaks_compile
        and (stopped := _stopped(finding, known.fails, units))
        and stopped <= compiled
    }
    kept = [finding for finding in known.findings if finding.id not in refuted]
    fails = [failure for failure in known.fails if failure.path not in compiled]
    foreseen = {failure.path for failure in fails}
    for path, unit in units.items():
        if not unit.target and path not in foreseen:
            place = (unit.place or path, unit.line if unit.place else 0)
            finding = finding_at(rules[RULE], place, target, unit.message)
            if finding.id not in {one.id for one in kept}:
                kept.append(finding)
            fails.append(Failure(path, (finding.id,)))
    withdrawn = [
        Suppressed(
            finding,
            f"the compiler ({proven.compiler}) compiles {_files(refuted[finding.id])} "
            "for the target",
            proven.path,
        )
        for finding in known.findings
        if finding.id in refuted
    ]
    ordered = sorted(fails, key=lambda failure: failure.path)
    return Heeded(tuple(kept), tuple(ordered), (*known.withdrawn, *withdrawn))


def _stopped(
    finding: Finding, fails: Sequence[Failure], units: Mapping[str, ProvenUnit]
) -> set[str]:
    """Return the units that `finding` is said to stop; empty if the proof knows none of them."""
    stopped = {failure.path for failure in fails if finding.id in failure.because}
    return stopped or ({finding.path} & units.keys())


def _files(paths: set[str]) -> str:
    first = min(paths)
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
