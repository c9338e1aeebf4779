"""Reads what Go modules are made of: go.mod, go.sum and vendor/modules.txt.

Formats: The Go Programming Language, "Go Modules Reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from duanban.inventory.edges import SYSTEM, Edges
from duanban.inventory.interface import Inventory, Manifest
from duanban.inventory.purls import make_purl
from duanban.model import Component, ComponentState

_MODULE = re.compile(r"(?P<path>[\w.~-]+(?:/[\w.~!+-]+)*)\s+(?P<version>v\d\S*)")
_BLOCK = re.compile(r"^(?P<verb>require|replace|exclude|retract|tool|ignore|godebug)\s*\(\s*$")


def go_purl(module: str, version: str = "") -> str:
    """Return the package URL of a Go module."""
    namespace, _, name = module.lower().rpartition("/")
    return make_purl("golang", name, version, namespace)


class GoModReader:
    """Reads `go.mod`, which lists all modules of the build since Go 1.17."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the modules, all as asked for by the system: the file names nobody else."""
        text = manifest.read().decode("utf-8", "replace")
        replaced = dict(_replacements(text))
        found, edges = [], Edges(manifest.path)
        for line in _lines(text, "require"):
            match = _MODULE.match(line)
            if match is None:
                continue
            module, version = replaced.get(match["path"], (match["path"], match["version"]))
            if not version:  # replaced by a directory of the tree
                continue
            purl = go_purl(module, version)
            found.append(Component(purl, ComponentState.LOCKED, path=manifest.path))
            edges.add(SYSTEM, purl)
        return Inventory(tuple(found), dependencies=edges.all())


def _lines(text: str, verb: str) -> Iterator[str]:
    """Yield what follows `verb`, on its line or in its block."""
    inside = ""
    for line in text.splitlines():
        stripped = line.strip()
        if inside:
            if stripped.startswith(")"):
                inside = ""
            elif inside == verb:
                yield stripped
        elif match := _BLOCK.match(stripped):
            inside = match["verb"]
        elif stripped.startswith(f"{verb} "):
            yield stripped.removeprefix(verb).strip()


def _replacements(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in _lines(text, "replace"):
        old, arrow, new = line.partition("=>")
        words, target = old.split(), new.split()
        if arrow and words and target:
            yield words[0], (target[0], target[1] if len(target) > 1 else "")


class GoSumReader:
    """Reads `go.sum` where there is no `go.mod` beside it, which tells more exactly."""

    def recognises(self, path: str) -> bool:
        """Return True: the registry has chosen it by its exact name."""
        return True

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the modules whose content, not only whose go.mod, has a sum."""
        if "go.mod" in siblings:
            return Inventory()
        found = []
        for line in manifest.read().decode("utf-8", "replace").splitlines():
            match = _MODULE.match(line)
            if match and not match["version"].endswith("/go.mod"):
                purl = go_purl(match["path"], match["version"])
                found.append(Component(purl, ComponentState.LOCKED, path=manifest.path))
        return Inventory(tuple(found))


class GoVendorReader:
    """Reads `vendor/modules.txt`: the modules whose source is in the tree."""

    def recognises(self, path: str) -> bool:
        """Return whether it stands in a vendor directory."""
        return path.endswith("vendor/modules.txt")

    def read(self, manifest: Manifest, siblings: Sequence[str]) -> Inventory:
        """Return the vendored modules; those without packages in the tree are left out."""
        found: list[Component] = []
        module: re.Match[str] | None = None
        for line in manifest.read().decode("utf-8", "replace").splitlines():
            if line.startswith("# "):
                text = line[2:]
                module = _MODULE.match(text.partition("=>")[2].strip()) or _MODULE.match(text)
            elif module is not None and line and not line.startswith("#"):
                purl = go_purl(module["path"], module["version"])
                found.append(Component(purl, ComponentState.EMBEDDED, path=manifest.path))
                module = None
        return Inventory(tuple(found))
