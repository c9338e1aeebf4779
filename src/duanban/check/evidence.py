"""What a tree says, before anybody judges it; kept, so that an unchanged tree is only listed again.

Nothing here depends on the day, the baseline or the project's suppressions: those are applied anew
in every run.
"""

from __future__ import annotations

import hashlib
from array import array
from pathlib import Path

import msgspec

from duanban.locate.keep import keep
from duanban.model import Component, Dependency, Failure, Finding, Scanned, UnknownFact
from duanban.scan.store import SETTLED
from duanban.scan.walk import Walked


class TargetEvidence(msgspec.Struct, array_like=True, frozen=True):
    """What stands against one target."""

    findings: tuple[Finding, ...]
    fails: tuple[Failure, ...]
    unknown: tuple[UnknownFact, ...]


class Evidence(msgspec.Struct, array_like=True, frozen=True):
    """What a tree says."""

    scanned: Scanned
    components: tuple[Component, ...]
    dependencies: tuple[Dependency, ...]
    targets: tuple[TargetEvidence, ...]
    """In the order of the targets asked for."""


class EvidenceStore:
    """The evidence of one tree, for one list of targets.

    Args:
        directory: where to keep it.
        key: of the tree and all that decides the evidence besides the files themselves
            (`scan_key`).
    """

    def __init__(self, directory: Path, key: str) -> None:
        self._path = directory / f"{key}.evidence"

    def load(self, walked: Walked) -> Evidence | None:
        """Return what is kept, if it was found in exactly the files of `walked`."""
        try:
            content = self._path.read_bytes()
            print_ = fingerprint(walked)
            if content[: len(print_)] != print_:
                return None
            return msgspec.msgpack.decode(content[len(print_) :], type=Evidence)
        except (OSError, msgspec.MsgspecError):
            return None

    def save(self, walked: Walked, evidence: Evidence, started: int) -> None:
        """Keep `evidence`; a store that cannot be written is not an error.

        Args:
            walked: the files it was found in.
            evidence: what was found.
            started: when the files were listed, in nanoseconds. A file written so shortly before
                that a further write might not change its stamp keeps the evidence from being kept.
        """
        if any(entry.stamp >= started - SETTLED for entry in walked.entries):
            return
        keep(self._path, fingerprint(walked) + msgspec.msgpack.encode(evidence))


def fingerprint(walked: Walked) -> bytes:
    """Return 32 bytes that differ for trees in which any file was added, removed or written."""
    entries = walked.entries
    text = "\0".join([entry.path for entry in entries]).encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(text)
    digest.update(array("q", [entry.size for entry in entries]).tobytes())
    digest.update(array("q", [entry.stamp for entry in entries]).tobytes())
    digest.update(repr(walked.skipped).encode("utf-8", "surrogateescape"))
    return digest.digest()
