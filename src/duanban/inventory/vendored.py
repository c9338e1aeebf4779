"""Copies of well-known libraries in a tree, and which of them are from before they knew the target.

What a copy knows is asked of the copy itself (`vendored.toml` says of which file); its version,
where its files tell it, only names it. A copy that a newer version would mend is one finding that
stands for all that was found inside it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.knowledge import Evidence, make_finding
from duanban.model import Component, ComponentState, Finding, UnknownFact
from duanban.targets.interface import Target

RULE = "library.copy.older"
HEADERS = (".h", ".hpp", ".c")
COMMON = frozenset(
    {"src", "include", "lib", "cmake", "port", "build", "portability", "unix", "Configurations"}
)
"""Directories that many libraries have."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library that projects carry copies of."""

    name: str
    homes: tuple[str, ...]
    """Where the file stands in the library itself, now and before."""
    files: tuple[str, ...]
    contains: re.Pattern[bytes]
    anchor: re.Pattern[bytes]
    version: tuple[re.Pattern[bytes], ...]
    """Each gives a part of the version."""
    version_in: str
    """File that has the version, seen from the library's root; empty if it is the same one."""
    knows: Mapping[str, re.Pattern[bytes]]
    beside: Mapping[str, str]
    generic: re.Pattern[bytes] | None
    """What the file has where it serves every other machine."""
    since: Mapping[str, str]
    """Empty for a library that is only named: it is portable, or its own code says what is not."""
    source: str

    def home_of(self, path: str) -> str:
        """Return the home that `path` ends with; empty if the copy is laid out otherwise."""
        return next((one for one in self.homes if f"/{path}".endswith(f"/{one}")), "")

    def root(self, path: str) -> str:
        """Return the directory of the copy that the file at `path` belongs to."""
        home = self.home_of(path)
        return path[: -len(home)].rstrip("/") if home else path.rpartition("/")[0]

    def inside(self, path: str) -> str:
        """Return what paths of the copy begin with.

        Only what is surely its own: the file alone where it may have been put among the project's
        own, and the directory with the library's name where the library is laid out with one,
        since other libraries may be beside that.
        """
        home = self.home_of(path)
        first, slash, _ = home.partition("/")
        if not home or (not slash and home.endswith(HEADERS)):
            return path
        own = f"{first}/" if slash and first not in COMMON else ""
        return f"{path[: -len(home)]}{own}"

    def knows_of(self, data: bytes, siblings: Set[str]) -> frozenset[str]:
        """Return the architectures that a copy knows.

        Args:
            data: of the file that lists machines.
            siblings: names of the files in its directory.
        """
        if self.generic is not None and self.generic.search(data):
            return frozenset(self.since)
        known = {name for name, words in self.knows.items() if words.search(data)}
        return frozenset(known | {name for name, file in self.beside.items() if file in siblings})


@cache
def libraries() -> tuple[Library, ...]:
    """Return the libraries of `vendored.toml`."""
    text = files("duanban.inventory").joinpath("vendored.toml").read_text("utf-8")
    return tuple(
        Library(
            name=raw["name"],
            homes=_listed(raw["home"]),
            files=tuple(raw["files"]),
            contains=_compiled(raw["contains"]),
            anchor=_compiled(raw["anchor"]),
            version=tuple(map(_compiled, _listed(raw.get("version", [])))),
            version_in=raw.get("version_in", ""),
            knows={name: _compiled(words) for name, words in raw.get("knows", {}).items()},
            beside=raw.get("beside", {}),
            generic=_compiled(raw["generic"]) if "generic" in raw else None,
            since=raw.get("since", {}),
            source=raw["source"],
        )
        for raw in tomllib.loads(text)["copy"]
    )


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


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
    inside: str
    """What paths of the copy begin with; empty if the tree is the library itself."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if upstream's first version for the target is later than the copy."""
        architecture = target.architecture.name
        since = self.library.since.get(architecture)
        if since is None or architecture in self.knows:
            return None
        match = f"{self.library.name} {self.version}".rstrip()
        detail = "no version of it does yet" if since == "none" else f"upstream does since {since}"
        return make_finding(RULE, target, self.evidence, match=match, detail=detail)

    def is_mended(self, target: Target) -> bool:
        """Return whether a newer version would end what the copy lacks for the target."""
        architecture = target.architecture.name
        since = self.library.since.get(architecture, "none")
        return bool(self.inside) and since != "none" and architecture not in self.knows


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
                return _found(library, manifest, data, frozenset(siblings))
        return Inventory()


def _found(
    library: Library, manifest: Manifest, data: bytes, siblings: frozenset[str]
) -> Inventory:
    path, root = manifest.path, library.root(manifest.path)
    told = _version(library, data, root, manifest)
    purl = f"pkg:generic/{library.name}" + (f"@{told}" if told else "")
    is_itself = path in library.homes or path.removeprefix("src/") in library.homes
    found = () if is_itself else (Component(purl, ComponentState.EMBEDDED, (), path),)
    if not library.since:
        return Inventory(components=found)
    anchor = max(library.anchor.finditer(data), key=re.Match.start, default=None)
    line = data.count(b"\n", 0, anchor.start()) + 1 if anchor else 1
    text = data.splitlines()[line - 1] if data else b""
    evidence = Evidence(path, line=line, snippet=text.decode("utf-8", "replace").strip())
    known = library.knows_of(data, siblings)
    return Inventory(
        components=found,
        ties=(Copy(library, evidence, told, known, "" if is_itself else library.inside(path)),),
    )


def _version(library: Library, data: bytes, root: str, manifest: Manifest) -> str:
    place = f"{root}/{library.version_in}".lstrip("/")
    if library.version_in and place != manifest.path:
        data = manifest.other(place)
    parts = [found[1] for each in library.version if (found := each.search(data))]
    return b".".join(parts).decode("ascii", "replace")
