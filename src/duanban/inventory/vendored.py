"""Copies of well-known libraries in a tree that are from before they knew the target.

What a copy knows is asked of the copy itself (`vendored.toml` says of which file); its version,
where the file tells it, only names it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.knowledge import Evidence, make_finding
from duanban.model import Component, ComponentState, Finding, UnknownFact
from duanban.targets.interface import Target

RULE = "library.copy.older"


@dataclass(frozen=True, slots=True)
class Library:
    """A library that projects carry copies of."""

    name: str
    home: str
    files: tuple[str, ...]
    contains: re.Pattern[bytes]
    anchor: re.Pattern[bytes]
    version: re.Pattern[bytes] | None
    knows: Mapping[str, re.Pattern[bytes]]
    beside: Mapping[str, str]
    since: Mapping[str, str]


@cache
def libraries() -> tuple[Library, ...]:
    """Return the libraries of `vendored.toml`."""
    text = files("duanban.inventory").joinpath("vendored.toml").read_text("utf-8")
    return tuple(
        Library(
            name=raw["name"],
            home=raw["home"],
            files=tuple(raw["files"]),
            contains=_compiled(raw["contains"]),
            anchor=_compiled(raw["anchor"]),
            version=_compiled(raw["version"]) if "version" in raw else None,
            knows={name: _compiled(words) for name, words in raw.get("knows", {}).items()},
            beside=raw.get("beside", {}),
            since=raw["since"],
        )
        for raw in tomllib.loads(text)["copy"]
    )


def _compiled(expression: str) -> re.Pattern[bytes]:
    return re.compile(expression.encode(), re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a library."""

    library: Library
    evidence: Evidence
    version: str
    knows: frozenset[str]
    """Architectures."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if upstream's first version for the target is later than the copy."""
        architecture = target.architecture.name
        since = self.library.since.get(architecture)
        if since is None or architecture in self.knows:
            return None
        match = f"{self.library.name} {self.version}".rstrip()
        detail = "no version of it does yet" if since == "none" else f"upstream does since {since}"
        return make_finding(RULE, target, self.evidence, match=match, detail=detail)


class CopyReader:
    """Reads the files by which copies of libraries are recognised."""

    def __init__(self) -> None:
        self._by_name: dict[str, list[Library]] = {}
        for library in libraries():
            for name in library.files:
                self._by_name.setdefault(name, []).append(library)

    def names(self) -> Sequence[str]:
        """Return the base names of the files that it reads."""
        return sorted(self._by_name)

    def recognises(self, path: str) -> bool:
        """Return whether the file may be one by which a copy is recognised."""
        return path.rpartition("/")[2] in self._by_name

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the copies that the file belongs to: none or one."""
        data = manifest.read()
        for library in self._by_name[manifest.path.rpartition("/")[2]]:
            if library.contains.search(data):
                return _found(library, manifest.path, data, frozenset(siblings))
        return Inventory()


def _found(library: Library, path: str, data: bytes, siblings: frozenset[str]) -> Inventory:
    version = library.version.search(data) if library.version else None
    told = version[1].decode("ascii", "replace") if version else ""
    purl = f"pkg:generic/{library.name}" + (f"@{told}" if told else "")
    anchor = next(library.anchor.finditer(data), None)
    line = data.count(b"\n", 0, anchor.start()) + 1 if anchor else 1
    text = data.splitlines()[line - 1] if data else b""
    evidence = Evidence(path, line=line, snippet=text.decode("utf-8", "replace").strip())
    known = {name for name, words in library.knows.items() if words.search(data)}
    known |= {name for name, file in library.beside.items() if file in siblings}
    is_itself = path in (library.home, f"src/{library.home}")
    component = Component(purl, ComponentState.EMBEDDED, (), path)
    return Inventory(
        components=() if is_itself else (component,),
        ties=(Copy(library, evidence, told, frozenset(known)),),
    )
