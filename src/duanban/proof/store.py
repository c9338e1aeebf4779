"""Finished proofs on disk, by their key.

They stand in `proofs` below the data directory, one JSON file each, which can be copied and given
to others. `duanban check` finds a tree's by name, target and mode in the file's name.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from duanban.locate import data_directory
from duanban.locate.keep import keep
from duanban.proof.interface import SCHEMA, Proof, ProofError


def load(key: str) -> Proof | None:
    """Return the finished proof with this key."""
    for path in (data_directory() / "proofs").glob(f"*-{key[:16]}.json"):
        return read(path)
    return None


def save(key: str, proof: Proof) -> Path:
    """Store `proof` and return its file; a store that cannot be written is not an error."""
    words = (proof.subject.name, proof.subject.version, proof.target, proof.mode)
    name = re.sub(r"[^A-Za-z0-9.+_-]+", "_", "-".join(word for word in words if word))
    path = data_directory() / "proofs" / f"{name[:150]}-{key[:16]}.json"
    keep(path, encode(proof))
    return path


def encode(proof: Proof) -> bytes:
    """Return `proof` as JSON, with a line of its own for each step and unit."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=1) + b"\n"


def read(path: Path) -> Proof:
    """Return the proof in the file `path`.

    Raises:
        ProofError: it cannot be read, or is no proof.
    """
    try:
        proof = msgspec.json.decode(path.read_bytes(), type=Proof)
    except OSError as error:
        raise ProofError(f"proof {path} cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise ProofError(f"{path} is not a proof: {error}") from error
    if proof.schema != SCHEMA:
        raise ProofError(f"{path} has the schema {proof.schema}, not {SCHEMA}")
    return proof
