"""Documented answers: what toolchains have ports of, and what waits or is offered elsewhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from duanban.depend.version import version_key
from duanban.indexes.interface import Copy, CopyFile, Fetched, Index, Progress, Request, Wanted
from duanban.indexes.store import verified
from duanban.model import Answer, Blocker, Offer, Provenance
from duanban.model.errors import UsageError
from duanban.targets.interface import Target

LARGEST = 16 << 20
FILE = "answers.toml"
SHIPPED = "answers"
"""Name of the copy that ships with the tool."""
Text = Annotated[str, Meta(min_length=1)]


class AnswerTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[answers]]`."""

    part: Text
    targets: Annotated[list[Text], Meta(min_length=1)]
    answer: Literal["other-version", "upstream-change", "third-party-build", "none"]
    detail: Text
    source: Text
    read: dt.date
    below: str = ""
    version: str = ""


class PortTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[ports]]`."""

    type: Text
    name: Text
    targets: dict[str, str]
    source: Text


class AnswerFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    schema: Literal["duanban.answers/1"]
    dated: dt.date
    answers: list[AnswerTable] = []
    ports: list[PortTable] = []


class Answers:
    """Files of documented answers."""

    def fetch(self, request: Request, directory: Path, progress: Progress) -> Fetched:
        """Take the file that the user names, once it is one."""
        if len(request.given) != 1:
            raise UsageError(f"{request.name}: name one file of answers (docs/indexes.md)")
        path = Path(request.given[0])
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        told = _read(path)
        shutil.copyfile(path, directory / FILE)
        return Fetched(((FILE, "answers"),), told.dated.isoformat())

    def open(self, copy: Copy, directory: Path, derived: Path, progress: Progress) -> Index:
        """Open a copy."""
        return Documented(copy.provenance, _read(verified(copy, directory, copy.files[0])))


def _read(path: Path) -> AnswerFile:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
        return msgspec.toml.decode(data, type=AnswerFile)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: {error}") from error


@cache
def shipped() -> tuple[Copy, Index]:
    """Return the answers that ship with the tool, as a copy and open."""
    path = Path(str(files(__package__).joinpath(FILE)))
    data = path.read_bytes()
    told = _read(path)
    file = CopyFile(FILE, "answers", hashlib.sha256(data).hexdigest(), len(data))
    dated = told.dated.isoformat()
    copy = Copy(SHIPPED, "answers", "Documented answers", dated, dated, (file,))
    return copy, Documented(copy.provenance, told)


class Documented:
    """A file of answers that is open for questions."""

    def __init__(self, source: Provenance, told: AnswerFile) -> None:
        self.source = source
        self._told = told
        self._ports: Mapping[str, PortTable] = {port.type: port for port in told.ports}

    def concerns(self, wanted: Wanted) -> bool:
        """Return whether anything is known of such parts."""
        return wanted.type in self._ports or any(True for _ in self._about(wanted))

    def offers(self, wanted: Wanted, target: Target) -> Sequence[Offer]:
        """Return the answers for a part, and what its toolchain has."""
        machine = target.architecture.name
        found = [
            Offer(
                Answer(one.answer),
                Provenance(self.source.index, one.read.isoformat(), self.source.sha256),
                version=one.version,
                detail=f"{one.detail} ({one.source})",
                ways=((Blocker(wanted.full_name, one.detail),),) if one.answer == "none" else (),
            )
            for one in self._about(wanted)
            if machine in one.targets
        ]
        port = self._ports.get(wanted.type)
        if port is None or found:
            return found
        if machine in port.targets:
            detail = f"built with the program; {port.name} has the port ({port.targets[machine]})"
            return [Offer(Answer.SAME_VERSION, self.source, version=wanted.version, detail=detail)]
        way = ((Blocker(port.name, f"no port to {machine}"),),)
        return [Offer(Answer.NONE, self.source, detail=f"{port.name} has no port", ways=way)]

    def _about(self, wanted: Wanted) -> Sequence[AnswerTable]:
        stem = f"pkg:{wanted.type}/{wanted.full_name}"
        return [
            one
            for one in self._told.answers
            if fnmatchcase(stem, one.part) and (not one.below or _is_below(wanted, one.below))
        ]


def _is_below(wanted: Wanted, limit: str) -> bool:
    """Return whether the wanted version is older; one that is not known is not."""
    if not wanted.version:
        return False
    return version_key(_ordered(wanted.version)) < version_key(_ordered(limit))


def _ordered(version: str) -> bytes:
    """Return a version so that Debian's order holds: `v` and build metadata away, `-` as `~`."""
    plain = re.sub(r"^v|\+.*$", "", version)
    return plain.replace("-", "~" if not plain.startswith("0.0.0-") else ".").encode()
